import type { TarballCode } from './diff/compare-code.ts';
import type { ErrorCode } from './errors.ts';
import type { LockedPackage } from './model/lockfile.ts';
import type { KeyOrigin } from './model/evidence.ts';
import type { TarballExtra, TarballFacts, VersionDocument } from './model/manifest.ts';
import type { PackageHistory } from './model/published.ts';

/** The injected clock: milliseconds since 1970. */
export interface Clock {
  now(): number;
}

/** What a source answered. `absent`: asked, and there is none. `unavailable`: could not be asked; never a pass. */
export type Fetched<T> =
  | { readonly status: 'ok'; readonly value: T }
  | { readonly status: 'absent'; readonly reason: string }
  | {
      readonly status: 'unavailable';
      readonly error: ErrorCode;
      readonly reason: string;
      /** Lower-case hex digests of bytes that came whole and could not be read: they may still contradict a pin. */
      readonly digests?: { readonly sha512: string; readonly sha1?: string } | undefined;
    };

/** One published version, as evidence is asked for. */
export interface PackageVersion {
  readonly name: string;
  readonly version: string;
  /** pnpm's named registry, where the entry has one. */
  readonly namedRegistry: string | undefined;
}

/** One attestation as served. `bundle` is parsed JSON, not yet looked at; `predicateType` is the server's word. */
export interface RawAttestation {
  readonly predicateType: string;
  readonly bundle: unknown;
  /** Lower-case hex sha256 of the canonical (RFC 8785) JSON of the bundle. */
  readonly digest: string;
}

/** The attestations of a version as served, not yet read. */
export interface AttestationDocument {
  /** Lower-case hex sha256 that no other attestations have. */
  readonly digest: string;
  /** Never rejects. */
  read(): Promise<Fetched<readonly RawAttestation[]>>;
  /** The registry's answer itself, for another thread to read; undefined: it is not at hand as bytes. */
  bytes?(): Uint8Array | undefined;
}

/**
 * What earlier runs of this very program have decided, by name. Whoever implements it vouches that nobody else could
 * have put it there: it is believed. No method ever throws.
 */
export interface VerdictStore {
  /** A copy of what was put; undefined: nothing. */
  get(name: string): unknown;
  /** Plain, serialisable data. */
  put(name: string, verdict: object): void;
}

/**
 * What the last run of this very program has found out about packages, by name, as long as every answer is the same that
 * it followed from. Like verdicts, it is believed. No method ever throws.
 */
export interface FactsStore {
  /** A copy of what was put; undefined: nothing, or an answer has changed or has to be asked for again. */
  get(name: string): ReadonlyMap<string, unknown> | undefined;
  /** Plain, serialisable data that follows from what has been asked of the evidence source up to now. */
  put(name: string, facts: ReadonlyMap<string, object | string>): void;
}

/** A registry key: base64 SPKI DER with its usages and validity. */
export interface RegistryKey {
  /** `SHA256:…`, as in `dist.signatures[].keyid`. */
  readonly keyid: string;
  readonly usages: readonly ('npm:signatures' | 'npm:attestations')[];
  readonly spki: string;
  /** ISO 8601, inclusive; undefined: unbounded. */
  readonly validFrom: string | undefined;
  readonly validUntil: string | undefined;
  readonly origin: KeyOrigin;
}

/** Where evidence comes from: the network, the cache, an evidence pack, or a test. No method ever throws. */
export interface EvidenceSource {
  versionDocument(version: PackageVersion): Promise<Fetched<VersionDocument>>;
  attestations(version: PackageVersion): Promise<Fetched<readonly RawAttestation[]>>;
  /** The same unread, for who may know already what they say; undefined: this source reads at once. */
  attestationDocument?(version: PackageVersion): Promise<Fetched<AttestationDocument>>;
  /** The keys in force for the registry of this package. */
  keys(version: PackageVersion): Promise<Fetched<readonly RegistryKey[]>>;
  /** Reads the tarball of an entry whole, from cache or network, hashing on the way. */
  tarball(request: TarballRequest): Promise<Fetched<TarballFacts>>;
  /** Parses the code in the tarball of an entry; nothing is run. undefined: this source cannot. */
  tarballCode?(request: TarballRequest): Promise<Fetched<TarballCode>>;
  /** What is known of a tarball by its sha512 (lower-case hex) without any connection. */
  cachedTarball(sha512: string): Promise<TarballFacts | undefined>;
  /** All versions of the package, for rules about changes; undefined: this source cannot tell. */
  history?(version: PackageVersion): Promise<Fetched<PackageHistory>>;
  /** What followed from these very answers in the last run; undefined: this source keeps nothing. Whoever stands between a
   * verification and its source leaves it out, since what is settled is not asked for. */
  readonly settled?: FactsStore | undefined;
}

export interface TarballRequest {
  readonly entry: LockedPackage;
  /** The URL that the registry's version document gives, if any; the source refuses hosts that nothing configures. */
  readonly url: string | undefined;
  /** Yarn cache keys whose zip is to be rebuilt from the tarball. */
  readonly yarnCacheKeys: readonly string[];
  /** What must be known beside the rest; left out: everything. */
  readonly extras?: readonly TarballExtra[] | undefined;
}

/** Which tarballs are read: all, those without which the lock's pin cannot be bound to a sha512, or none. */
export type TarballMode = 'all' | 'needed' | 'none';

/** Which registry serves which package: plain data, made from npm, pnpm, Yarn and bun configuration. */
export interface RegistryMap {
  /** Base URL with a trailing slash. */
  readonly default: string;
  /** Scope with its '@' -> base URL. */
  readonly scopes: ReadonlyMap<string, string>;
  /** pnpm named registries: name -> base URL. */
  readonly named: ReadonlyMap<string, string>;
  /** Further base URLs that may serve tarballs (mirrors, Yarn archive mirrors). */
  readonly mirrors: readonly string[];
}

/** npm's public registry, and the host name that Yarn 1 writes for it. */
export const PUBLIC_REGISTRY = 'https://registry.npmjs.org/';
export const YARN_PUBLIC_ALIAS = 'https://registry.yarnpkg.com/';
