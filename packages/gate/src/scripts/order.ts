import type { Edge, EntryId, LockedPackage, Lockfile } from '@lockseal/core';

/**
 * Entries with dependencies before dependents. Where packages depend on each other in a circle, the one that is reached
 * first comes last; both the entries and their edges are walked in the order of their ids, so that the same lockfile
 * always gives the same order.
 */
export function dependencyOrder(entries: readonly LockedPackage[]): readonly EntryId[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const seen = new Set<EntryId>();
  const ordered: EntryId[] = [];
  // Not recursive: a lockfile can chain more packages than a stack has room for.
  const stack: { readonly id: EntryId; readonly next: ArrayIterator<EntryId> }[] = [];
  const enter = (id: EntryId): void => {
    const entry = byId.get(id);
    if (entry === undefined || seen.has(id)) return;
    seen.add(id);
    stack.push({ id, next: targetsOf(entry).values() });
  };
  for (const id of [...byId.keys()].toSorted()) {
    enter(id);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const step = top.next.next();
      if (step.done !== true) enter(step.value);
      else ordered.push((stack.pop() ?? top).id);
    }
  }
  return ordered;
}

function targetsOf({ edges, source }: LockedPackage): readonly EntryId[] {
  const targets = edges.flatMap(({ target }) => (target.type === 'entry' ? [target.id] : []));
  const inner = source.type === 'patched' ? [source.inner] : [];
  return [...new Set([...targets, ...inner])].toSorted();
}

/** Entries that the project can do without: every way to them leads over an optional dependency. */
export function optionalEntries({ entries, importers }: Pick<Lockfile, 'entries' | 'importers'>): ReadonlySet<EntryId> {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const roots = importers.flatMap(({ edges }) => edges);
  const reached = reach(byId, roots, () => true);
  const required = reach(byId, roots, ({ kind }) => kind !== 'optional' && kind !== 'optional-peer');
  return new Set([...reached].filter((id) => !required.has(id)));
}

function reach(
  byId: ReadonlyMap<EntryId, LockedPackage>,
  roots: readonly Edge[],
  follows: (edge: Edge) => boolean,
): ReadonlySet<EntryId> {
  const reached = new Set<EntryId>();
  const waiting = [...roots];
  for (let edge = waiting.pop(); edge !== undefined; edge = waiting.pop()) {
    if (edge.target.type !== 'entry' || reached.has(edge.target.id) || !follows(edge)) continue;
    reached.add(edge.target.id);
    waiting.push(...(byId.get(edge.target.id)?.edges ?? []));
  }
  return reached;
}
