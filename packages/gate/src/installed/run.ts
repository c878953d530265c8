import type { EntryId, LockedPackage, Lockfile, Patch, TarballFile } from '@lockseal/core';
import type { ApprovedArtifact } from '../artifact.ts';
import type { ApprovedPackage, ApprovedPackages } from './approved.ts';
import type { Disk } from './disk.ts';
import type { FileHasher } from './hash-files.ts';
import type { Layout } from './layout.ts';
import type { InstalledLimits } from './limits.ts';
import type { PnpPlaces } from './pnp/places.ts';
import type { Told } from './told.ts';

/** The files of an approved tarball as npm extracts it, read from bytes of its sha512. Rejects where that cannot be had. */
export type FileLists = (artifact: ApprovedArtifact) => Promise<readonly TarballFile[]>;

/** A file of a commit. */
export interface CommitFile extends Pick<TarballFile, 'path' | 'size' | 'sha256' | 'executable'> {
  /** Of a package.json; undefined: of all others, and of one that is larger than any. */
  readonly bytes?: Uint8Array | undefined;
}

/**
 * The files of a git dependency's commit, as git itself names them by their hash. Rejects with a LocksealError where they
 * cannot be had.
 */
export type CommitFiles = (entry: LockedPackage) => Promise<readonly CommitFile[]>;

/** The bytes of a patch file of the project, as it was verified; undefined: not known. */
export type PatchBytes = (patch: Patch) => Promise<Uint8Array | undefined>;

/** What Yarn puts into a zip. */
export interface YarnZipFile {
  /** Below the package's folder. */
  readonly path: string;
  readonly executable: boolean;
  /** undefined: a folder. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * The sha512 (lower-case hex) of the zip that Yarn Berry makes of a package's files in this order; undefined: zips of
 * that cache key cannot be rebuilt.
 */
export type YarnZipDigest = (cacheKey: string, name: string, files: Iterable<YarnZipFile>) => string | undefined;

/** What npm calls `os` and `cpu`: Node's `process.platform` and `process.arch`. */
export interface InstallPlatform {
  readonly os: string;
  readonly cpu: string;
}

/** What all steps of one comparison share. */
export interface Run {
  /** Absolute path of the lockfile's folder. */
  readonly root: string;
  readonly lockfile: Lockfile;
  readonly approved: ApprovedPackages;
  readonly fileList: FileLists;
  readonly patch: PatchBytes;
  readonly yarnZip: YarnZipDigest;
  /** Entries of which nothing says what their files are, and that are taken all the same. */
  readonly asFetched: ReadonlySet<EntryId>;
  /** undefined: nobody fetches commits. */
  readonly commitFiles: CommitFiles | undefined;
  /** What approved install scripts may have written since: folders below the package's, '' being all of it. */
  readonly written: ReadonlyMap<EntryId, readonly string[]>;
  readonly platform: InstallPlatform;
  readonly limits: InstalledLimits;
  readonly disk: Disk;
  readonly hasher: FileHasher;
  readonly layout: Layout;
  readonly told: Told;
  /** Place of a package's folder -> what it must be. */
  readonly packages: Map<string, ApprovedPackage>;
  /** Places of those that could not be compared. */
  readonly uncompared: Set<string>;
  /** Places of those that have no scripts, if their files are the approved ones. */
  readonly scriptless: Set<string>;
  /** Where Plug'n'Play keeps packages. */
  readonly pnp: PnpPlaces;
  readonly counts: { packages: number; files: number };
  /** What is under way beside digests, and told when it comes. */
  readonly pending: Promise<void>[];
}
