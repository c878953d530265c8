import type { Edge, EdgeKind, EdgeTarget } from '@lockseal/core';
import type { StringMember } from '../json/fields.ts';
import type { NpmDependencies, NpmEntry } from './entry.ts';

/** The entries of one lockfile by place: what Node's resolution would find on disk. */
export class NpmTree {
  readonly #byKey = new Map<string, NpmEntry>();
  /** Directory -> what its node_modules holds, by path name. */
  readonly #folders = new Map<string, Map<string, NpmEntry>>();
  readonly #workspaces: ReadonlySet<string>;

  constructor(entries: readonly NpmEntry[], workspaces: ReadonlySet<string>) {
    this.#workspaces = workspaces;
    for (const entry of entries) {
      this.#byKey.set(entry.location.key, entry);
      if (entry.location.type !== 'installed') continue;
      const { owner, name } = entry.location;
      const folder = this.#folders.get(owner);
      if (folder === undefined) this.#folders.set(owner, new Map([[name, entry]]));
      else folder.set(name, entry);
    }
  }

  get(key: string): NpmEntry | undefined {
    return this.#byKey.get(key);
  }

  isWorkspace(key: string): boolean {
    return this.#workspaces.has(key);
  }

  /** What the node_modules of a directory holds. */
  folder(owner: string): ReadonlyMap<string, NpmEntry> {
    return this.#folders.get(owner) ?? new Map<string, NpmEntry>();
  }

  /** All dependencies of the package at `from` ('' is the root) as edges. */
  edges(from: string, dependencies: NpmDependencies): readonly Edge[] {
    const { prod, dev, optional, peer, optionalPeers } = dependencies;
    const edges: Edge[] = [];
    if (prod.length + dev.length + optional.length + peer.length === 0) return edges;
    const folders = this.#foldersAbove(from);
    const add = (kind: EdgeKind, { name, value, position }: StringMember): void => {
      edges.push({ name, kind, spec: value, target: this.#target(find(folders, name)), position });
    };
    for (const member of prod) add('prod', member);
    for (const member of dev) add('dev', member);
    for (const member of optional) add('optional', member);
    for (const member of peer) add(optionalPeers.has(member.name) ? 'optional-peer' : 'peer', member);
    return edges;
  }

  /** The node_modules folders in which Node looks from a directory, nearest first. */
  #foldersAbove(from: string): readonly ReadonlyMap<string, NpmEntry>[] {
    const folders: ReadonlyMap<string, NpmEntry>[] = [];
    for (let directory: string | undefined = from; directory !== undefined; directory = parentOf(directory)) {
      const folder = this.#folders.get(directory);
      if (folder !== undefined) folders.push(folder);
    }
    return folders;
  }

  #target(entry: NpmEntry | undefined): EdgeTarget {
    if (entry === undefined) return { type: 'none' };
    if (!entry.link) return { type: 'entry', id: entry.location.key };
    const path = entry.resolved ?? '';
    if (path === '') return { type: 'importer', path: '.' };
    if (this.#workspaces.has(path)) return { type: 'importer', path };
    return this.#byKey.has(path) ? { type: 'entry', id: path } : { type: 'link', path };
  }
}

function find(folders: readonly ReadonlyMap<string, NpmEntry>[], name: string): NpmEntry | undefined {
  for (const folder of folders) {
    const entry = folder.get(name);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** The directory above; a path that begins with `..` leaves the project and never comes back to its root. */
function parentOf(directory: string): string | undefined {
  if (directory === '' || directory === '..' || directory.endsWith('/..')) return undefined;
  const slash = directory.lastIndexOf('/');
  return slash < 0 ? '' : directory.slice(0, slash);
}
