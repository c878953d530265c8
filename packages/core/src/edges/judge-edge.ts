import type { Edge } from '../model/lockfile.ts';
import type { DeclaredOverride } from '../model/project.ts';
import { objectionTo } from './answer.ts';
import type { Objection } from './objection.ts';
import type { Dependent, EdgeContext } from './context.ts';

/** How one edge was judged: by the specifier itself, or by an override that the project declares. */
export interface EdgeVerdict {
  readonly objection: (Objection & { readonly expected: string }) | undefined;
  /** The override that explains the target, where one was needed or had to be followed. */
  readonly override: DeclaredOverride | undefined;
}

const GOOD: EdgeVerdict = { objection: undefined, override: undefined };

/**
 * Judges where an edge leads, given the specifier that the dependent's manifest (or the lockfile) states. Overrides
 * that are limited to what is below some parent are only looked at where they are needed to explain the target.
 */
export function judgeEdge(edge: Edge, asked: string, dependent: Dependent, context: EdgeContext): EdgeVerdict {
  const everywhere = context.overrides.everywhere(edge.name, asked);
  const followed = everywhere.find((override) => isFollowed(override, edge, context));
  if (followed !== undefined) return { objection: undefined, override: followed };
  const objection =
    objectionToTarget(edge, asked, dependent, context) ??
    everywhere
      .filter((each) => mustBeFollowed(each, edge, dependent, context))
      .map((each) => notFollowed(each, edge))[0];
  if (objection === undefined && edge.target.type !== 'none') return GOOD;
  const overrides = context.overrides.applicable(dependent, edge.name, asked);
  const excuse = overrides.find((override) => isFollowed(override, edge, context));
  return excuse === undefined ? { objection, override: undefined } : { objection: undefined, override: excuse };
}

function objectionToTarget(
  edge: Edge,
  asked: string,
  dependent: Dependent,
  context: EdgeContext,
): EdgeVerdict['objection'] {
  const objection = objectionTo(edge.target, context.specifier(edge.name, asked), dependent, context);
  return objection === undefined ? undefined : { ...objection, expected: asked };
}

/** Replacements are read relative to the root, which declares them. */
function isFollowed(override: DeclaredOverride, edge: Edge, context: EdgeContext): boolean {
  if (edge.target.type === 'none') return override.replacement === '-';
  if (override.replacement === '-') return false;
  const root: Dependent = { type: 'importer', importer: { path: '.', edges: [], position: undefined } };
  return objectionTo(edge.target, context.specifier(edge.name, override.replacement), root, context) === undefined;
}

/**
 * An override without conditions binds every edge of that name: a lockfile that does not follow it, say back to a
 * version the project replaced for its security, is wrong even where the version is in range.
 * Spared are what managers leave alone: npm the root's own dependencies, all of them peers and bundled packages.
 */
function mustBeFollowed(override: DeclaredOverride, edge: Edge, dependent: Dependent, context: EdgeContext): boolean {
  if (override.target.range !== undefined) return false;
  if (edge.kind === 'peer' || edge.kind === 'optional-peer' || edge.target.type !== 'entry') return false;
  if (dependent.type === 'importer' && context.lockfile.format === 'npm') return false;
  const isBundled = (id: string): boolean => context.entries.get(id)?.source.type === 'bundled';
  return !isBundled(edge.target.id) && !(dependent.type === 'entry' && isBundled(dependent.entry.id));
}

function notFollowed(override: DeclaredOverride, edge: Edge): Objection & { readonly expected: string } {
  return {
    code: 'edge-unsatisfied',
    expected: override.replacement,
    found: edge.target.type === 'entry' ? edge.target.id : edge.target.type,
    detail: `${override.origin} overrides this dependency, and the lockfile does not follow it.`,
  };
}
