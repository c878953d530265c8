import path from 'node:path';
import { LocksealError, type EntryId } from '@lockseal/core';
import { scriptsIn, type InstalledFolder, type InstalledReport, type ZippedFolder } from '@lockseal/gate';
import { namedPrograms } from './programs.ts';

type PnpPlace = NonNullable<InstalledReport['pnp']>[number];

const MAP_FILE = '.pnp.cjs';

/** Where Plug'n'Play keeps the packages of a project, for their scripts. */
export class PnpPackages {
  readonly #root: string;
  readonly #places: ReadonlyMap<EntryId, readonly PnpPlace[]>;

  /** @param root absolute, with no link on the way */
  constructor(root: string, places: readonly PnpPlace[]) {
    this.#root = root;
    this.#places = Map.groupBy(places, ({ entry }) => entry);
  }

  /** Packages in zips that have scripts. @throws LocksealError ERR_PROJECT_UNREADABLE */
  zipped(): readonly ZippedFolder[] {
    return [...this.#places.values()].flat().flatMap(({ entry, place, zipped }): ZippedFolder[] => {
      if (zipped?.manifest === undefined) return [];
      const file = path.resolve(this.#root, place);
      return [{ entry, file, found: scriptsIn(jsonOf(zipped.manifest, file), file, zipped.hasBindingGyp) }];
    });
  }

  /** Whether the map leads to this folder. */
  isUnplugged({ entry, directory }: InstalledFolder): boolean {
    const places = this.#places.get(entry) ?? [];
    return places.some(({ place }) => path.resolve(this.#root, place) === directory);
  }

  /** What the scripts of an unpacked package need to find what it depends on. */
  surroundingsOf(entry: EntryId): Pick<InstalledFolder, 'programs' | 'pnp'> {
    const direct = this.#dependenciesOf(entry);
    const reached = new Set(direct);
    for (const each of reached) for (const next of this.#dependenciesOf(each)) reached.add(next);
    const places = [...reached].flatMap((each) => this.#places.get(each) ?? []);
    const readable = [...new Set(places.map(({ place }) => path.resolve(this.#root, place)))];
    const programs = direct.flatMap((each) => (this.#places.get(each) ?? []).flatMap((place) => this.#programs(place)));
    return { programs: new Map(programs), pnp: { map: path.join(this.#root, MAP_FILE), readable } };
  }

  #dependenciesOf(entry: EntryId): readonly EntryId[] {
    return (this.#places.get(entry) ?? []).flatMap(({ dependencies }) => [...dependencies]);
  }

  /** Of a zip; programs of unpacked packages are left to who names them by their path. */
  #programs({ place, folder, zipped }: PnpPlace): readonly (readonly [name: string, file: string])[] {
    if (folder === undefined || zipped === undefined) return [];
    return namedPrograms(zipped.programs, path.resolve(this.#root, place, folder));
  }
}

function jsonOf(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new LocksealError('ERR_PROJECT_UNREADABLE', `The package.json in ${file} is not JSON.`, { file, cause });
  }
}
