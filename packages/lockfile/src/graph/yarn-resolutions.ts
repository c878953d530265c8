import {
  parseSpecifier,
  type DeclaredOverride,
  type EntryId,
  type LockedPackage,
  type Lockfile,
  type Project,
} from '@lockseal/core';

/**
 * Yarn 1 files what `resolutions` divert in one block: patterns of the package asked for beside the one that replaces
 * it. Read alone such a block looks like two packages under one roof, and its first pattern may bear the wrong name.
 * Where the project declares the resolution, the replacement names the entry and what the reader noticed is settled.
 */
export function settleResolutions(lockfile: Lockfile, project: Project): Lockfile {
  if (lockfile.format !== 'yarn-classic') return lockfile;
  const settled = new Map(project.overrides.flatMap((override) => settle(override, lockfile)));
  if (settled.size === 0) return lockfile;
  const observations = lockfile.observations.filter(
    ({ code, entry }) => !(SETTLED.has(code) && entry !== undefined && settled.has(entry)),
  );
  return { ...lockfile, observations, entries: lockfile.entries.map((entry) => rename(entry, settled.get(entry.id))) };
}

const SETTLED: ReadonlySet<string> = new Set(['name-mismatch', 'non-registry-source']);

function settle({ target, replacement }: DeclaredOverride, lockfile: Lockfile): [EntryId, string][] {
  const id = lockfile.descriptors.get(`${target.name}@${replacement}`);
  const spec = parseSpecifier(target.name, replacement);
  return id === undefined ? [] : [[id, 'name' in spec ? spec.name : target.name]];
}

function rename(entry: LockedPackage, name: string | undefined): LockedPackage {
  if (name === undefined || name === entry.name) return entry;
  const aliases = new Set([...entry.aliases, entry.name].filter((alias) => alias !== name));
  return { ...entry, name, aliases: [...aliases].toSorted() };
}
