import type { ErrorCode } from '../errors.ts';
import type { FindingCode } from '../finding-codes.ts';
import type { Identity } from './identity.ts';
import type { EntryClass, EntryId, LockfileFormat } from './lockfile.ts';
import type { Position } from './position.ts';
import type { Change, HistoryFacts, InstallScripts, PublishedFacts, Reach, TarballShape } from './published.ts';

/**
 * One fact that a policy may object to. It carries no opinion: its level comes from the policy, and `expected` and
 * `found` are what was compared (untrusted text; printers strip control characters).
 */
export interface Observation {
  readonly code: FindingCode;
  /** The entry it is about; undefined for the lockfile or an importer. */
  readonly entry?: EntryId | undefined;
  readonly importer?: string | undefined;
  /** The dependency (edge name) it is about. */
  readonly dependency?: string | undefined;
  readonly position?: Position | undefined;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  /** One sentence more, where code, expected and found do not say it all. */
  readonly detail?: string | undefined;
}

/** How one check ended. `unavailable` is "could not look"; `absent` is "looked, and there is nothing". */
export type CheckResult<Verified extends object = object> =
  | ({ readonly status: 'verified' } & Verified)
  | { readonly status: 'invalid'; readonly code: FindingCode; readonly reason: string }
  | { readonly status: 'absent'; readonly reason: string }
  | {
      readonly status: 'unavailable';
      readonly error: ErrorCode;
      readonly reason: string;
      /** Evidence lies there that could not be checked: it may speak against the package, so that no policy does without. */
      readonly served?: true;
    }
  | { readonly status: 'not-applicable'; readonly reason: string };

export type Grade = 'proven' | 'signed' | 'unsigned' | 'unprovable' | 'contradicted';

/** Strongest first; also the order of reports. */
export const GRADES: readonly Grade[] = ['proven', 'signed', 'unsigned', 'unprovable', 'contradicted'];

/** All that was found out about one entry. Entries that share name, version, source and pin share all but `edges`. */
export interface Evidence {
  readonly entry: EntryId;
  readonly purl: string;
  readonly class: EntryClass;
  readonly grade: Grade;
  /** One clause: why this grade and no better. */
  readonly reason: string;
  /** Lower-case hex sha512 of the tarball as locked or, where the pin is of something else, as fetched and vouched for. */
  readonly sha512: string | undefined;
  readonly checks: {
    /** The pin is there, well-formed, strong and unambiguous. */
    readonly integrity: CheckResult<{ readonly algorithm: string }>;
    /** The registry's digest and tarball URL for name@version agree with the lockfile. */
    readonly registry: CheckResult<{ readonly url: string }>;
    readonly signature: CheckResult<{ readonly keyid: string; readonly keyOrigin: KeyOrigin }>;
    readonly publishAttestation: CheckResult<{
      readonly keyid: string;
      readonly loggedAt: string | undefined;
      readonly digest: string;
    }>;
    readonly provenance: CheckResult<ProvenanceFacts>;
    readonly edges: CheckResult<{ readonly proof: EdgeProof; readonly compared: number }>;
    readonly tarball: CheckResult<{
      readonly size: number;
      readonly files: number;
      readonly scripts: readonly string[];
    }>;
  };
  readonly observations: readonly Observation[];
  /**
   * What the registry signs in place of a pin, or why it signs nothing; undefined where the lockfile binds the bytes (or
   * could), and for what no registry serves. `sha512` is never taken from it.
   */
  readonly signedDigest?: CheckResult<SignedDigest> | undefined;
  /** The registry's unsigned word on the version; undefined for what no registry serves. */
  readonly published?: PublishedFacts | undefined;
  /** undefined where neither tarball nor registry could be asked. */
  readonly installScripts?: InstallScripts | undefined;
  readonly contents?: TarballShape | undefined;
  readonly reach?: Reach | undefined;
  /** Against the baseline; undefined without one. */
  readonly change?: Change | undefined;
  /** undefined where no history was asked for. */
  readonly history?: CheckResult<HistoryFacts> | undefined;
  /** What its manifest asks for; undefined where there is no manifest to go by. */
  readonly requires?: DeclaredDependencies | undefined;
  /** An approval vouches for it: pin, URL and edges were checked, and nothing was looked at again. */
  readonly carried?: CarriedEvidence | undefined;
}

/** The digest of a version's tarball by the word of its registry, with the key that signed it. */
export interface SignedDigest {
  /** Lower-case hex. */
  readonly sha512: string;
  readonly keyid: string;
  readonly keyOrigin: KeyOrigin;
}

/** As much of a version's manifest as edges are held against. */
export interface DeclaredDependencies {
  readonly dependencies: ReadonlyMap<string, string>;
  readonly optionalDependencies: ReadonlyMap<string, string>;
  readonly peerDependencies: ReadonlyMap<string, string>;
  /** Names in peerDependenciesMeta with `optional: true`. */
  readonly optionalPeers: readonly string[];
  readonly bundleDependencies: readonly string[];
  /** Its scripts call node-gyp, or npm does so for a binding.gyp. */
  readonly usesGyp: boolean;
}

/** What an approval that is still valid says of an artifact. Nobody looked at it in this run. */
export interface CarriedEvidence {
  readonly grade: Exclude<Grade, 'unprovable' | 'contradicted'>;
  /** By whom it was built, in short; undefined where no provenance tells. */
  readonly identity: CarriedIdentity | undefined;
  /** Install scripts; undefined where the tarball was not read. */
  readonly scripts: readonly string[] | undefined;
  readonly requires: DeclaredDependencies;
  /** The approval for which it was last looked at. */
  readonly origin: CarriedOrigin;
}

export interface CarriedIdentity {
  readonly issuer: string;
  readonly repository: string | null;
  readonly workflow: string | null;
}

/** An approval, by the lower-case hex sha256 of its payload, and what bounds it. */
export interface CarriedOrigin {
  readonly sha256: string;
  readonly sequence: number;
  /** RFC 3339, UTC. */
  readonly approvedAt: string;
  readonly expiresAt: string;
}

/** The checks that are made on every entry. */
export type CheckName = keyof Evidence['checks'];

/**
 * What the edges were held against: the package.json in the digest-bound tarball, the registry's unsigned word, or what
 * an approval says that the manifest asks for.
 */
export type EdgeProof = 'tarball' | 'registry' | 'approval';

/** Where the key that verified a registry signature or publish attestation comes from. */
export type KeyOrigin = 'tuf' | 'embedded' | 'file' | 'registry';

export interface ProvenanceFacts {
  readonly identity: Identity;
  readonly predicateType: string;
  readonly buildType: string;
  readonly builder: string;
  /** ISO 8601; log or timestamp-authority time, the earliest verified one. */
  readonly signedAt: string;
  /** Index in the transparency log, decimal. */
  readonly logIndex: string | undefined;
  /** Lower-case hex sha256 of the bundle's JSON bytes as fetched. */
  readonly digest: string;
}

/** The whole outcome of `verifyLockfile`: plain, serialisable, no opinion. */
export interface Verification {
  readonly lockfile: {
    readonly path: string;
    readonly format: LockfileFormat;
    readonly formatVersion: string;
    readonly sha256: string;
    readonly sha512: string;
  };
  /** Entries in = classes out: the sum over `classes` is `entries`, or verifyLockfile throws ERR_INTERNAL. */
  readonly counts: {
    readonly entries: number;
    /** Distinct (purl, digest, source) among the entries. */
    readonly artifacts: number;
    readonly classes: Readonly<Partial<Record<EntryClass, number>>>;
    readonly grades: Readonly<Record<Grade, number>>;
  };
  readonly packageSet: { readonly sha256: string; readonly packages: number };
  readonly trust: TrustSummary;
  readonly evidence: readonly Evidence[];
  /** Facts about the lockfile as a whole and its importers. */
  readonly observations: readonly Observation[];
  /** What the lockfile was compared with; undefined: nothing. */
  readonly baseline?: { readonly origin: string } | undefined;
  /** ISO 8601 from the injected clock. */
  readonly verifiedAt: string;
}

export interface TrustSummary {
  readonly root: {
    readonly origin: 'embedded' | 'tuf' | 'file';
    /** Lower-case hex sha256 of the trusted root's JSON bytes. */
    readonly sha256: string;
    /** ISO 8601: when it was last refreshed (TUF), or made (embedded); undefined for a file. */
    readonly asOf: string | undefined;
  };
  readonly keys: readonly {
    readonly registry: string;
    readonly origin: KeyOrigin;
    readonly keyids: readonly string[];
  }[];
}
