import type { Edge, EntryId, Importer, LockedPackage, Lockfile, LockfileClaims } from '@lockseal/core';
import { withAliases } from '../aliases.ts';
import { readFields, type Fields } from '../json/fields.ts';
import { UnexpectedFields, memberNames } from '../json/unexpected.ts';
import type { LockfileText } from '../text.ts';
import { importerPath, readEdges } from './edges.ts';
import { readNodes } from './nodes.ts';

const KNOWN: ReadonlySet<string> = memberNames('lockfileVersion options nodes edges');

/** vlt-lock.json of lockfileVersion 1 and, as "0", the older files without one. */
export function readVlt(text: LockfileText): Lockfile {
  const root = readFields(text, 'json');
  const unexpected = new UnexpectedFields();
  unexpected.check('vlt-lock.json', root, KNOWN);
  const formatVersion = versionOf(root);
  const nodes = readNodes(root);
  const edges = readEdges(root, new Set(nodes.map((node) => node.id)));
  checkOrigins(root, nodes, edges);
  const importers = importersOf(nodes, edges);
  const entries = nodes.map((node) =>
    node.source.type === 'workspace' ? node : { ...node, edges: edges.get(node.id) ?? [] },
  );
  return {
    path: text.path,
    format: 'vlt',
    formatVersion,
    bytes: text.bytes,
    entries: withAliases(entries, importers),
    importers,
    descriptors: new Map(),
    claims: claimsOf(root),
    observations: unexpected.observations,
  };
}

function versionOf(root: Fields): string {
  const version = root.value('lockfileVersion');
  if (version === undefined) return '0';
  if (version === 1) return '1';
  const found = typeof version === 'number' ? String(version) : `a ${typeof version}`;
  throw root.refuse('lockfileVersion', '1, or none', found, 'ERR_LOCKFILE_VERSION');
}

/** Every edge starts from a node, a workspace or the root project. */
function checkOrigins(
  root: Fields,
  nodes: readonly LockedPackage[],
  edges: ReadonlyMap<EntryId, readonly Edge[]>,
): void {
  const ids = new Set(nodes.map((node) => node.id));
  for (const from of edges.keys()) {
    if (ids.has(from) || importerPath(from) !== undefined) continue;
    throw root.refuse('edges', 'edges from nodes or importers', `one from ${JSON.stringify(from)}`);
  }
}

function importersOf(
  nodes: readonly LockedPackage[],
  edges: ReadonlyMap<EntryId, readonly Edge[]>,
): readonly Importer[] {
  const ids = new Set([...edges.keys(), ...nodes.map((node) => node.id)]);
  return [...ids].flatMap((id) => {
    const path = importerPath(id);
    return path === undefined ? [] : [{ path, edges: edges.get(id) ?? [], position: undefined }];
  });
}

/** `options` repeats parts of vlt.json: `modifiers` replace edges that a selector matches. */
function claimsOf(root: Fields): LockfileClaims {
  const options = root.table('options');
  const catalogs = new Map<string, ReadonlyMap<string, string>>();
  if (options?.has('catalog') === true) catalogs.set('default', options.stringMap('catalog'));
  const named = options?.table('catalogs');
  for (const name of named?.names ?? []) {
    if (named !== undefined) catalogs.set(name, named.stringMap(name));
  }
  const overrides = options?.stringMap('modifiers') ?? new Map<string, string>();
  return { overrides, packageExtensions: [], patches: new Map(), catalogs };
}
