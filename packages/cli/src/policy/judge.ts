import { LocksealError, type EntryId, type LockedPackage } from '@lockseal/core';
import { dependencyPaths } from '@lockseal/lockfile';
import { evaluate } from '@lockseal/policy';
import type { Report } from '@lockseal/report';
import type { VerifiedFile } from '../verify-file.ts';
import type { OpenedPolicy } from './open-policy.ts';

/** What the policy makes of a verified lockfile. */
export function judge(
  {
    lockfile,
    verification,
    warnings,
    evidencePack,
  }: Pick<VerifiedFile, 'lockfile' | 'verification' | 'warnings' | 'evidencePack'>,
  { policy, inForce, observations, warnings: about }: OpenedPolicy,
  run: { readonly version: string; readonly durationMs: number },
): Report {
  const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
  const describe = (id: EntryId): LockedPackage => {
    const entry = entries.get(id);
    if (entry === undefined)
      throw new LocksealError('ERR_INTERNAL', `evidence names an entry that is not locked: ${id}`);
    return entry;
  };
  const pathTo = dependencyPaths(lockfile);
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
