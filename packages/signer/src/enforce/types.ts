import type { ApprovalPolicy, FindingCode, TrustedRootMaterial } from '@lockseal/core/approval';
import type { StoredBundle } from '../store/approvals-file.ts';
import type { LockfileDigests } from '../statement/types.ts';

/** Everything that decides whether a lockfile is approved; plain data, so that the decision can be repeated. */
export interface EnforceInput {
  readonly lockfile: LockfileDigests;
  /** Lower-case hex sha256 of the lockfile's package set; needed where the policy says `subject: package-set`. */
  readonly packageSet: string | undefined;
  /** The file of approvals beside the lockfile. */
  readonly approvals: readonly StoredBundle[];
  /** The file of approvals as it was in a place that nobody can have rolled back; undefined: there is no baseline. */
  readonly baseline: readonly StoredBundle[] | undefined;
  readonly policy: ApprovalPolicy;
  /** Lower-case hex sha256 of the policy file in force. */
  readonly policyDigest: string | undefined;
  /** Called at most once, and only where a bundle has a certificate, a log entry or a timestamp. */
  readonly trustedRoot: () => TrustedRootMaterial;
  readonly now: Date;
  readonly context: EnforceContext;
  readonly surroundings: Surroundings;
}

/** Where enforcement takes place, as far as that is known; what is known must agree with the approval. */
export interface EnforceContext {
  readonly repository: string | undefined;
  readonly ref: string | undefined;
}

/** What else lies beside the lockfile and could make a package manager read or heed something else. */
export interface Surroundings {
  /** File names of other lockfiles. */
  readonly shadowing: readonly string[];
  readonly bypasses: readonly { readonly file: string; readonly setting: string }[];
}

/** One condition that does not hold. */
export interface ApprovalFailure {
  readonly code: FindingCode;
  /** Line of the file of approvals; undefined where it is about the whole. */
  readonly line: number | undefined;
  readonly expected: string | undefined;
  readonly found: string | undefined;
  /** What to do or type. */
  readonly fix: string;
}

/** An approval that meets every condition of its own. */
export interface CountedApproval {
  readonly line: number;
  /** Lower-case hex sha256 of the payload. */
  readonly digest: string;
  readonly approver: string;
  readonly role: string;
  readonly sequence: number;
  /** ISO 8601; undefined where nobody vouches for it. */
  readonly trustedTime: string | undefined;
  readonly approvedAt: string;
  readonly expiresAt: string;
  /** Packages that nothing in the lockfile binds, and the approval binds to what the registry signed; absent: none. */
  readonly signedDigests?: number;
  /** Key hint, or SAN of the certificate. */
  readonly signer: string;
}

export type EnforceVerdict =
  | {
      readonly approved: true;
      readonly approvals: readonly CountedApproval[];
      /** What was wrong with other approvals; nobody relied on them. */
      readonly remarks: readonly ApprovalFailure[];
    }
  | { readonly approved: false; readonly failures: readonly ApprovalFailure[] };
