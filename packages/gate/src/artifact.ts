import type { EntryId } from '@lockseal/core';

/**
 * One artifact that may reach a package manager: what an approval (or a verification) vouches for, and where a package
 * manager may ask for it. Several entries of a lockfile can be the same artifact.
 */
export interface ApprovedArtifact {
  /** The real name, never an alias. */
  readonly name: string;
  /** Exact version; undefined for tarballs by URL of which the lockfile tells none. */
  readonly version: string | undefined;
  readonly purl: string;
  /** Base URL, with a slash at its end, of the registry that serves it; undefined: a tarball that is asked for by URL. */
  readonly registry: string | undefined;
  /** URL as the lockfile records it; undefined where it records none. */
  readonly lockedUrl: string | undefined;
  /** Lower-case hex sha512 of the tarball as served: locked or, where the lockfile binds nothing, signed by the registry. */
  readonly sha512: string;
  readonly entries: readonly EntryId[];
  /** From an importer to the package, as findings have it. */
  readonly path: readonly string[] | undefined;
}
