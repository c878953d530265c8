import path from 'node:path';
import type { Edge, EntryId, LockedPackage } from '@lockseal/core';
import { Unreadable } from '../disk.ts';
import type { PackageFolder } from '../layout.ts';
import { isForPlatform } from '../omitted.ts';
import type { Run } from '../run.ts';
import { compareZip } from './compare-zip.ts';
import { readPnpMap, type PnpMap, type PnpPackage } from './map.ts';
import { PNP_PROGRAMS } from './programs.ts';

const MAP_FILE = '.pnp.cjs';
const LOADER_FILE = '.pnp.loader.mjs';
const MAX_MAP = 128 * 1024 * 1024;

/**
 * Yarn's Plug'n'Play: the map that every program loads says where packages lie, in zips or unpacked beside them. The map
 * is held against the lockfile edge by edge, the zips against the tarballs; gives back the folders of what is unpacked.
 * undefined: the project has no such map.
 */
export function comparePnp(run: Run): readonly PackageFolder[] | undefined {
  if (run.lockfile.format !== 'yarn-berry' || run.disk.typeOf(MAP_FILE) === undefined) return undefined;
  const map = openMap(run);
  if (map === undefined) return [];
  const check = new PnpCheck(run);
  return [...check.folders(map)];
}

function openMap(run: Run): PnpMap | undefined {
  try {
    const map = readPnpMap(run.disk.small(MAP_FILE, MAX_MAP)?.toString() ?? '');
    if (map === undefined) run.told.undecide(undefined, MAP_FILE, 'it holds no map of packages as Yarn 4 writes it');
    else if (!PNP_PROGRAMS.has(map.program)) {
      run.told.undecide(undefined, MAP_FILE, 'its program is of no version of Yarn that lockseal knows');
    }
    if (run.disk.typeOf(LOADER_FILE) !== undefined) {
      run.told.undecide(undefined, LOADER_FILE, 'it is a program of which nothing approved says what it is');
    }
    return map;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    run.told.undecide(undefined, MAP_FILE, error.message);
    return undefined;
  }
}

class PnpCheck {
  readonly #run: Run;
  readonly #zips = new Set<string>();

  constructor(run: Run) {
    this.#run = run;
  }

  *folders({ packages, fallbacks }: PnpMap): Generator<PackageFolder> {
    const known = new Map(packages.map((each) => [each.id, each]));
    for (const [name, id] of fallbacks) {
      if (id !== undefined && this.#run.approved.entry(id) === undefined)
        this.#tell(`the fallback ${name}`, 'nothing', id);
    }
    for (const each of packages) yield* this.#folder(each, known);
  }

  *#folder(each: PnpPackage, known: ReadonlyMap<string | undefined, PnpPackage>): Generator<PackageFolder> {
    const { id, location } = each;
    const entry = id === undefined ? undefined : this.#run.approved.entry(id);
    const importer = this.#importerAt(id, entry);
    if (importer !== undefined) {
      this.#checkWorkspace(each, importer);
      return this.#checkEdges(each, this.#edgesOf(importer), known);
    }
    if (entry === undefined) return this.#tell(`the package ${id ?? ''}`, 'nothing', location);
    this.#checkEdges(each, entry.edges, known);
    const zip = /^(.*?\.zip)\/node_modules\/((?:@[^/]+\/)?[^/]+)\/?$/.exec(location);
    this.#note(each, entry, zip);
    if (zip !== null) this.#checkZip(zip[1] ?? '', zip[2] ?? '', entry);
    else yield* this.#unplugged(location, entry);
  }

  #note({ id, location, dependencies }: PnpPackage, { id: entry }: LockedPackage, zip: RegExpExecArray | null): void {
    const [place, folder] = zip === null ? [location.replace(/\/$/, '')] : [zip[1] ?? '', `node_modules/${zip[2]}`];
    const found = [...dependencies.values()].filter((each) => each !== undefined && each !== id);
    this.#run.pnp.add({ entry, place, folder, dependencies: new Set(found as readonly EntryId[]) });
  }

  /** The path of the importer that this is; undefined: a package. */
  #importerAt(id: string | undefined, entry: LockedPackage | undefined): string | undefined {
    if (id === undefined) return '.';
    return entry?.source.type === 'workspace' ? entry.source.path : undefined;
  }

  #edgesOf(importer: string): readonly Edge[] {
    return this.#run.lockfile.importers.find((each) => each.path === importer)?.edges ?? [];
  }

  #checkWorkspace({ location }: PnpPackage, importer: string): void {
    const found = location.replace(/\/$/, '');
    if (found !== importer) this.#tell(`the workspace ${importer}`, importer, found);
  }

  /** Each dependency as locked. What nobody locked may be a peer, which virtual packages find among the others. */
  #checkEdges(each: PnpPackage, edges: readonly Edge[], known: ReadonlyMap<string | undefined, PnpPackage>): void {
    const label = each.id ?? 'the root';
    const locked = Map.groupBy(edges, ({ name }) => name);
    for (const [name, id] of each.dependencies) {
      if (id === undefined || id === each.id || (each.id === undefined && id.endsWith('@workspace:.'))) continue;
      const targets = (locked.get(name) ?? []).flatMap(({ target }) => (target.type === 'entry' ? [target.id] : []));
      const isPeer = targets.length === 0 && each.isVirtual && this.#run.approved.entry(id) !== undefined;
      if (!targets.includes(id) && !isPeer)
        this.#tell(`${label} finds as ${name}`, targets.join(' or ') || 'nothing', id);
      else if (!known.has(id)) this.#tell(`${label} finds as ${name}`, id, 'nothing');
    }
    for (const { name, kind, target } of edges) {
      if (target.type !== 'entry' || kind === 'optional' || each.dependencies.get(name) !== undefined) continue;
      this.#tell(`${label} finds as ${name}`, target.id, 'nothing');
    }
  }

  /** A zip may lie outside of the project, in Yarn's cache: it is what programs load, so it is read there. */
  #checkZip(zip: string, name: string, entry: LockedPackage): void {
    const of = this.#run.approved.ofEntry(entry.id);
    if (of === undefined || this.#zips.has(zip)) return;
    this.#zips.add(zip);
    this.#run.pending.push(
      compareZip(this.#run, { file: path.resolve(this.#run.root, zip), place: zip, name, of, entry }),
    );
  }

  *#unplugged(location: string, entry: LockedPackage): Generator<PackageFolder> {
    const place = location.replace(/\/$/, '');
    const name = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(place)?.[1];
    const spec = this.#run.approved.ofEntry(entry.id)?.spec ?? entry.id;
    if (name === undefined || !place.startsWith('.yarn/unplugged/') || !this.#isReached(place)) {
      const isElsewhere = !isForPlatform(entry.flags, this.#run.platform);
      if (isElsewhere) this.#run.told.absent({ package: spec, why: 'platform' });
      else this.#tell(`the package ${spec}`, 'a zip or a folder in .yarn/unplugged', place);
    } else yield { place, name };
  }

  /** Whether the folder is there, and no part of the way to it is a link. */
  #isReached(place: string): boolean {
    const parts = place.split('/');
    return parts.every((_, index) => this.#run.disk.typeOf(parts.slice(0, index + 1).join('/')) === 'folder');
  }

  #tell(what: string, expected: string, found: string): void {
    this.#run.told.differ(undefined, {
      kind: 'changed',
      thing: 'dependency',
      place: MAP_FILE,
      expected: `${what}: ${expected}`,
      found,
    });
  }
}
