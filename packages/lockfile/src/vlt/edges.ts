import { isPackageName, type Edge, type EdgeKind, type EdgeTarget } from '@lockseal/core';
import type { Fields } from '../json/fields.ts';
import { parseDepId } from './dep-id.ts';

const KINDS: ReadonlyMap<string, EdgeKind> = new Map([
  ['prod', 'prod'],
  ['dev', 'dev'],
  ['optional', 'optional'],
  ['peer', 'peer'],
  ['peerOptional', 'optional-peer'],
]);

/** The edges by the DepID they start from: `"<from> <name>": "<kind> <spec> <to or MISSING>"`; a spec may hold spaces. */
export function readEdges(root: Fields, ids: ReadonlySet<string>): ReadonlyMap<string, readonly Edge[]> {
  const edges = new Map<string, Edge[]>();
  const table = root.table('edges');
  for (const { name: key, value, position } of root.stringMembers('edges')) {
    const space = key.indexOf(' ');
    const [from, name] = [key.slice(0, space), key.slice(space + 1)];
    const [first, last] = [value.indexOf(' '), value.lastIndexOf(' ')];
    const kind = KINDS.get(value.slice(0, first));
    if (space < 1 || !isPackageName(name) || kind === undefined || last <= first) {
      throw (table ?? root).refuse(key, 'an edge "<from> <name>": "<kind> <spec> <to>"', JSON.stringify(value));
    }
    const target = targetOf(value.slice(last + 1), ids);
    const edge: Edge = { name, kind, spec: value.slice(first + 1, last), target, position };
    const own = edges.get(from);
    if (own === undefined) edges.set(from, [edge]);
    else own.push(edge);
  }
  return edges;
}

function targetOf(to: string, ids: ReadonlySet<string>): EdgeTarget {
  if (to === 'MISSING') return { type: 'none' };
  const path = importerPath(to);
  if (path !== undefined) return { type: 'importer', path };
  return ids.has(to) ? { type: 'entry', id: to } : { type: 'none' };
}

/** The importer that a DepID means: the root project or a workspace. */
export function importerPath(id: string): string | undefined {
  const parsed = parseDepId(id);
  if (parsed?.kind === 'workspace') return parsed.path;
  return parsed?.kind === 'file' && parsed.path === '.' ? '.' : undefined;
}
