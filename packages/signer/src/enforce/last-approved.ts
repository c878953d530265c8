import type { ApprovalPolicy, TrustedRootMaterial } from '@lockseal/core';
import { readApprovedPackages } from '../statement/approved-package-rows.ts';
import type { ParsedApproval } from '../statement/parse-approval.ts';
import { parseLocksealStatement } from '../statement/parse-statement.ts';
import type { ApprovedPackage } from '../statement/types.ts';
import type { StoredBundle } from '../store/approvals-file.ts';
import { createApprovers, type Approvers } from './approvers.ts';
import { enforceApproval } from './enforce-approval.ts';
import { explainInvalid, explainSigner } from './judge-approval.ts';
import type { Line } from './select-lines.ts';
import type { ApprovalFailure, CountedApproval } from './types.ts';

/** States that are tried, from the last one back. */
const MAX_STATES = 64;

export interface LastApprovedInput {
  /** The file of approvals beside the lockfile. */
  readonly approvals: readonly StoredBundle[];
  /** Of the lockfile, within the repository. */
  readonly path: string;
  readonly policy: ApprovalPolicy;
  readonly trustedRoot: () => TrustedRootMaterial;
  readonly now: Date;
}

/** The last state of a lockfile that the right people approved, and why later ones are none. */
export interface LastApproved {
  readonly state: ApprovedState | undefined;
  /** What is wrong with approvals that stand above that state, or with all of them; the latest first. */
  readonly refused: readonly ApprovalFailure[];
}

export interface ApprovedState {
  /** Those that count together: enough for every role. */
  readonly approvals: readonly CountedApproval[];
  readonly packages: readonly ApprovedPackage[];
}

/**
 * The state of a lockfile, whatever its bytes are now, that `enforce` would have let pass at some moment up to now: signed
 * by approvers of the policy, enough of them, for this path and repository, and not taken back. That an approval has
 * expired since, or was given under another policy, does not undo that people looked at the state.
 * @throws LocksealError as `enforceApproval`; ERR_STATEMENT where an approver signed packages that are not the set
 */
export function lastApproved(input: LastApprovedInput): LastApproved {
  const approvers = createApprovers(input.policy, input.trustedRoot);
  const lines = linesOf(input);
  const genuine = lines.filter((line) => faultOf(line, approvers) === undefined);
  const refused: ApprovalFailure[] = [];
  for (const [last, ...others] of statesOf(genuine)) {
    if (last === undefined) continue;
    const verdict = enforceThen([last, ...others], genuine, input);
    if (!verdict.approved) {
      refused.push(...verdict.failures);
      continue;
    }
    const strangers = lines.filter(({ statement }) => statement.sequence > last.statement.sequence);
    const packages = readApprovedPackages(last.stored.payload);
    return {
      state: { approvals: verdict.approvals, packages },
      refused: [...faultsOf(strangers, approvers), ...refused],
    };
  }
  return { state: undefined, refused: [...faultsOf(lines, approvers), ...refused] };
}

/** The approvals of the lockfile at this path, by anybody; the highest sequence first. */
function linesOf({ approvals, path }: LastApprovedInput): readonly Line<ParsedApproval>[] {
  const lines = approvals.flatMap((stored) => {
    const parsed = parseLocksealStatement(stored.payloadType, stored.payload);
    return parsed.kind === 'approval' && parsed.approval.lockfile.path === path
      ? [{ stored, statement: parsed.approval }]
      : [];
  });
  return lines.toSorted((a, b) => b.statement.sequence - a.statement.sequence || b.stored.line - a.stored.line);
}

/** Approvals that may count together, as `enforce` groups them; the last state first. */
function statesOf(lines: readonly Line<ParsedApproval>[]): readonly (readonly Line<ParsedApproval>[])[] {
  const states = Map.groupBy(lines, ({ statement }) =>
    [statement.lockfile.sha512, statement.packageSet, statement.policy.sha256, statement.evidence].join('\n'),
  );
  return [...states.values()].slice(0, MAX_STATES);
}

/**
 * As `enforce` decided when the state was the last one: nothing above it, its own policy in force, at the last moment at
 * which all its approvals held.
 */
function enforceThen(
  state: readonly Line<ParsedApproval>[],
  genuine: readonly Line<ParsedApproval>[],
  { approvals, policy, trustedRoot, now }: LastApprovedInput,
): ReturnType<typeof enforceApproval> {
  const [last] = state.map(({ statement }) => statement);
  if (last === undefined) return { approved: false, failures: [] };
  const later = new Set(
    genuine.filter(({ statement }) => statement.sequence > last.sequence).map(({ stored }) => stored.line),
  );
  const held = Math.min(...state.map(({ statement }) => statement.expiresAt.getTime() - 1), now.getTime());
  return enforceApproval({
    lockfile: last.lockfile,
    packageSet: last.packageSet,
    approvals: approvals.filter(({ line }) => !later.has(line)),
    baseline: undefined,
    policy: { ...policy, maxAgeSeconds: undefined },
    policyDigest: last.policy.sha256,
    trustedRoot,
    now: new Date(held),
    context: { repository: undefined, ref: undefined },
    surroundings: { shadowing: [], bypasses: [] },
  });
}

function faultsOf(lines: readonly Line<ParsedApproval>[], approvers: Approvers): readonly ApprovalFailure[] {
  return lines.flatMap((line) => faultOf(line, approvers) ?? []);
}

/** Why a line is not the word of an approver. */
function faultOf({ stored, statement }: Line<ParsedApproval>, approvers: Approvers): ApprovalFailure | undefined {
  const verdict = approvers.verifier.verify(stored.bundle);
  if (verdict.status === 'invalid') return explainInvalid(verdict, stored.line);
  const approver = approvers.find(verdict.signer, statement.role);
  if (approver.status === 'found') return undefined;
  return explainSigner(approver.status, verdict.signer, statement.role, stored.line);
}
