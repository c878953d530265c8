import type { EdgeKind, EntryId, Lockfile } from '../model/lockfile.ts';
import type { Reach } from '../model/published.ts';

/** How the project comes to each entry, by the edges that the lockfile records. */
export function reachOf(lockfile: Lockfile): (entry: EntryId) => Reach {
  const direct = new Set(lockfile.importers.flatMap(({ edges }) => targetsOf(edges)));
  const prod = walk(lockfile, (kind) => kind === 'prod' || kind === 'peer' || kind === 'optional-peer');
  const optional = walk(lockfile, (kind) => kind !== 'dev');
  const any = walk(lockfile, () => true);
  const kindOf = (id: EntryId): Reach['kind'] => {
    if (prod.has(id)) return 'prod';
    if (optional.has(id)) return 'optional';
    return any.has(id) ? 'dev' : 'none';
  };
  return (id) => ({ direct: direct.has(id), kind: kindOf(id) });
}

function walk(lockfile: Lockfile, follows: (kind: EdgeKind) => boolean): ReadonlySet<EntryId> {
  const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
  const bundledBy = Map.groupBy(lockfile.entries, ({ source }) =>
    source.type === 'bundled' ? source.parent : undefined,
  );
  const followed = (edges: Lockfile['importers'][number]['edges']): EntryId[] =>
    targetsOf(edges.filter(({ kind }) => follows(kind)));
  const seen = new Set(lockfile.importers.flatMap(({ edges }) => followed(edges)));
  // A Set yields what is added while it is walked.
  for (const id of seen) {
    const entry = entries.get(id);
    if (entry === undefined) continue;
    for (const target of followed(entry.edges)) seen.add(target);
    for (const bundled of bundledBy.get(id) ?? []) seen.add(bundled.id);
    if (entry.source.type === 'patched') seen.add(entry.source.inner);
  }
  return seen;
}

function targetsOf(edges: Lockfile['importers'][number]['edges']): EntryId[] {
  return edges.flatMap(({ target }) => (target.type === 'entry' ? [target.id] : []));
}
