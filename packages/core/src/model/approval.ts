import type { ExpectedIdentity } from '../sigstore/match-identity.ts';

/**
 * The part of a policy that says whose approvals count, and for what. It must come from a place that the change under
 * judgement cannot write: a protected ref, or a file outside the checkout.
 */
export interface ApprovalPolicy {
  /** Every role must reach its threshold. At least one. */
  readonly roles: ReadonlyMap<string, ApprovalRole>;
  /** Seconds from the trusted time of signing until an approval is too old; undefined only by `maxAge: unlimited`. */
  readonly maxAgeSeconds: number | undefined;
  /** Digests of policies (lower-case hex sha256) under which an approval may have been given, besides the one in force. */
  readonly acceptPolicies: readonly string[];
  /** `https://github.com/owner/name`, which approvals must name; undefined only by `allowAnyRepository: true`. */
  readonly repository: string | undefined;
  /** Git refs that approvals may name (`refs/heads/main`); undefined: any. */
  readonly refs: readonly string[] | undefined;
  /** What an approval must match: the lockfile's bytes, or (weaker) the set of packages that it locks. */
  readonly subject: 'bytes' | 'package-set';
  /** Accepts signatures by a key for whose time nobody vouches; the time that the signer states counts then. */
  readonly allowUntimestamped: boolean;
}

export interface ApprovalRole {
  /** How many different approvers must have signed for this role; from 1 to the number of approvers. */
  readonly threshold: number;
  readonly approvers: readonly Approver[];
}

/** One person or machine, by everything that it signs with. Counts once, however many keys it has. */
export interface Approver {
  readonly name: string;
  /** Base64 SPKI DER. */
  readonly keys: readonly string[];
  readonly identities: readonly ExpectedIdentity[];
}
