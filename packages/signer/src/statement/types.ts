import type { CarriedOrigin, FindingCode, Grade, Json, LockfileFormat, PackageSetEntry } from '@lockseal/core';

/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const APPROVAL_PREDICATE = 'https://lockseal.dev/attestation/approved-lockfile/v1';
export const REVOCATION_PREDICATE = 'https://lockseal.dev/attestation/revoked-lockfile/v1';
export const RELEASE_PREDICATE = 'https://lockseal.dev/attestation/release/v1';
/** https://slsa.dev/spec/v1.1/verification_summary */
export const VSA_PREDICATE = 'https://slsa.dev/verification_summary/v1';
/** The one source of a signed digest; a reader refuses others. */
export const REGISTRY_SIGNATURE = 'registry-signature';
/** Name of the second subject of an approval: the package set. */
export const PACKAGE_SET_SUBJECT = 'package-set';

/** A lockfile by its bytes. The path is relative to the repository's root, with forward slashes. */
export interface LockfileDigests {
  readonly path: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly sha512: string;
}

/** Where the lockfile lay when it was approved; null where it was in no repository or nobody said. */
export interface SourceBinding {
  readonly repository: string | null;
  readonly ref: string | null;
  readonly commit: string | null;
}

/** An artifact of the package set with what was found out about it. */
export interface ApprovedPackage extends PackageSetEntry {
  readonly grade: Grade;
  /** Who built it, in short; absent where no provenance tells. */
  readonly identity?: ApprovedIdentity;
  /** Install scripts that were there when it was approved; absent where its tarball was not read. */
  readonly scripts?: readonly string[];
  /** Nobody looked at it again: index into the `origins` of what is carried. */
  readonly carried?: number;
  /** Only beside a null `digest`, of which it is never a part: the lockfile does not say it. */
  readonly signedDigest?: ApprovedSignedDigest;
}

/** What an approval binds a package to whose bytes the lockfile does not bind. */
export interface ApprovedSignedDigest {
  /** Lower-case hex, of the tarball as served. */
  readonly sha512: string;
  /** Who said it when it was approved: the signature of the registry over name, version and this digest. */
  readonly source: typeof REGISTRY_SIGNATURE;
}

/** What a later approval needs to know of a package so as to carry it forward. */
export interface PackageRecord {
  readonly requires: ApprovedRequirements;
  /** How the project comes to it, in words (`reachTexts`); absent: `prod`. */
  readonly reach?: readonly string[];
}

/** Members of a manifest; empty ones are left out. */
export interface ApprovedRequirements {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalPeers?: readonly string[];
  readonly bundleDependencies?: readonly string[];
  readonly usesGyp?: true;
}

/** As it stands in a statement: `identity` is an index into the list of identities. */
export interface StatedPackage extends Omit<ApprovedPackage, 'identity'> {
  readonly identity?: number;
}

export interface ApprovedIdentity {
  readonly issuer: string;
  readonly repository: string | null;
  readonly workflow: string | null;
}

/** A finding that was allowed to stand, or a waiver by which one did. Texts may be untrusted. */
export interface AcceptedFinding {
  readonly code: FindingCode;
  /** `name@version`, `lockfile`, or an importer's path. */
  readonly subject: string;
  readonly level: 'error' | 'warn' | 'note';
}

export interface UsedWaiver {
  readonly code: string;
  readonly subject: string;
  readonly reason: string;
  /** ISO 8601, or null: for good. */
  readonly expires: string | null;
}

/** The approval that this one was compared with, by the sha256 of its payload. */
export interface PreviousApproval {
  readonly sha256: string;
  readonly sequence: number;
}

/** What was not looked at again, because an earlier approval covers it. */
export interface CarriedForward {
  /** The approval that was relied on. */
  readonly from: PreviousApproval;
  /** How many; those that name one of the origins. */
  readonly packages: number;
  /** The approvals for which they were last looked at. */
  readonly origins: readonly CarriedOrigin[];
}

/** The predicate of an approval, member by member as in docs/statement-format.md. */
export interface ApprovalPredicate {
  readonly lockfile: { readonly path: string; readonly format: LockfileFormat; readonly formatVersion: string };
  readonly counts: { readonly entries: number; readonly grades: Readonly<Record<Grade, number>> };
  readonly packageSet: {
    readonly type: string;
    readonly packages: readonly StatedPackage[];
    /** Each once: most packages of a scope are built by the same workflow. Absent: nobody is known. */
    readonly identities?: readonly ApprovedIdentity[];
    /** See `encodeRecords`; one for each package, in their order. */
    readonly records?: string;
  };
  /** `demands`: what it demands of packages, so that a later policy can be compared with it. */
  readonly policy: { readonly name: string; readonly digest: { readonly sha256: string }; readonly demands?: Json };
  readonly waivers: readonly UsedWaiver[];
  readonly findings: readonly AcceptedFinding[];
  readonly verifier: { readonly id: string; readonly version: string };
  readonly trustedRoot: { readonly digest: { readonly sha256: string } };
  /** The registry keys that were known before any registry was asked. */
  readonly registryKeys?: { readonly digest: { readonly sha256: string } };
  /** `digest`: of what was found out. `pack`: content address of the evidence pack that it was found in. */
  readonly evidence: {
    readonly digest: { readonly sha256: string };
    readonly pack?: { readonly digest: { readonly sha256: string } };
  };
  readonly approvedAt: string;
  readonly expiresAt: string;
  /** From 1; rises by one with each state of the lockfile that is approved. */
  readonly sequence: number;
  readonly previous: PreviousApproval | null;
  readonly carried: CarriedForward | null;
  /** How many packages have a `signedDigest`; absent: none. */
  readonly signedDigests?: number;
  readonly source: SourceBinding;
  readonly approver: { readonly role: string; readonly comment: string };
}

/** A subject of a statement: lower-case hex digests by algorithm. */
export interface StatementSubject {
  readonly name: string;
  readonly digest: Readonly<Record<string, string>>;
}

/** An in-toto Statement, ready to be signed. */
export interface InTotoStatement<Predicate> {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly StatementSubject[];
  readonly predicateType: string;
  readonly predicate: Predicate;
}

export type ApprovalStatement = InTotoStatement<ApprovalPredicate>;
