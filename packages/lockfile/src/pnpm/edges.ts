import path from 'node:path';
import { isPackageName, type Edge, type EdgeKind, type EdgeTarget } from '@lockseal/core';
import type { Fields } from '../yaml/fields.ts';
import { keyOfReference, withoutSuffix, type KeyStyle } from './dep-path.ts';

/** What is needed to follow a reference within one document. */
export interface References {
  readonly style: KeyStyle;
  /** Keys of `packages` -> the edge target that stands for the entry. */
  readonly entries: ReadonlyMap<string, EdgeTarget & { readonly type: 'entry' }>;
  readonly importers: ReadonlySet<string>;
  /** Names already found valid; the same few thousand occur again and again. */
  readonly names: Set<string>;
}

const NO_TARGET: EdgeTarget = { type: 'none' };

/** @param from directory that `link:` is relative to: the importer's, or '.' for packages */
export function followReference(references: References, from: string, name: string, reference: string): EdgeTarget {
  const { style, entries, importers } = references;
  // Style 9 lists packages without their suffix; before that every combination of peers was a package of its own.
  const key = keyOfReference(name, style === 9 ? withoutSuffix(reference) : reference, style);
  if (key !== undefined) return entries.get(key) ?? NO_TARGET;
  const target = path.posix.join(from, reference.slice('link:'.length));
  return importers.has(target) ? { type: 'importer', path: target } : { type: 'link', path: target };
}

/** The name of a dependency: it becomes a directory, so it must be one that a package can have. */
export function checkedName({ names }: References, table: Fields, name: string): string {
  if (names.has(name)) return name;
  if (!isPackageName(name)) throw table.wrong(name, 'a package name', name, 'ERR_LOCKFILE_NAME');
  names.add(name);
  return name;
}

const SECTIONS: readonly (readonly [string, EdgeKind])[] = [
  ['dependencies', 'prod'],
  ['optionalDependencies', 'optional'],
];

/**
 * Edges of one package: the union over its snapshots, which differ in their peers only. pnpm records what a dependency
 * was resolved to and no specifier, save for peers, which `packages` lists with their ranges.
 */
export function packageEdges(references: References, info: Fields, snapshots: readonly Fields[]): readonly Edge[] {
  const peers = readPeers(info);
  const answered = snapshots.flatMap((snapshot) => snapshotEdges(references, snapshot, peers));
  const edges = snapshots.length > 1 ? withoutRepeats(answered) : answered;
  if (peers === undefined) return edges;
  const names = new Set(edges.map(({ name }) => name));
  const open = peers.names.filter((name) => !names.has(name));
  return [
    ...edges,
    ...open.map((name): Edge => {
      const position = peers.table.position(name);
      return { name, kind: peers.kind(name), spec: peers.table.text(name), target: NO_TARGET, position };
    }),
  ];
}

interface Peers {
  readonly table: Fields;
  readonly names: readonly string[];
  readonly kind: (name: string) => EdgeKind;
}

function readPeers(info: Fields): Peers | undefined {
  const table = info.child('peerDependencies');
  if (table === undefined) return undefined;
  const meta = info.child('peerDependenciesMeta');
  const kind = (name: string): EdgeKind => (meta?.child(name)?.flag('optional') ? 'optional-peer' : 'peer');
  return { table, names: table.keys, kind };
}

function snapshotEdges(references: References, snapshot: Fields, peers: Peers | undefined): readonly Edge[] {
  const edges: Edge[] = [];
  for (const [section, kind] of SECTIONS) {
    const table = snapshot.child(section);
    if (table === undefined) continue;
    for (const name of table.keys) {
      checkedName(references, table, name);
      const target = followReference(references, '.', name, table.text(name) ?? '');
      const position = table.position(name);
      if (peers?.table.has(name)) {
        edges.push({ name, kind: peers.kind(name), spec: peers.table.text(name), target, position });
      } else edges.push({ name, kind, spec: undefined, target, position });
    }
  }
  return edges;
}

/** The first of the edges that have one name and lead to one place. */
function withoutRepeats(edges: readonly Edge[]): readonly Edge[] {
  const seen = new Set<string>();
  const latest = new Map<string, EdgeTarget>();
  return edges.filter(({ name, target }) => {
    // Edges to one entry share their target, so most repeats are told without a key.
    if (latest.get(name) === target) return false;
    latest.set(name, target);
    const key = `${name}\n${keyOfTarget(target)}`;
    return !seen.has(key) && seen.add(key);
  });
}

function keyOfTarget(target: EdgeTarget): string {
  switch (target.type) {
    case 'entry':
      return `entry ${target.id}`;
    case 'importer':
    case 'link':
      return `${target.type} ${target.path}`;
    case 'none':
      return 'none';
  }
}
