import type { LockedPackage, PublishedEntry } from '../model/lockfile.ts';

/** Entries that share name, version, source and pin are one artifact: what is found out about one holds for all. */
export function groupArtifacts(entries: readonly LockedPackage[]): readonly (readonly LockedPackage[])[] {
  const groups = new Map<string, LockedPackage[]>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.name, entry.version, entry.source, entry.pin, entry.hasInstallScript]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return [...groups.values()];
}

export function isPublished(entry: LockedPackage): entry is PublishedEntry {
  return entry.source.type === 'registry' && entry.version !== undefined;
}
