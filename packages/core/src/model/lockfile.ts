import type { Observation } from './evidence.ts';
import type { Position } from './position.ts';

export type LockfileFormat = 'npm' | 'pnpm' | 'yarn-classic' | 'yarn-berry' | 'bun' | 'deno' | 'vlt';

/** The key of an entry: unique within its lockfile, stable for the same bytes, shown in messages. */
export type EntryId = string;

/** A lockfile read strictly: plain data, nothing judged. */
export interface Lockfile {
  /** The path as the reader was given it; used in messages only. */
  readonly path: string;
  readonly format: LockfileFormat;
  /** The version as the file says it: "3", "9.0", "10" (Berry's `__metadata.version`), "1"… */
  readonly formatVersion: string;
  /** Length in bytes and lower-case hex digests of the bytes as read (before a BOM is stripped). */
  readonly bytes: { readonly length: number; readonly sha256: string; readonly sha512: string };
  /** Every entry that puts files on disk, in the order of the file. The root project itself is an importer, not an entry. */
  readonly entries: readonly LockedPackage[];
  /**
   * The root ('.') and the workspaces with the edges that the lockfile records for them. Empty for formats that
   * record none (Yarn 1, Deno in part): `bindProject` then makes them from the project's own manifests.
   */
  readonly importers: readonly Importer[];
  /** descriptor ("name@spec") -> entry, for formats that resolve by descriptor (both Yarns); empty elsewhere. */
  readonly descriptors: ReadonlyMap<string, EntryId>;
  /** What the lockfile itself claims that the project declares. Each claim is checked against the project. */
  readonly claims: LockfileClaims;
  /** What the reader noticed that is no error: `sections-disagree`, `path-not-normal`, unknown members… */
  readonly observations: readonly Observation[];
}

/** Declarations repeated inside the lockfile; an attacker can write them, so they excuse nothing by themselves. */
export interface LockfileClaims {
  /** Selector -> replacement, as written. */
  readonly overrides: ReadonlyMap<string, string>;
  /** `name@range` selectors whose manifests were extended, as far as the format says. */
  readonly packageExtensions: readonly string[];
  /** Entry or selector -> patch. */
  readonly patches: ReadonlyMap<string, Patch>;
  /** catalog name -> package name -> specifier. */
  readonly catalogs: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** A patch file as a lockfile names it. */
export interface Patch {
  /** Repository-relative path, where the format records one. */
  readonly path: string | undefined;
  /** Recorded hash of the patch file, where there is one; `hex-prefix` is Yarn Berry's 24-bit prefix. */
  readonly hash: { readonly algorithm: 'sha512' | 'sha256' | 'md5' | 'hex-prefix'; readonly value: string } | undefined;
}

/** Where the files of an entry come from. Its `type` is the entry's class; every entry has exactly one. */
export type Source =
  /** A name and version of an npm registry. `url` only as recorded; `namedRegistry` is pnpm's registry name. */
  | { readonly type: 'registry'; readonly url: string | undefined; readonly namedRegistry: string | undefined }
  /** A tarball by URL, because a manifest asks for a URL. */
  | { readonly type: 'tarball'; readonly url: string }
  /** `commit` is undefined when nothing pins it; it may be shorter than a full id: judged later. */
  | {
      readonly type: 'git';
      readonly repository: string;
      readonly commit: string | undefined;
      readonly path: string | undefined;
    }
  /** A local tarball; the path is as recorded, relative to the lockfile's directory. */
  | { readonly type: 'file'; readonly path: string }
  /** A local directory whose files are copied or packed. */
  | { readonly type: 'directory'; readonly path: string }
  /** A symbolic link to a local directory that is no workspace. */
  | { readonly type: 'link'; readonly path: string }
  | { readonly type: 'workspace'; readonly path: string }
  /** Inside another entry's tarball. `parent` is that entry, if the format tells. */
  | { readonly type: 'bundled'; readonly parent: EntryId | undefined }
  /** Another entry's files with a patch applied. */
  | { readonly type: 'patched'; readonly inner: EntryId }
  /** A package of JSR; not npm, has no npm attestations. */
  | { readonly type: 'jsr' }
  /** A module by https URL (Deno). */
  | { readonly type: 'https'; readonly url: string }
  /** A runtime binary outside npm (pnpm `node@runtime:`), one artifact a platform. */
  | { readonly type: 'runtime'; readonly variants: readonly RuntimeVariant[] }
  /** None of the above: an error finding, always. */
  | { readonly type: 'unknown'; readonly reason: string };

export type EntryClass = Source['type'];

export interface RuntimeVariant {
  readonly url: string;
  readonly integrity: string;
  readonly targets: readonly string[];
}

/** What the lockfile pins an entry's bytes with: text as recorded, judged by `checkIntegrity`. */
export type Pin =
  | { readonly kind: 'none' }
  /** Subresource-integrity text. `of` tells what is hashed: the .tgz as served, or the tar inside (gunzipped). */
  | { readonly kind: 'integrity'; readonly text: string; readonly of: 'tarball' | 'tar' }
  /** Yarn Berry: `<cacheKey>/<sha512 hex of Yarn's own zip>`. `cacheKey` is undefined for the old bare form. */
  | {
      readonly kind: 'yarn-checksum';
      readonly cacheKey: string | undefined;
      readonly lockfileCacheKey: string | undefined;
      readonly sha512: string;
    }
  /** Lower-case hex sha256 (JSR's version manifest, Deno's remote modules). */
  | { readonly kind: 'sha256'; readonly hex: string };

/** One entry of a lockfile. */
export interface LockedPackage {
  readonly id: EntryId;
  /** The real name, never an alias. */
  readonly name: string;
  /** Exact version; undefined only where the file records none (a finding for registry entries). */
  readonly version: string | undefined;
  /** Names other than the real one under which this entry is installed, sorted. */
  readonly aliases: readonly string[];
  readonly source: Source;
  readonly pin: Pin;
  readonly edges: readonly Edge[];
  readonly flags: EntryFlags;
  /** What the lockfile says of install scripts: a hint, never trusted. undefined: the format does not say. */
  readonly hasInstallScript: boolean | undefined;
  readonly patch: Patch | undefined;
  /** Names that the entry says it bundles. */
  readonly bundles: readonly string[];
  readonly deprecated: string | undefined;
  readonly position: Position | undefined;
}

/** An entry of class `registry` with a version. */
export type PublishedEntry = LockedPackage & {
  readonly version: string;
  readonly source: Extract<LockedPackage['source'], { type: 'registry' }>;
};

/** Flags as recorded. They never reduce what is verified. */
export interface EntryFlags {
  readonly dev: boolean;
  readonly optional: boolean;
  readonly peer: boolean;
  readonly os: readonly string[];
  readonly cpu: readonly string[];
  readonly libc: readonly string[];
  /** Installed to run code in the package manager itself (pnpm configDependencies, packageManagerDependencies). */
  readonly config: boolean;
}

export const NO_FLAGS: EntryFlags = {
  dev: false,
  optional: false,
  peer: false,
  os: [],
  cpu: [],
  libc: [],
  config: false,
};

export type EdgeKind = 'prod' | 'dev' | 'optional' | 'peer' | 'optional-peer';

/** One dependency as the lockfile records it. */
export interface Edge {
  /** The name under which the dependent imports it (the alias, where there is one). */
  readonly name: string;
  readonly kind: EdgeKind;
  /** The specifier as recorded; undefined where the format records only the resolution (pnpm snapshots, Deno). */
  readonly spec: string | undefined;
  readonly target: EdgeTarget;
  readonly position: Position | undefined;
}

export type EdgeTarget =
  | { readonly type: 'entry'; readonly id: EntryId }
  /** A workspace of this project, by its importer path. */
  | { readonly type: 'importer'; readonly path: string }
  /** A local directory outside the workspaces. */
  | { readonly type: 'link'; readonly path: string }
  /** Nothing in the lockfile answers this edge (absent optional or peer, or a hole). */
  | { readonly type: 'none' };

/** The root project or a workspace. */
export interface Importer {
  /** '.' for the root, else the repository-relative POSIX path. */
  readonly path: string;
  readonly edges: readonly Edge[];
  readonly position: Position | undefined;
}
