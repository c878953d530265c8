import type { Observation } from '../model/evidence.ts';
import type { EntryId, LockedPackage } from '../model/lockfile.ts';
import type { EdgeContext } from './context.ts';

/**
 * Entries that no importer leads to, over edges of every kind. It takes importers, and for Yarn Berry the project's
 * resolutions, which decide which entry answers an edge; where these are not known nothing can be said.
 */
export function checkReachability(context: EdgeContext): Observation[] {
  const { lockfile, project } = context;
  if (lockfile.importers.length === 0 || (project === undefined && lockfile.format === 'yarn-berry')) return [];
  const reached = reachable(context);
  const unreached = context.lockfile.entries.filter((entry) => !reached.has(entry) && !isUndecidable(entry, context));
  return unreached.map((entry) => ({ code: 'unlisted-dependency', entry: entry.id, position: entry.position }));
}

/**
 * npm's version 1 records no peer dependencies: what only a peer dependency leads to looks unreachable. Its flag is
 * the lockfile's own word, so such an entry is still verified as any other.
 */
function isUndecidable(entry: LockedPackage, { lockfile }: EdgeContext): boolean {
  return lockfile.format === 'npm' && lockfile.formatVersion === '1' && entry.flags.peer;
}

function reachable(context: EdgeContext): ReadonlySet<LockedPackage> {
  const { lockfile, entries } = context;
  const bundledBy = Map.groupBy(lockfile.entries, parentOf);
  const seen = new Set<LockedPackage>();
  const reach = (id: EntryId): void => {
    const entry = entries.get(id);
    if (entry !== undefined) seen.add(entry);
  };
  for (const entry of lockfile.entries) if (isOwnDirectory(entry, context)) seen.add(entry);
  // Deno's specifiers are those of import statements, too, which no manifest repeats.
  if (lockfile.format === 'deno') for (const id of lockfile.descriptors.values()) reach(id);
  for (const { edges } of lockfile.importers) {
    for (const { target } of edges) if (target.type === 'entry') reach(target.id);
  }
  // A Set yields what is added while it is walked.
  for (const entry of seen) {
    for (const { target } of entry.edges) if (target.type === 'entry') reach(target.id);
    for (const bundled of bundledBy.get(entry.id) ?? []) seen.add(bundled);
    if (entry.source.type === 'patched') reach(entry.source.inner);
  }
  return seen;
}

/**
 * A workspace, and what links to one: npm and bun file these as entries beside the importer. npm's edges lead past its
 * link entries to what they link to.
 */
function isOwnDirectory({ source }: LockedPackage, { lockfile, importers, entries }: EdgeContext): boolean {
  if (source.type !== 'workspace' && source.type !== 'link') return false;
  if (importers.has(source.path)) return true;
  return lockfile.format === 'npm' && source.type === 'link' && entries.has(source.path);
}

function parentOf(entry: LockedPackage): EntryId | undefined {
  return entry.source.type === 'bundled' ? entry.source.parent : undefined;
}
