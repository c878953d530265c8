import path from 'node:path';
import { LocksealError, type Edge, type EdgeKind, type Importer } from '@lockseal/core';
import type { Fields } from '../yaml/fields.ts';
import { checkedName, followReference, type References } from './edges.ts';

/**
 * Config dependencies and pnpm itself count as development dependencies of the root: they run at install time and are
 * no part of what the project hands on. Their entries carry `flags.config`.
 */
const SECTIONS: readonly (readonly [string, EdgeKind])[] = [
  ['dependencies', 'prod'],
  ['devDependencies', 'dev'],
  ['optionalDependencies', 'optional'],
  ['configDependencies', 'dev'],
  ['packageManagerDependencies', 'dev'],
];

/** Importer path -> its fields. A project without workspaces has, in 5 and 6, no `importers` but the fields themselves. */
export function importerFields(document: Fields): ReadonlyMap<string, Fields> {
  const importers = document.child('importers');
  if (importers === undefined) return new Map([['.', document]]);
  return new Map(
    importers.keys.map((key): [string, Fields] => {
      if (path.posix.normalize(key) !== key || path.posix.isAbsolute(key)) {
        throw importers.wrong(key, 'a path in normal form', key, 'ERR_LOCKFILE_PATH');
      }
      const fields = importers.child(key);
      if (fields === undefined) throw new LocksealError('ERR_INTERNAL', `the importer ${key} vanished`);
      return [key, fields];
    }),
  );
}

export function readImporter(references: References, at: string, fields: Fields): Importer {
  const specifiers = fields.child('specifiers');
  const edges = SECTIONS.flatMap(([section, kind]) => {
    const table = fields.child(section);
    return table?.keys.map((name) => readEdge(references, at, table, name, kind, specifiers)) ?? [];
  });
  return { path: at, edges, position: fields.position() };
}

/** Style 5 keeps specifiers in a table of their own; later ones beside the version. */
function readEdge(
  references: References,
  at: string,
  table: Fields,
  name: string,
  kind: EdgeKind,
  specifiers: Fields | undefined,
): Edge {
  checkedName(references, table, name);
  const inline = references.style === 5 ? undefined : table.child(name);
  const version = inline === undefined ? table.text(name) : inline.text('version');
  if (version === undefined) throw table.wrong(name, 'a specifier and a version', 'no version');
  return {
    name,
    kind,
    spec: inline === undefined ? specifiers?.text(name) : inline.text('specifier'),
    target: followReference(references, at, name, version),
    position: table.position(name),
  };
}
