import process from 'node:process';

/** `npm run test:hardening` sets it: then whole tables run, and else a part of them that everybody can wait for. */
const THOROUGH: boolean = process.env['LOCKSEAL_THOROUGH'] !== undefined;

/** The first `count` of a list, or all of it in a thorough run. */
export function some<T>(list: readonly T[], count: number): readonly T[] {
  return THOROUGH ? list : list.slice(0, count);
}

/** How often a property is tried. */
export function runs(quick: number, thorough: number): number {
  return THOROUGH ? thorough : quick;
}
