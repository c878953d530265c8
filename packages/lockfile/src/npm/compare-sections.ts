import type { Observation } from '@lockseal/core';
import { realName, type NpmEntry } from './entry.ts';

/**
 * `packages` against `dependencies` in a file that has both: npm 7 and later install the former, npm 6 the latter.
 * They disagree where a package is in one alone, or where name, version, URL or integrity differ.
 */
export function compareSections(packages: readonly NpmEntry[], tree: readonly NpmEntry[]): readonly Observation[] {
  const inTree = byKey(tree);
  const inPackages = byKey(packages);
  const observations: Observation[] = [];
  for (const entry of packages) {
    if (entry.location.type === 'local') continue;
    const other = inTree.get(entry.location.key);
    if (other === undefined) observations.push(disagreement(entry, 'the entry in dependencies', 'none'));
    else observations.push(...differences(entry, other));
  }
  for (const entry of tree) {
    if (!inPackages.has(entry.location.key)) observations.push(disagreement(entry, 'the entry in packages', 'none'));
  }
  return observations;
}

function byKey(entries: readonly NpmEntry[]): ReadonlyMap<string, NpmEntry> {
  const map = new Map<string, NpmEntry>();
  for (const entry of entries) map.set(entry.location.key, entry);
  return map;
}

function differences(inPackages: NpmEntry, inTree: NpmEntry): readonly Observation[] {
  const found: Observation[] = [];
  const compare = (what: string, packages: string | boolean | undefined, tree: string | boolean | undefined): void => {
    if (packages === tree) return;
    const [ours, theirs] = [`${what} ${packages ?? 'none'} (packages)`, `${what} ${tree ?? 'none'} (dependencies)`];
    found.push(disagreement(inPackages, ours, theirs));
  };
  // Only an alias has a name in version 1; only what comes from a registry has a version.
  if (inTree.version !== undefined) compare('name', realName(inPackages), realName(inTree));
  if (inTree.version !== undefined || inTree.resolved === undefined) {
    compare('version', inPackages.version, inTree.version);
  }
  compare('link', inPackages.link, inTree.link);
  compare('resolved', inPackages.resolved, inTree.resolved);
  compare('integrity', inPackages.integrity, inTree.integrity);
  return found;
}

function disagreement(entry: NpmEntry, expected: string, found: string): Observation {
  return { code: 'sections-disagree', entry: entry.location.key, position: entry.position, expected, found };
}
