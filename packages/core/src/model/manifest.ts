/** The parts of a package.json (or a registry's version document) that verification looks at. */
export interface Manifest {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly dependencies: ReadonlyMap<string, string>;
  readonly optionalDependencies: ReadonlyMap<string, string>;
  readonly peerDependencies: ReadonlyMap<string, string>;
  /** Names in peerDependenciesMeta with `optional: true`. */
  readonly optionalPeers: ReadonlySet<string>;
  /** Names bundled in the tarball; `true` in the file means all dependencies and is expanded. */
  readonly bundleDependencies: readonly string[];
  /** All scripts by name. */
  readonly scripts: ReadonlyMap<string, string>;
  readonly deprecated: string | undefined;
  /** `license`, if it is text. */
  readonly license?: string | undefined;
  /** Declares `os`, `cpu` or `libc`: not every platform installs it. undefined: not known. */
  readonly platformBound?: boolean | undefined;
}

/** A registry's word on one published version. Nothing in it is signed but what `dist.signatures` covers. */
export interface VersionDocument {
  readonly manifest: Manifest;
  readonly dist: {
    readonly tarball: string | undefined;
    readonly integrity: string | undefined;
    readonly shasum: string | undefined;
    readonly signatures: readonly RegistrySignature[];
    /** Whether `dist.attestations` announces attestations. */
    readonly announcesAttestations: boolean;
  };
  /** The registry says that the version has an install script. */
  readonly hasInstallScript: boolean | undefined;
  /** ISO 8601, unauthenticated; undefined where the document does not carry it. */
  readonly publishedAt: string | undefined;
  readonly publisher: string | undefined;
}

/** `dist.signatures[]`: base64 ECDSA P-256 signature over `name@version:integrity`. */
export interface RegistrySignature {
  readonly keyid: string;
  readonly sig: string;
}

/** What the first bytes of a file make it, beside text and data: a program for a machine, or `#!` for an interpreter. */
export type ProgramFormat = 'elf' | 'mach-o' | 'pe' | 'wasm' | 'script';

/** One file of a tarball, as npm extracts it. */
export interface TarballFile {
  /** Below the package's folder, with forward slashes. Untrusted text. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex, of its bytes. */
  readonly sha256: string;
  /** The archive sets a bit that lets somebody run it. */
  readonly executable: boolean;
  /** undefined: none of these. */
  readonly program: ProgramFormat | undefined;
}

/** What is computed of a tarball only where somebody asks: each costs another hash over all of its bytes. */
export type TarballExtra = 'sha1' | 'tarSha512' | 'list';

/** What was read from the bytes of a tarball. */
export interface TarballFacts {
  readonly size: number;
  /** Lower-case hex digests of the .tgz as served. */
  readonly sha512: string;
  /** undefined: nobody asked. */
  readonly sha1: string | undefined;
  /** Lower-case hex sha512 of the tar inside; undefined: nobody asked. */
  readonly tarSha512: string | undefined;
  /** package.json of the package's root directory. */
  readonly manifest: Manifest;
  readonly hasBindingGyp: boolean;
  readonly files: number;
  readonly unpackedSize: number;
  /**
   * Every file, sorted by path. undefined: not known, because nobody asked, whoever read the tarball kept no list or it
   * exceeds the bound; never "no files".
   */
  readonly list?: readonly TarballFile[] | undefined;
  /** Names of packages found under node_modules/ inside the tarball: `name@version`, sorted. */
  readonly bundled: readonly string[];
  /** Tricks that extractors read differently: duplicate paths, links, absolute paths…; sorted, bounded. */
  readonly oddities: readonly string[];
  /** sha512 hex of Yarn Berry's zip by cache key, for the keys that were asked for and could be rebuilt. */
  readonly yarnZip: ReadonlyMap<string, string>;
}
