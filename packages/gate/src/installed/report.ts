import type { EntryId } from '@lockseal/core';
import type { PermittedId } from './permitted.ts';
import type { PnpPlace } from './pnp/places.ts';

/** What it is that differs. `dependency`: everything is approved by itself, but a package finds another one than locked. */
type DifferingThing = 'file' | 'package' | 'folder' | 'link' | 'program' | 'dependency';

/** One thing on disk that is not as approved. Plain data; all texts are untrusted. */
export interface InstalledDifference {
  readonly kind: 'extra' | 'missing' | 'changed';
  readonly thing: DifferingThing;
  /** `name@version` of the approved package; undefined where nothing approved lies there. */
  readonly package: string | undefined;
  readonly entry: EntryId | undefined;
  /** From an importer to the package, as findings have it. */
  readonly path: readonly string[] | undefined;
  /** Where it lies, or should: a POSIX path from the project's root. */
  readonly place: string;
  /** Below the package's folder, where it is a file of a package. */
  readonly file: string | undefined;
  readonly expected: string | undefined;
  readonly found: string | undefined;
}

/** What could not be compared, and why. Never a pass. */
export interface InstalledUndecided {
  readonly package: string | undefined;
  readonly entry: EntryId | undefined;
  readonly path: readonly string[] | undefined;
  readonly place: string;
  /** One clause. */
  readonly reason: string;
}

/** An approved package that is not there and need not be. */
export interface AbsentPackage {
  /** `name@version`. */
  readonly package: string;
  readonly why: 'optional' | 'platform';
}

export interface InstalledCounts {
  /** Folders of packages whose files were compared; the same package can lie in several. */
  readonly packages: number;
  /** Files compared, and their bytes; a file with several names is read once. */
  readonly files: number;
  readonly filesRead: number;
  readonly bytesRead: number;
  readonly links: number;
  readonly programs: number;
}

/** A folder in which an approved package lies. */
export interface InstalledPlace {
  /** A POSIX path from the project's root. */
  readonly place: string;
  /** The entries of the lockfile that are these bytes. */
  readonly entries: readonly EntryId[];
  /** Its approved files name no script: where nothing differs, there is none. */
  readonly isScriptless: boolean;
}

/** What a comparison of the disk with what was approved comes to. Plain and serialisable. */
export interface InstalledReport {
  /** Sorted by place and file. At most `limits.differences`; `untold` are the ones beyond. */
  readonly differences: readonly InstalledDifference[];
  readonly untold: number;
  readonly undecided: readonly InstalledUndecided[];
  readonly absent: readonly AbsentPackage[];
  /** Packages that were not compared, because the caller takes them as they were fetched. */
  readonly asFetched?: readonly { readonly package: string; readonly place: string }[] | undefined;
  /** Git dependencies that were compared with their commit: their files are its files, of which packing leaves some out. */
  readonly byCommit?: readonly { readonly package: string; readonly place: string }[] | undefined;
  /** Differences that a package manager makes, by their row in the table of permitted ones. */
  readonly permitted: readonly { readonly id: PermittedId; readonly count: number }[];
  readonly counts: InstalledCounts;
  /** Where which packages lie, sorted by place: those whose install scripts may run. */
  readonly folders?: readonly InstalledPlace[] | undefined;
  /** Where Yarn's Plug'n'Play keeps packages; undefined: the project has no map of it. */
  readonly pnp?: readonly PnpPlace[] | undefined;
}
