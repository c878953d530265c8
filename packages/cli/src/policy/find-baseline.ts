import path from 'node:path';
import { FINDING_CODES, fromPurl, parseTrustedRoot, type Baseline, type TrustedRootMaterial } from '@lockseal/core';
import type { Policy } from '@lockseal/policy';
import { approvalsFileOf, lastApproved, type ApprovedState, type LastApproved } from '@lockseal/signer';
import { placeOf } from '../approval/place.ts';
import { readApprovals } from '../approval/read-approvals.ts';
import { readLockfileBytes } from '../io/find-lockfile.ts';
import { readBaseline } from './read-baseline.ts';

/** The state that change rules compare with, and why no later one is. */
export interface FoundBaseline {
  /** undefined: there is nothing to compare with. */
  readonly baseline: Baseline | undefined;
  readonly warnings: readonly string[];
}

/** Refused approvals that are told; more of them say nothing new. */
const MAX_TOLD = 3;

/**
 * The last state of the lockfile that the approvers of the policy approved; without one, the lockfile at `base`.
 * @throws LocksealError for approvals, or a ref, that cannot be read
 */
export async function findBaseline(
  file: string,
  from: { readonly policy: Policy; readonly base: string | undefined },
  run: { readonly trustedRoot: TrustedRootMaterial; readonly now: number },
): Promise<FoundBaseline> {
  const approved = await approvedBaseline(file, from.policy, run);
  if (approved.baseline !== undefined || from.base === undefined) return approved;
  return { ...approved, baseline: await readBaseline(from.base, file) };
}

/** The same, by a trusted root as read. @throws LocksealError ERR_TRUSTED_ROOT, too */
export async function findBaselineByRoot(
  file: string,
  from: { readonly policy: Policy; readonly base: string | undefined },
  { rootBytes, now }: { readonly rootBytes: Uint8Array; readonly now: number },
): Promise<FoundBaseline> {
  return findBaseline(file, from, { trustedRoot: parseTrustedRoot(rootBytes), now });
}

async function approvedBaseline(
  file: string,
  { approvals: policy }: Policy,
  { trustedRoot, now }: { readonly trustedRoot: TrustedRootMaterial; readonly now: number },
): Promise<FoundBaseline> {
  const place = await placeOf(file, await readLockfileBytes(file));
  const approvals = await readApprovals(place);
  const name = path.basename(approvalsFileOf(file));
  if (approvals.length === 0) return { baseline: undefined, warnings: [] };
  if (policy === undefined) {
    return { baseline: undefined, warnings: [`${name} is no baseline: the policy lists nobody who may approve.`] };
  }
  const { state, refused } = lastApproved({
    approvals,
    path: place.lockfile.path,
    policy,
    trustedRoot: () => trustedRoot,
    now: new Date(now),
  });
  const baseline = state && toBaseline(state, place.lockfile.path);
  return { baseline, warnings: refused.slice(0, MAX_TOLD).map((each) => warningOf(each, name)) };
}

function toBaseline({ approvals, packages }: ApprovedState, lockfile: string): Baseline {
  const [first] = approvals;
  const who = [...new Set(approvals.map(({ approver }) => approver))].join(', ');
  const when = (first?.trustedTime ?? first?.approvedAt ?? '').slice(0, 10);
  const versions = new Map<string, string[]>();
  for (const { purl } of packages) {
    const known = fromPurl(purl);
    if (known === undefined) continue;
    // What has no version (git, a local tarball) is there all the same.
    versions.set(known.name, [
      ...(versions.get(known.name) ?? []),
      ...(known.version === undefined ? [] : [known.version]),
    ]);
  }
  return { origin: `approval ${first?.sequence ?? ''} of ${lockfile}, by ${who}, ${when}`, versions };
}

/** An approval that does not hold is told of, because whoever wrote it meant it to be compared with. */
function warningOf({ code, line, found }: LastApproved['refused'][number], file: string): string {
  const where = line === undefined ? file : `${file}:${line}`;
  return `${where} is no baseline (${code}): ${FINDING_CODES[code].title}${found === undefined ? '' : ` Found: ${found}.`}`;
}
