import type { Observation } from '../model/evidence.ts';
import type { Edge, LockedPackage } from '../model/lockfile.ts';
import type { EdgeContext } from './context.ts';
import { judgeEdge } from './judge-edge.ts';
import { describe } from './objection.ts';
import { overrideNote } from './observe.ts';

/** Every recorded specifier of an entry against where its edge leads. */
export function checkRecordedEdges(context: EdgeContext): Observation[] {
  const named = namedEdges(context);
  const published = context.lockfile.entries.filter((entry) => !isImporter(entry, context));
  return published.flatMap((entry) => entry.edges.flatMap((edge) => checkEdge(edge, entry, named, context)));
}

/** Yarn Berry files its workspaces as entries, too; they are checked as importers. */
function isImporter({ source }: LockedPackage, { importers }: EdgeContext): boolean {
  return source.type === 'workspace' && importers.has(source.path);
}

/** `name -> entry` of all edges but peers: under which name an entry stands because someone declared it so. */
function namedEdges({ lockfile }: EdgeContext): ReadonlySet<string> {
  const dependents = [...lockfile.importers, ...lockfile.entries];
  const edges = dependents.flatMap(({ edges: own }) => own.filter((edge) => !isPeer(edge)));
  return new Set(edges.map(placeOf));
}

function placeOf(edge: Edge): string {
  return `${edge.name}\n${edge.target.type === 'entry' ? edge.target.id : edge.target.type}`;
}

function isPeer({ kind }: Edge): boolean {
  return kind === 'peer' || kind === 'optional-peer';
}

function checkEdge(edge: Edge, entry: LockedPackage, named: ReadonlySet<string>, context: EdgeContext): Observation[] {
  const about = { entry: entry.id, dependency: edge.name, position: edge.position };
  if (isPeer(edge)) return checkPeer(edge, about, named, context);
  if (edge.target.type === 'none') return checkHole(edge, entry, about, context);
  if (edge.spec === undefined) return [];
  const { objection, override } = judgeEdge(edge, edge.spec, { type: 'entry', entry }, context);
  return [
    ...(objection === undefined ? [] : [{ ...about, ...objection }]),
    ...(override === undefined ? [] : [overrideNote(override, edge, about)]),
  ];
}

/**
 * Which version answers a peer is the project's affair, and a version out of its range only a warning to every
 * package manager. But a package of another name may answer only where somebody declares that alias.
 */
function checkPeer(
  edge: Edge,
  about: Pick<Observation, 'entry' | 'dependency' | 'position'>,
  named: ReadonlySet<string>,
  context: EdgeContext,
): Observation[] {
  const target = edge.target.type === 'entry' ? context.entries.get(edge.target.id) : undefined;
  if (target === undefined || edge.spec === undefined || named.has(placeOf(edge))) return [];
  const spec = context.specifier(edge.name, edge.spec);
  if (!('name' in spec) || spec.name === target.name) return [];
  const overrides = context.overrides.applicable({ type: 'entry', entry: target }, edge.name, edge.spec);
  if (overrides.length > 0) return [];
  return [{ ...about, code: 'name-mismatch', expected: edge.spec, found: describe(target) }];
}

/** Only an optional dependency may be absent. What a tarball bundles is not always listed one by one. */
function checkHole(
  edge: Edge,
  entry: LockedPackage,
  about: Pick<Observation, 'entry' | 'dependency' | 'position'>,
  context: EdgeContext,
): Observation[] {
  if (edge.kind !== 'prod' || entry.source.type === 'bundled' || entry.bundles.includes(edge.name)) return [];
  // Yarn Berry files what resolutions divert under the replacement alone, and only the project knows it.
  if (context.project === undefined && context.lockfile.format === 'yarn-berry') return [];
  const overrides = context.overrides.applicable({ type: 'entry', entry }, edge.name, edge.spec);
  const removed = overrides.find(({ replacement }) => replacement === '-');
  if (removed !== undefined) return [overrideNote(removed, edge, about)];
  return [{ ...about, code: 'dependency-not-locked', expected: edge.spec }];
}
