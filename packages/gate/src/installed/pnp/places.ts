import type { EntryId } from '@lockseal/core';

/** Where Yarn's Plug'n'Play keeps a package, and what that package finds. Texts are untrusted. */
export interface PnpPlace {
  readonly entry: EntryId;
  /** The zip, or the package's unpacked folder: a POSIX path from the project's root, which may lead out of it. */
  readonly place: string;
  /** Of the package's folder in the zip; undefined: it is unpacked. */
  readonly folder: string | undefined;
  /** What it finds under the names that it declares: entries, peers among them. */
  readonly dependencies: ReadonlySet<EntryId>;
  /** undefined: it is unpacked, or its zip could not be read, which is told. */
  readonly zipped: ZippedPackage | undefined;
}

/** What tells of the scripts and programs of a package in a zip. */
export interface ZippedPackage {
  /** Bytes of package.json; undefined: there is none. */
  readonly manifest: Uint8Array | undefined;
  readonly hasBindingGyp: boolean;
  /** Program name -> path of its file below the package's folder. */
  readonly programs: ReadonlyMap<string, string>;
}

/** Gathers the places of a map; what is in the zips comes later, when they are read. */
export class PnpPlaces {
  readonly #places = new Map<string, Omit<PnpPlace, 'zipped' | 'dependencies'> & { dependencies: Set<EntryId> }>();
  readonly #zipped = new Map<string, ZippedPackage>();

  /** A package that several dependents see in their own ways (a virtual one) lies in one place, and finds what any of them gives. */
  add({ dependencies, ...of }: Omit<PnpPlace, 'zipped'>): void {
    const key = JSON.stringify([of.place, of.entry]);
    const known = this.#places.get(key);
    if (known === undefined) this.#places.set(key, { ...of, dependencies: new Set(dependencies) });
    else for (const each of dependencies) known.dependencies.add(each);
  }

  /** @param place of the zip */
  read(place: string, zipped: ZippedPackage): void {
    this.#zipped.set(place, zipped);
  }

  all(): readonly PnpPlace[] {
    return [...this.#places.values()].map((each) => ({ ...each, zipped: this.#zipped.get(each.place) }));
  }
}
