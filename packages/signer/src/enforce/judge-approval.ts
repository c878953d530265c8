import type { BundleSigner, InvalidBundle, VerifiedApprovalBundle } from '@lockseal/core/approval';
import type { ParsedApproval } from '../statement/parse-approval.ts';
import type { Approvers } from './approvers.ts';
import { failure } from './failure.ts';
import type { Line } from './select-lines.ts';
import type { ApprovalFailure, CountedApproval, EnforceInput } from './types.ts';

/** Clocks of signers, logs and builds may differ by this much. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** One approval of this lockfile, held against every condition that it must meet by itself. */
export type JudgedApproval =
  | { readonly status: 'counts'; readonly counted: CountedApproval; readonly statement: ParsedApproval }
  | { readonly status: 'fails'; readonly failures: readonly ApprovalFailure[] };

/** What other lines of the files say about an approval. */
export interface Standing {
  /** The sequence below which nothing counts any more; 0: none. */
  readonly floor: number;
  /** The highest sequence that an approver took back, of what is enforced here. */
  readonly revoked: { readonly sequence: number; readonly reason: string } | undefined;
}

export function judgeApproval(
  { stored, statement }: Line<ParsedApproval>,
  input: EnforceInput,
  approvers: Approvers,
  standing: Standing,
): JudgedApproval {
  const { line } = stored;
  const verdict = approvers.verifier.verify(stored.bundle);
  if (verdict.status === 'invalid') return { status: 'fails', failures: [explainInvalid(verdict, line)] };
  const approver = approvers.find(verdict.signer, statement.role);
  if (approver.status !== 'found') {
    return { status: 'fails', failures: [explainSigner(approver.status, verdict.signer, statement.role, line)] };
  }
  const failures = [
    ...checkBinding(statement, input, line),
    ...checkTime(statement, verdict, input, line),
    ...checkStanding(statement, standing, line),
  ];
  if (failures.length > 0) return { status: 'fails', failures };
  return { status: 'counts', counted: count(statement, verdict, approver.name, line), statement };
}

/** Why a bundle is not to be believed, in terms of what an approver or a thief may have done. */
export function explainInvalid({ fault, reason }: InvalidBundle, line: number): ApprovalFailure {
  if (fault === 'signature' || fault === 'log-entry') {
    return failure('approval-signature-invalid', { line, found: reason });
  }
  if (fault === 'key') {
    return failure('approval-signer-unknown', { line, found: reason, expected: 'a key that the policy lists' });
  }
  return failure('approval-bundle-invalid', { line, found: reason });
}

export function explainSigner(
  status: 'unknown' | 'other-role',
  signer: BundleSigner,
  role: string,
  line: number,
): ApprovalFailure {
  const found = describeSigner(signer);
  if (status === 'unknown')
    return failure('approval-signer-unknown', { line, found, expected: 'an approver in the policy' });
  return failure('approval-role-unfit', { line, found, expected: `an approver of the role ${role}` });
}

export function describeSigner(signer: BundleSigner): string {
  return signer.kind === 'key' ? signer.keyid : `${signer.identity.san} (${signer.identity.issuer})`;
}

function checkBinding(statement: ParsedApproval, input: EnforceInput, line: number): ApprovalFailure[] {
  const { policy, policyDigest, context, lockfile } = input;
  const { repository, ref } = statement.source;
  const failures: ApprovalFailure[] = [];
  if (statement.lockfile.path !== lockfile.path) {
    failures.push(failure('approval-other-path', { line, expected: lockfile.path, found: statement.lockfile.path }));
  }
  const here = [policy.repository, context.repository].find((each) => each !== undefined && each !== repository);
  if (here !== undefined) {
    failures.push(failure('approval-other-repository', { line, expected: here, found: repository ?? 'none' }));
  }
  const refs = policy.refs ?? (context.ref === undefined ? undefined : [context.ref]);
  if (refs !== undefined && !refs.includes(ref ?? '')) {
    failures.push(failure('approval-other-ref', { line, expected: refs.join(', '), found: ref ?? 'none' }));
  }
  const { sha256 } = statement.policy;
  if (sha256 !== policyDigest && !policy.acceptPolicies.includes(sha256)) {
    const expected = policyDigest ?? (policy.acceptPolicies.join(', ') || 'a digest in acceptPolicies');
    failures.push(failure('approval-other-policy', { line, expected, found: sha256 }));
  }
  return failures;
}

/** The times that others vouch for outweigh what the signer says; the earliest of them makes the age. */
function checkTime(
  statement: ParsedApproval,
  { timestamps: [trusted] }: VerifiedApprovalBundle,
  { policy, now }: EnforceInput,
  line: number,
): ApprovalFailure[] {
  const failures: ApprovalFailure[] = [];
  if (trusted === undefined && !policy.allowUntimestamped) failures.push(failure('approval-untimestamped', { line }));
  const signed = trusted === undefined ? statement.approvedAt : new Date(trusted);
  const latest = new Date(Math.max(signed.getTime(), statement.approvedAt.getTime()));
  if (latest.getTime() > now.getTime() + CLOCK_SKEW_MS) {
    const details = { line, expected: `at most ${now.toISOString()}`, found: latest.toISOString() };
    failures.push(failure('approval-from-future', details));
  }
  if (now >= statement.expiresAt) {
    failures.push(failure('approval-expired', { line, expected: 'later', found: statement.expiresAt.toISOString() }));
  }
  const { maxAgeSeconds } = policy;
  const age = (now.getTime() - signed.getTime()) / 1000;
  if (maxAgeSeconds !== undefined && age > maxAgeSeconds) {
    const found = `${Math.round(age)} seconds, signed ${signed.toISOString()}`;
    failures.push(failure('approval-too-old', { line, expected: `at most ${maxAgeSeconds} seconds`, found }));
  }
  return failures;
}

function checkStanding(statement: ParsedApproval, { floor, revoked }: Standing, line: number): ApprovalFailure[] {
  const failures: ApprovalFailure[] = [];
  const { sequence } = statement;
  if (sequence < floor) {
    failures.push(
      failure('approval-replayed', { line, expected: `sequence ${floor} or higher`, found: `${sequence}` }),
    );
  }
  if (revoked !== undefined && sequence <= revoked.sequence) {
    const found = revoked.reason === '' ? 'without a reason' : revoked.reason;
    failures.push(failure('approval-revoked', { line, expected: `sequence above ${revoked.sequence}`, found }));
  }
  return failures;
}

function count(
  statement: ParsedApproval,
  { signer, timestamps }: VerifiedApprovalBundle,
  approver: string,
  line: number,
): CountedApproval {
  return {
    line,
    digest: statement.digest,
    approver,
    role: statement.role,
    sequence: statement.sequence,
    trustedTime: timestamps[0],
    approvedAt: statement.approvedAt.toISOString(),
    expiresAt: statement.expiresAt.toISOString(),
    ...(statement.signedDigests === 0 ? {} : { signedDigests: statement.signedDigests }),
    signer: describeSigner(signer),
  };
}
