import type { CheckResult, EdgeProof, ProvenanceFacts } from './evidence.ts';
import type { TarballFile } from './manifest.ts';

/** What the registry says of a version beside its bytes. Nothing in it is signed. */
export interface PublishedFacts {
  /** ISO 8601; the registry's word. */
  readonly publishedAt: string | undefined;
  /** Name of the account that published it; the registry's word. */
  readonly publisher: string | undefined;
  /** Text of the deprecation; empty text is none. */
  readonly deprecated: string | undefined;
  /** `license` of the manifest, if it is text. */
  readonly license: string | undefined;
}

/** Code that package managers run when they install the package. */
export interface InstallScripts {
  /** Whether the scripts were read in the locked tarball, or only the registry tells of them. */
  readonly proof: Exclude<EdgeProof, 'approval'>;
  /** `preinstall`, `install`, `postinstall`, `binding.gyp`; empty: none. */
  readonly names: readonly string[];
  /** Lower-case hex sha256 of the canonical JSON of `{name: text}`; undefined where there is no script. */
  readonly sha256: string | undefined;
  /** What each of them runs, in the order of `names`. Untrusted text. */
  readonly texts?: readonly string[] | undefined;
}

/** How the project comes to an entry. */
export interface Reach {
  /** The root or a workspace asks for it by itself. */
  readonly direct: boolean;
  /** The strongest way to it: `prod`; `optional` if only through optional edges; `dev`; `none` if nothing leads there. */
  readonly kind: 'prod' | 'optional' | 'dev' | 'none';
}

/** One published version as its registry lists it. Nothing in it is signed. */
export interface HistoryVersion {
  readonly version: string;
  /** ISO 8601. */
  readonly publishedAt: string | undefined;
  readonly publisher: string | undefined;
  /** The registry announces provenance for it. */
  readonly announcesProvenance: boolean;
  /** `dist.integrity`. */
  readonly integrity: string | undefined;
}

/** All versions of a package that its registry lists, oldest first. */
export interface PackageHistory {
  readonly versions: readonly HistoryVersion[];
}

/** What the history of its package tells about one locked version. Times and names are the registry's word. */
export interface HistoryFacts {
  readonly publishedAt: string | undefined;
  /** When the first version of the package was published. */
  readonly firstPublishedAt: string | undefined;
  /**
   * The longest time without a release, of any release line, since the version that the baseline locks; without one, the
   * time between the version before and this one. undefined for the first version.
   */
  readonly silence: { readonly from: string; readonly to: string } | undefined;
  /** Versions published before this one. */
  readonly earlierVersions: number;
  /** Accounts that published a version before this one, sorted; with a baseline, up to the version that it locks. */
  readonly earlierPublishers: readonly string[];
  /** The version that this one is compared with. */
  readonly previous: PreviousVersion | undefined;
}

export interface PreviousVersion {
  readonly version: string;
  /** `locked`: the baseline locks it. `line`: the one before in the same release line. */
  readonly relation: 'locked' | 'line';
  readonly publishedAt: string | undefined;
  readonly publisher: string | undefined;
  readonly provenance: CheckResult<ProvenanceFacts>;
  readonly installScripts: InstallScripts | undefined;
  /** Bytes of all files as unpacked, and their number, where the tarball was read. */
  readonly contents: TarballShape | undefined;
}

export interface TarballShape {
  readonly files: number;
  readonly unpackedSize: number;
  /** Bytes of the .tgz. */
  readonly size?: number | undefined;
  readonly hasBindingGyp?: boolean | undefined;
  /** As in `TarballFacts`; kept only of what the baseline does not lock in the same version. */
  readonly list?: readonly TarballFile[] | undefined;
}

/** An earlier state that the lockfile is compared with. */
export interface Baseline {
  /** Where it comes from, for messages: `package-lock.json at origin/main`. */
  readonly origin: string;
  /** Name -> the versions that it locks. */
  readonly versions: ReadonlyMap<string, readonly string[]>;
}

/** How an entry relates to the baseline: by name and exact version. */
export type Change = 'unchanged' | 'changed' | 'added';
