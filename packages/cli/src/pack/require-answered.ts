import { LocksealError } from '@lockseal/core';
import type { Evidence } from '../evidence/open-evidence.ts';

/** More than that are counted, not named. */
const MAX_NAMED = 5;

/**
 * A verification out of a pack is the whole of it or none: what a pack should hold and does not was taken out of it, or
 * it was made for something else.
 * @throws LocksealError ERR_EVIDENCE_MISSING, ERR_EVIDENCE_PACK, ERR_EVIDENCE_UNPINNED
 */
export function requireAnswered(pack: Evidence['pack']): void {
  const faults = pack?.source.faults ?? [];
  const [first, ...others] = faults;
  if (first === undefined) return;
  const more = others.length + 1 - MAX_NAMED;
  const named = others.slice(0, MAX_NAMED - 1).map(({ reason }) => reason);
  throw new LocksealError(first.error, `${first.reason.charAt(0).toUpperCase()}${first.reason.slice(1)}.`, {
    ...(named.length > 0 && { found: `also: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}` }),
    hint: HINTS.get(first.error),
  });
}

const HINTS: ReadonlyMap<string, string> = new Map([
  [
    'ERR_EVIDENCE_MISSING',
    'Make the pack for this lockfile, with the same options and policy: `lockseal evidence pack`.',
  ],
  ['ERR_EVIDENCE_PACK', 'Get the pack again from where it was made, and compare its digest.'],
  [
    'ERR_EVIDENCE_UNPINNED',
    'Give --evidence-digest=sha256:…, as `lockseal evidence pack` printed it or an approval names it.',
  ],
]);
