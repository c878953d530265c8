import type { ApprovalPolicy } from '@lockseal/core/approval';
import { failure } from './failure.ts';
import type { JudgedApproval } from './judge-approval.ts';
import type { ApprovalFailure, CountedApproval } from './types.ts';

export type Counting = Extract<JudgedApproval, { status: 'counts' }>;

export type Count =
  | { readonly status: 'enough'; readonly approvals: readonly CountedApproval[] }
  | { readonly status: 'short'; readonly failures: readonly ApprovalFailure[] };

/**
 * Whether each role has enough different approvers. Approvals count together only if they are of the same lockfile,
 * under the same policy and over the same evidence: two people who looked at different things have not agreed.
 */
export function countApprovers(approvals: readonly Counting[], { roles }: ApprovalPolicy): Count {
  const groups = Map.groupBy(approvals, ({ statement }) =>
    [statement.lockfile.sha512, statement.packageSet, statement.policy.sha256, statement.evidence].join('\n'),
  );
  const counts = [...groups.values()].map((group) => countGroup(group, roles));
  const enough = counts.find((count) => count.status === 'enough');
  if (enough !== undefined) return enough;
  if (groups.size > 1 && countGroup(approvals, roles).status === 'enough') {
    const found = approvals.map(({ counted }) => `${counted.approver} (line ${counted.line})`).join(', ');
    const expected = 'one lockfile, policy digest and evidence digest';
    return { status: 'short', failures: [failure('approvers-disagree', { expected, found })] };
  }
  // The fullest group tells best what is missing.
  const [best] = counts.toSorted((a, b) => a.failures.length - b.failures.length);
  return best ?? countGroup([], roles);
}

type GroupCount =
  | { readonly status: 'enough'; readonly approvals: readonly CountedApproval[]; readonly failures: readonly [] }
  | { readonly status: 'short'; readonly failures: readonly ApprovalFailure[] };

function countGroup(group: readonly Counting[], roles: ApprovalPolicy['roles']): GroupCount {
  const failures = [...roles].flatMap(([role, { threshold, approvers }]) => {
    const signed = group.filter(({ counted }) => counted.role === role).map(({ counted }) => counted.approver);
    const names = [...new Set(signed)];
    if (names.length >= threshold) return [];
    const expected = `${threshold} of ${approvers.map(({ name }) => name).join(', ')} for ${role}`;
    const found = names.length === 0 ? 'nobody' : names.join(', ');
    const fix = `Have it approved by ${threshold - names.length} more: \`lockseal approve --role ${role}\`.`;
    const missing = failure('approvers-too-few', { expected, found, fix });
    const repeated = failure('approver-repeated', {
      expected,
      found: `${names.join(', ')} (${signed.length} approvals)`,
    });
    return signed.length > names.length ? [repeated, missing] : [missing];
  });
  if (failures.length > 0) return { status: 'short', failures };
  return { status: 'enough', approvals: group.map(({ counted }) => counted), failures: [] };
}
