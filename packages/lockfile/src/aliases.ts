import type { Edge, EntryId, LockedPackage } from '@lockseal/core';

/**
 * Fills in the aliases of entries for formats that record them on edges alone: every name, other than its own, under
 * which a dependent or importer asks for the entry.
 */
export function withAliases(
  entries: readonly LockedPackage[],
  importers: readonly { readonly edges: readonly Edge[] }[],
): readonly LockedPackage[] {
  const names = new Map<EntryId, Set<string>>();
  for (const { edges } of [...entries, ...importers]) {
    for (const { name, target } of edges) {
      if (target.type === 'entry') names.set(target.id, (names.get(target.id) ?? new Set()).add(name));
    }
  }
  return entries.map((entry) => {
    const aliases = [...(names.get(entry.id) ?? [])].filter((name) => name !== entry.name).toSorted();
    return aliases.length === 0 ? entry : { ...entry, aliases };
  });
}
