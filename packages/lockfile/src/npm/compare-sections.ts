import type { Observation } from '@lockseal/core';
import { realName, type NpmEntry } from './entry.ts';

/**
 * `packages` against `dependencies` in a file that has both: npm 7 and later install the former, npm 6 the latter.
 * They disagree where a package is in one alone, or where name, version, URL or integrity differ.
 */
export function compareSections(packages: readonly NpmEntry[], tree: readonly NpmEntry[]): readonly Observation[] {
  const inTree = new Map(tree.map((entry) => [entry.location.key, entry]));
  const inPackages = new Map(packages.map((entry) => [entry.location.key, entry]));
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

function differences(inPackages: NpmEntry, inTree: NpmEntry): readonly Observation[] {
  const pairs: readonly (readonly [what: string, packages: string | undefined, tree: string | undefined])[] = [
    // Only an alias has a name in version 1; only what comes from a registry has a version.
    ['name', realName(inPackages), inTree.version === undefined ? realName(inPackages) : realName(inTree)],
    ['version', inPackages.version, inTree.version ?? (inTree.resolved === undefined ? undefined : inPackages.version)],
    ['link', String(inPackages.link), String(inTree.link)],
    ['resolved', inPackages.resolved, inTree.resolved],
    ['integrity', inPackages.integrity, inTree.integrity],
  ];
  return pairs.flatMap(([what, packages, tree]) => {
    if (packages === tree) return [];
    const [expected, found] = [`${what} ${packages ?? 'none'} (packages)`, `${what} ${tree ?? 'none'} (dependencies)`];
    return [disagreement(inPackages, expected, found)];
  });
}

function disagreement(entry: NpmEntry, expected: string, found: string): Observation {
  return { code: 'sections-disagree', entry: entry.location.key, position: entry.position, expected, found };
}
