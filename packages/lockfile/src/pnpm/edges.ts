import path from 'node:path';
import { isPackageName, type Edge, type EdgeKind, type EdgeTarget } from '@lockseal/core';
import type { Fields } from '../yaml/fields.ts';
import { keyOfReference, withoutSuffix, type KeyStyle } from './dep-path.ts';

/** What is needed to follow a reference within one document. */
export interface References {
  readonly style: KeyStyle;
  /** Put before the key to make the entry's id. */
  readonly prefix: string;
  /** Keys of `packages`. */
  readonly keys: ReadonlySet<string>;
  readonly importers: ReadonlySet<string>;
}

/** @param from directory that `link:` is relative to: the importer's, or '.' for packages */
export function followReference(references: References, from: string, name: string, reference: string): EdgeTarget {
  const { style, prefix, keys, importers } = references;
  const key = keyOfReference(name, reference, style);
  if (key === undefined) {
    const target = path.posix.join(from, reference.slice('link:'.length));
    return importers.has(target) ? { type: 'importer', path: target } : { type: 'link', path: target };
  }
  const entry = style === 9 ? withoutSuffix(key, style) : key;
  return keys.has(entry) ? { type: 'entry', id: prefix + entry } : { type: 'none' };
}

/** The name of a dependency: it becomes a directory, so it must be one that a package can have. */
export function checkedName(table: Fields, name: string): string {
  if (isPackageName(name)) return name;
  throw table.wrong(name, 'a package name', name, 'ERR_LOCKFILE_NAME');
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
  const peers = info.child('peerDependencies');
  const peerMeta = peers && info.child('peerDependenciesMeta');
  const peerKind = (name: string): EdgeKind => (peerMeta?.child(name)?.flag('optional') ? 'optional-peer' : 'peer');
  const edges = new Map<string, Edge>();
  const answered = new Set<string>();
  for (const snapshot of snapshots) {
    for (const [section, sectionKind] of SECTIONS) {
      const table = snapshot.child(section);
      for (const name of table?.keys ?? []) {
        if (table === undefined) continue;
        const target = followReference(references, '.', checkedName(table, name), table.text(name) ?? '');
        const id = `${name}\n${keyOfTarget(target)}`;
        if (edges.has(id)) continue;
        const isPeer = peers?.has(name) ?? false;
        const kind = isPeer ? peerKind(name) : sectionKind;
        edges.set(id, {
          name,
          kind,
          spec: isPeer ? peers?.text(name) : undefined,
          target,
          position: table.position(name),
        });
        answered.add(name);
      }
    }
  }
  const open = (peers?.keys ?? []).filter((name) => !answered.has(name));
  return [
    ...edges.values(),
    ...open.map((name): Edge => {
      const position = peers?.position(name);
      return { name, kind: peerKind(name), spec: peers?.text(name), target: { type: 'none' }, position };
    }),
  ];
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
