import { createApprovers } from './approvers.ts';
import { countApprovers } from './count-approvers.ts';
import { failure } from './failure.ts';
import { judgeApproval } from './judge-approval.ts';
import { selectLines, type SelectedLines } from './select-lines.ts';
import { standingOf } from './standing.ts';
import { isAbout, subjectOf } from './subject.ts';
import type { ApprovalFailure, EnforceInput, EnforceVerdict } from './types.ts';

/**
 * Decides whether the lockfile at hand is one that the right people approved. Pure: no clock, no file, no connection.
 * Every condition that does not hold is listed, not only the first.
 * @throws LocksealError ERR_KEYS, ERR_CONFIG for a policy that cannot be used; whatever `trustedRoot` throws
 */
export function enforceApproval(input: EnforceInput): EnforceVerdict {
  const subject = subjectOf(input);
  const approvers = createApprovers(input.policy, input.trustedRoot);
  const lines = selectLines(input.approvals, subject);
  const baseline = input.baseline === undefined ? undefined : selectLines(input.baseline, subject);
  const matching = lines.approvals.filter(({ statement }) => isAbout(statement, input));
  const standing = standingOf(input, approvers, lines, baseline);
  const judged = matching.map((line) => judgeApproval(line, input, approvers, standing));
  const count = countApprovers(
    judged.filter((each) => each.status === 'counts'),
    input.policy,
  );
  const rejected = [...lines.malformed, ...judged.flatMap((each) => (each.status === 'fails' ? each.failures : []))];
  const around = checkSurroundings(input);
  if (count.status === 'enough' && around.length === 0) {
    return { approved: true, approvals: count.approvals, remarks: sorted(rejected) };
  }
  const short = count.status === 'enough' ? [] : count.failures;
  const absent = matching.length === 0 ? explainAbsence(lines, input) : short;
  return { approved: false, failures: [...sorted(rejected), ...absent, ...around] };
}

function explainAbsence(
  { others, approvals }: SelectedLines,
  { policy, lockfile, packageSet }: EnforceInput,
): ApprovalFailure[] {
  const stored = [...approvals.map((line) => line.stored), ...others].toSorted((a, b) => a.line - b.line);
  if (stored.length === 0) return [failure('approval-missing', { found: `no approval of ${lockfile.path}` })];
  const found = `${stored.length} lines about other states, the last one ${stored.at(-1)?.line}`;
  switch (policy.subject) {
    case 'bytes':
      return [failure('approval-other-lockfile', { expected: `sha256 ${lockfile.sha256}`, found })];
    case 'package-set':
      return [failure('approval-other-package-set', { expected: `sha256 ${packageSet}`, found })];
  }
}

function checkSurroundings({ surroundings, lockfile }: EnforceInput): ApprovalFailure[] {
  return [
    ...surroundings.shadowing.map((found) => failure('shadowing-lockfile', { expected: lockfile.path, found })),
    ...surroundings.bypasses.map(({ file, setting }) =>
      failure('installer-bypass', { found: `${setting} in ${file}`, fix: `Remove \`${setting}\` from ${file}.` }),
    ),
  ];
}

function sorted(failures: readonly ApprovalFailure[]): readonly ApprovalFailure[] {
  return failures.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}
