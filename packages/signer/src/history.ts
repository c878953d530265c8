import { createApprovers } from './enforce/approvers.ts';
import type { ApprovalPolicy, TrustedRootMaterial } from '@lockseal/core/approval';
import { parseLocksealStatement } from './statement/parse-statement.ts';
import type { ParsedApproval } from './statement/parse-approval.ts';
import type { StoredBundle } from './store/approvals-file.ts';

/** What approvers have said of one lockfile so far; everybody else's lines are passed over. */
export interface ApprovalHistory {
  /** By rising sequence, then by line. */
  readonly approvals: readonly PastApproval[];
  /** The highest sequence that was revoked; 0: none. */
  readonly revoked: number;
}

export interface PastApproval {
  readonly statement: ParsedApproval;
  readonly stored: StoredBundle;
  readonly approver: string;
}

/**
 * The genuine approvals and revocations of the lockfile at a path, whatever its state was.
 * @throws LocksealError as `enforceApproval`
 */
export function approvalHistory(
  lines: readonly StoredBundle[],
  path: string,
  policy: ApprovalPolicy,
  trustedRoot: () => TrustedRootMaterial,
): ApprovalHistory {
  const approvers = createApprovers(policy, trustedRoot);
  const approvals: PastApproval[] = [];
  let revoked = 0;
  for (const stored of lines) {
    const parsed = parseLocksealStatement(stored.payloadType, stored.payload);
    const statement =
      parsed.kind === 'approval' ? parsed.approval : parsed.kind === 'revocation' ? parsed.revocation : undefined;
    if (statement?.lockfile.path !== path) continue;
    const verdict = approvers.verifier.verify(stored.bundle);
    if (verdict.status === 'invalid') continue;
    const approver = approvers.find(verdict.signer, statement.role);
    if (approver.status !== 'found') continue;
    if (parsed.kind === 'approval') approvals.push({ statement: parsed.approval, stored, approver: approver.name });
    else revoked = Math.max(revoked, statement.sequence);
  }
  return { approvals: approvals.toSorted((a, b) => a.statement.sequence - b.statement.sequence), revoked };
}

/** What a new approval has to say of its place in the history. */
export interface Succession {
  readonly sequence: number;
  readonly previous: { readonly sha256: string; readonly sequence: number } | null;
}

/**
 * The sequence of a new approval. Approvers of one state share its number, so that their approvals count together and
 * the next state stands above all of them; what was revoked is never reached again.
 */
export function succeed(
  { approvals, revoked }: ApprovalHistory,
  state: { readonly sha512: string; readonly policy: string; readonly evidence: string },
): Succession {
  const last = approvals.at(-1)?.statement;
  if (last === undefined) return { sequence: revoked + 1, previous: null };
  const isSame =
    last.lockfile.sha512 === state.sha512 && last.policy.sha256 === state.policy && last.evidence === state.evidence;
  if (isSame && last.sequence > revoked) return { sequence: last.sequence, previous: last.previous };
  return {
    sequence: Math.max(last.sequence, revoked) + 1,
    previous: { sha256: last.digest, sequence: last.sequence },
  };
}
