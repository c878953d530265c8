import type { LockfileDigests } from '../statement/types.ts';
import { createApprovers } from './approvers.ts';
import { enforceApproval } from './enforce-approval.ts';
import { failure } from './failure.ts';
import { describeSigner, explainInvalid, explainSigner } from './judge-approval.ts';
import { selectLines } from './select-lines.ts';
import type { ApprovalFailure, EnforceInput, EnforceVerdict } from './types.ts';

/**
 * Decides whether an artifact was released from the lockfile at hand: the lockfile is approved, and an approver signed
 * that this artifact was built from it.
 */
export function enforceArtifact(input: EnforceInput, artifact: LockfileDigests): EnforceVerdict {
  const verdict = enforceApproval(input);
  if (!verdict.approved) return verdict;
  const { released, failures } = findRelease(input, artifact);
  if (released) return { ...verdict, remarks: [...verdict.remarks, ...failures] };
  const expected = `a release of sha256 ${artifact.sha256} from ${input.lockfile.path}`;
  const fix = `Sign it: \`lockseal approve --release ${artifact.path}\`; or find out where it comes from.`;
  return { approved: false, failures: [...failures, failure('artifact-not-released', { expected, fix })] };
}

function findRelease(
  input: EnforceInput,
  artifact: LockfileDigests,
): { readonly released: boolean; readonly failures: readonly ApprovalFailure[] } {
  const approvers = createApprovers(input.policy, input.trustedRoot);
  const failures: ApprovalFailure[] = [];
  for (const { stored, statement } of selectLines(input.approvals, artifact.sha512).releases) {
    const { line } = stored;
    const names = statement.artifacts.some(
      (each) => each.sha256 === artifact.sha256 && each.sha512 === artifact.sha512,
    );
    if (!names) continue;
    const verdict = approvers.verifier.verify(stored.bundle);
    if (verdict.status === 'invalid') {
      failures.push(explainInvalid(verdict, line));
      continue;
    }
    const approver = approvers.find(verdict.signer, statement.role);
    const { repository } = input.policy;
    if (approver.status !== 'found')
      failures.push(explainSigner(approver.status, verdict.signer, statement.role, line));
    else if (statement.lockfile.sha512 !== input.lockfile.sha512) {
      const found = `a release from sha256 ${statement.lockfile.sha256}, by ${describeSigner(verdict.signer)}`;
      failures.push(failure('approval-other-lockfile', { line, expected: `sha256 ${input.lockfile.sha256}`, found }));
    } else if (repository !== undefined && statement.source.repository !== repository) {
      const found = statement.source.repository ?? 'none';
      failures.push(failure('approval-other-repository', { line, expected: repository, found }));
    } else return { released: true, failures };
  }
  return { released: false, failures };
}
