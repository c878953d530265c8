import { LocksealError, type EntryId, type EntryOutline, type Verification } from '@lockseal/core';
import { evaluate } from '@lockseal/policy';
import type { Report } from '@lockseal/report';
import type { OpenedPolicy } from './open-policy.ts';

/** As much of a verified lockfile as judging takes. */
export interface Judgeable {
  readonly entries: readonly EntryOutline[];
  /** From an importer to an entry; undefined: nothing leads there. */
  readonly pathTo: (entry: EntryId) => readonly string[] | undefined;
  readonly verification: Verification;
  readonly warnings: readonly string[];
  readonly evidencePack?: Report['evidencePack'];
}

export interface JudgedRun {
  readonly version: string;
  readonly durationMs: number;
}

/** What the policy makes of the entries of a verified lockfile. */
export function judgeOutlines(
  { entries: outlines, pathTo, verification, warnings, evidencePack }: Judgeable,
  { policy, inForce, observations, warnings: about }: OpenedPolicy,
  run: JudgedRun,
): Report {
  const entries = new Map(outlines.map((entry) => [entry.id, entry]));
  const describe = (id: EntryId): EntryOutline => {
    const entry = entries.get(id);
    if (entry === undefined)
      throw new LocksealError('ERR_INTERNAL', `evidence names an entry that is not locked: ${id}`);
    return entry;
  };
  return {
    tool: { name: 'lockseal', version: run.version },
    verification,
    ...evaluate(verification, policy, { describe, pathTo, observations }),
    warnings: [...about, ...warnings],
    policy: inForce,
    evidencePack,
    durationMs: run.durationMs,
    locate: (id) => ({ position: entries.get(id)?.position, path: pathTo(id) }),
  };
}
