import type { Manifest } from './manifest.ts';

/** What the project itself declares beside its lockfile: the only thing that excuses a deviation from a manifest. */
export interface Project {
  /** Path ('.' is the root) -> manifest, of the root and the workspaces that the project itself declares. */
  readonly manifests: ReadonlyMap<string, ProjectManifest>;
  readonly overrides: readonly DeclaredOverride[];
  readonly packageExtensions: readonly PackageExtension[];
  readonly patches: readonly DeclaredPatch[];
  /** catalog name ('default' for the unnamed one) -> package name -> specifier. */
  readonly catalogs: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Config dependencies that pnpm-workspace.yaml declares: name -> specifier as written. */
  readonly configDependencies: ReadonlyMap<string, string>;
  /** Optional dependencies that pnpm is told to leave out (`ignoredOptionalDependencies`). */
  readonly ignoredOptionalDependencies?: readonly string[] | undefined;
  /** Names of other lockfiles in the same directory that some package manager would read. */
  readonly otherLockfiles: readonly string[];
  /** Local tarballs named by the lockfile: path as recorded -> digests of the bytes on disk. */
  readonly localTarballs: ReadonlyMap<string, LocalFile>;
}

export interface ProjectManifest extends Manifest {
  readonly devDependencies: ReadonlyMap<string, string>;
}

/** A dependency replaced by the project (npm overrides, pnpm overrides, Yarn resolutions, bun overrides). */
export interface DeclaredOverride {
  /** Dependents that must be on the path, outermost first; empty: anywhere. */
  readonly parents: readonly OverrideSelector[];
  readonly target: OverrideSelector;
  /** The specifier that replaces the one asked for: a range, `npm:name@range`, `file:…`, or '-' (pnpm: removed). */
  readonly replacement: string;
  /** Where it is declared: file and key, for messages. */
  readonly origin: string;
}

export interface OverrideSelector {
  readonly name: string;
  /** Only dependents or specifiers within this range; undefined: any. */
  readonly range: string | undefined;
}

/** Members added to a published manifest by the project. */
export interface PackageExtension {
  readonly selector: OverrideSelector;
  readonly dependencies: ReadonlyMap<string, string>;
  readonly optionalDependencies: ReadonlyMap<string, string>;
  readonly peerDependencies: ReadonlyMap<string, string>;
  readonly origin: string;
}

export interface DeclaredPatch {
  readonly selector: OverrideSelector;
  /** Repository-relative path as declared. */
  readonly path: string;
  /** undefined: the file is not there. */
  readonly file: LocalFile | undefined;
  /** Yarn Berry's 6 hex digits for the locked version, where the project's Yarn patches could be parsed. */
  readonly yarnHash?: string | undefined;
  readonly origin: string;
}

/** Lower-case hex digests of a local file's bytes. `sha256LF` is of the bytes with CRLF turned into LF (as pnpm hashes). */
export interface LocalFile {
  readonly length: number;
  readonly md5: string;
  readonly sha1: string;
  readonly sha256: string;
  readonly sha256LF: string;
  readonly sha512: string;
  /** md5 of the same text with LF as line ends: what pnpm 9 writes, in base32. */
  readonly md5LF: string;
}
