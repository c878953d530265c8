import { toSpec, type Edge, type EntryId, type LockedPackage, type Lockfile, type PathSteps } from '@lockseal/core';

/**
 * Shortest way from an importer to an entry, for messages: `['.', 'express@4.21.2', 'debug@2.6.9']`. Peers are walked
 * last, because "b needs a as a peer" explains nobody why a is there. undefined: nothing leads there. Of a path that is
 * longer than any real one the middle is left out: `…` stands for it.
 * All paths are worked out at the first call, once, in time linear in edges.
 */
export function dependencyPaths(lockfile: Lockfile): (entry: EntryId) => readonly string[] | undefined {
  return pathsAlong(lockfile.entries, () => dependencySteps(lockfile));
}

/** As `dependencyPaths`, along steps that are known. */
export function pathsAlong(
  entries: readonly Pick<LockedPackage, 'id' | 'name' | 'version'>[],
  stepsOf: () => PathSteps,
): (entry: EntryId) => readonly string[] | undefined {
  let known: { readonly numbers: ReadonlyMap<EntryId, number>; readonly steps: PathSteps } | undefined;
  return (entry) => {
    known ??= { numbers: new Map(entries.map(({ id }, number) => [id, number])), steps: stepsOf() };
    const { numbers, steps } = known;
    const number = numbers.get(entry);
    return number === undefined ? undefined : unroll(number, steps, (at) => labelOf(entries[at]));
  };
}

function labelOf(entry: Pick<LockedPackage, 'name' | 'version'> | undefined): string {
  return entry === undefined ? '' : toSpec(entry.name, entry.version);
}

/** Longest path that is told whole; a lockfile can be one chain, and then all paths together would be quadratic. */
const MAX_STEPS = 64;

function unroll(
  last: number,
  { importers, before, roots }: PathSteps,
  label: (entry: number) => string,
): readonly string[] | undefined {
  const root = importers[roots[last] ?? -1];
  if (root === undefined) return undefined;
  const labels: string[] = [];
  let at: number | null = last;
  for (; at !== null && labels.length < MAX_STEPS; at = before[at] ?? null) labels.push(label(at));
  if (at === null && labels.length < MAX_STEPS) labels.push(root);
  else labels.splice(-2, 2, '…', root);
  return labels.toReversed();
}

/** From where an entry is come to, and from which importer in the end. */
interface Step {
  /** undefined: from the importer itself. */
  readonly before: EntryId | undefined;
  readonly root: number;
}

/** The last step of the shortest way to each entry. */
export function dependencySteps(lockfile: Lockfile): PathSteps {
  const steps = walk(lockfile);
  const numbers = new Map(lockfile.entries.map(({ id }, number) => [id, number]));
  return {
    importers: lockfile.importers.map(({ path }) => path),
    before: lockfile.entries.map(({ id }) => {
      const before = steps.get(id)?.before;
      return before === undefined ? null : (numbers.get(before) ?? null);
    }),
    roots: lockfile.entries.map(({ id }) => steps.get(id)?.root ?? null),
  };
}

function walk(lockfile: Lockfile): ReadonlyMap<EntryId, Step> {
  const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
  const bundled = Map.groupBy(lockfile.entries, ({ source }) =>
    source.type === 'bundled' ? source.parent : undefined,
  );
  const steps = new Map<EntryId, Step>();
  const roots = lockfile.importers.map(({ edges }, root) => ({ step: { before: undefined, root }, edges }));
  const reach = (id: EntryId, step: Step): void => {
    if (entries.has(id) && !steps.has(id)) steps.set(id, step);
  };
  const follow = (edges: readonly Edge[], step: Step, peers: boolean): void => {
    for (const { kind, target } of edges) {
      const isPeer = kind === 'peer' || kind === 'optional-peer';
      if (target.type === 'entry' && isPeer === peers) reach(target.id, step);
    }
  };
  const within = (entry: LockedPackage, step: Step): void => {
    if (entry.source.type === 'patched') reach(entry.source.inner, step);
    for (const { id } of bundled.get(entry.id) ?? []) reach(id, step);
  };
  for (const { step, edges } of roots) follow(edges, step, false);
  // A Map yields what is added while it is walked, so each pass is breadth first.
  for (const [id, { root }] of steps) {
    const entry = entries.get(id);
    if (entry === undefined) continue;
    const step = { before: id, root };
    within(entry, step);
    follow(entry.edges, step, false);
  }
  for (const { step, edges } of roots) follow(edges, step, true);
  for (const [id, { root }] of steps) {
    const edges = entries.get(id)?.edges ?? [];
    const step = { before: id, root };
    follow(edges, step, true);
    follow(edges, step, false);
  }
  return steps;
}
