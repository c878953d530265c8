import { toSpec, type Edge, type EntryId, type LockedPackage, type Lockfile } from '@lockseal/core';

/**
 * Shortest way from an importer to an entry, for messages: `['.', 'express@4.21.2', 'debug@2.6.9']`. Peers are walked
 * last, because "b needs a as a peer" explains nobody why a is there. undefined: nothing leads there. Of a path that is
 * longer than any real one the middle is left out: `…` stands for it.
 * All paths are worked out at the first call, once, in time linear in edges.
 */
export function dependencyPaths(lockfile: Lockfile): (entry: EntryId) => readonly string[] | undefined {
  let paths: ReadonlyMap<EntryId, Step> | undefined;
  return (entry) => {
    paths ??= walk(lockfile);
    const last = paths.get(entry);
    return last === undefined ? undefined : unroll(last);
  };
}

/** One step of a path, linked to the one before: a path of its own for each entry would take quadratic room. */
interface Step {
  readonly label: string;
  readonly before: Step | undefined;
  /** The label of the importer that the path begins with. */
  readonly root: string;
}

/** Longest path that is told whole; a lockfile can be one chain, and then all paths together would be quadratic. */
const MAX_STEPS = 64;

function unroll(last: Step): readonly string[] {
  const labels: string[] = [];
  let step: Step | undefined = last;
  for (; step !== undefined && labels.length < MAX_STEPS; step = step.before) labels.push(step.label);
  if (step !== undefined) labels.splice(-2, 2, '…', last.root);
  return labels.toReversed();
}

function walk(lockfile: Lockfile): ReadonlyMap<EntryId, Step> {
  const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
  const bundled = Map.groupBy(lockfile.entries, ({ source }) =>
    source.type === 'bundled' ? source.parent : undefined,
  );
  const steps = new Map<EntryId, Step>();
  const roots = lockfile.importers.map(({ path, edges }) => ({
    step: { label: path, before: undefined, root: path },
    edges,
  }));
  const reach = (id: EntryId, before: Step): void => {
    const entry = entries.get(id);
    if (entry !== undefined && !steps.has(id)) {
      steps.set(id, { label: toSpec(entry.name, entry.version), before, root: before.root });
    }
  };
  const follow = (edges: readonly Edge[], before: Step, peers: boolean): void => {
    for (const { kind, target } of edges) {
      const isPeer = kind === 'peer' || kind === 'optional-peer';
      if (target.type === 'entry' && isPeer === peers) reach(target.id, before);
    }
  };
  const within = (entry: LockedPackage, before: Step): void => {
    if (entry.source.type === 'patched') reach(entry.source.inner, before);
    for (const { id } of bundled.get(entry.id) ?? []) reach(id, before);
  };
  for (const { step, edges } of roots) follow(edges, step, false);
  // A Map yields what is added while it is walked, so each pass is breadth first.
  for (const [id, step] of steps) {
    const entry = entries.get(id);
    if (entry === undefined) continue;
    within(entry, step);
    follow(entry.edges, step, false);
  }
  for (const { step, edges } of roots) follow(edges, step, true);
  for (const [id, step] of steps) {
    const edges = entries.get(id)?.edges ?? [];
    follow(edges, step, true);
    follow(edges, step, false);
  }
  return steps;
}
