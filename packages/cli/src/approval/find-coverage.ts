import { createHash } from 'node:crypto';
import { canonicalize, type Json, type RegistryKey } from '@lockseal/core';
import { areNoStronger, demandsOf } from '@lockseal/policy';
import { coverageOf, type Coverage } from '@lockseal/signer';
import type { RawArgs } from '../args.ts';
import type { Evidence } from '../evidence/open-evidence.ts';
import type { Console } from '../io/console.ts';
import { readLockfileBytes } from '../io/find-lockfile.ts';
import { readVersion } from '../io/version.ts';
import type { OpenedPolicy } from '../policy/open-policy.ts';
import { describeSource } from './describe-source.ts';
import { placeOf } from './place.ts';
import { readApprovals } from './read-approvals.ts';

/** What the last valid approval of a lockfile covers under the policy and the trust material of this run. */
export async function findCoverage(
  file: string,
  { policy }: OpenedPolicy,
  evidence: Evidence,
  { raw, console }: { readonly raw: RawArgs; readonly console: Console },
): Promise<Coverage> {
  const place = await placeOf(file, await readLockfileBytes(file));
  if (policy.approvals === undefined) return { status: 'none', reason: 'the policy lists nobody who may approve' };
  const demands = demandsOf(policy);
  return coverageOf({
    approvals: await readApprovals(place),
    path: place.lockfile.path,
    policy: policy.approvals,
    trustedRoot: () => evidence.trustedRoot,
    now: new Date(console.now()),
    repository: (await describeSource(raw, place, console)).repository,
    trustedRoot256: evidence.trust.sha256,
    registryKeys: digestOfKeys(evidence.keys),
    lockseal: await readVersion(),
    areNoStronger: (recorded) => areNoStronger(demands, recorded),
  });
}

/** Lower-case hex sha256 of registry keys with their usages and validity, whatever their order and origin. */
export function digestOfKeys(keys: readonly RegistryKey[]): string {
  const rows = keys.map(({ keyid, usages, spki, validFrom, validUntil }) =>
    canonicalize({
      keyid,
      usages: usages.toSorted(),
      spki,
      validFrom: validFrom ?? null,
      validUntil: validUntil ?? null,
    } satisfies Json),
  );
  return createHash('sha256').update(rows.sort().join('\n')).digest('hex');
}
