import semver from 'semver';
import type { FindingCode } from '../finding-codes.ts';
import type { LockedPackage } from '../model/lockfile.ts';
import { toSpec } from '../package-id.ts';
import type { EdgeContext } from './context.ts';

/** Why a target is no answer to a specifier. */
export interface Objection {
  readonly code: FindingCode;
  readonly found: string;
  readonly detail?: string | undefined;
}

/**
 * pnpm, vlt and Deno write down which package an edge leads to, so another one there is a forged edge. In npm and
 * bun the place, in Yarn the descriptor says it, so another package there is filed under a wrong name.
 */
export function otherName({ lockfile }: EdgeContext): FindingCode {
  switch (lockfile.format) {
    case 'pnpm':
    case 'vlt':
    case 'deno':
      return 'edge-forged';
    case 'npm':
    case 'bun':
    case 'yarn-classic':
    case 'yarn-berry':
      return 'name-mismatch';
  }
}

/** As npm, pnpm and Yarn pick versions: loose ranges, prereleases only where the range names one or is '*'. */
export function satisfies(version: string | undefined, range: string): boolean {
  if (version === undefined) return false;
  if (range === '*' || range === 'x' || range === version) return true;
  return semver.satisfies(version, range, true);
}

/** The entry in a few words, with where it comes from unless that is a registry. */
export function describe(entry: LockedPackage): string {
  const spec = toSpec(entry.name, entry.version);
  return entry.source.type === 'registry' ? spec : `${spec} (${entry.source.type})`;
}
