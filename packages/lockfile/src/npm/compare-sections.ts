import type { Observation } from '@lockseal/core';
import { realName, type NpmEntry, type TreeEntry } from './entry.ts';
import type { NpmTree } from './tree.ts';

/**
 * `packages` against `dependencies` in a file that has both: npm 7 and later install the former, npm 6 the latter.
 * They disagree where a package is in one alone, or where name, version, URL or integrity differ.
 */
export function compareSections(
  packages: readonly NpmEntry[],
  inPackages: NpmTree,
  tree: readonly TreeEntry[],
): readonly Observation[] {
  const inTree = new Map<string, TreeEntry>();
  for (const entry of tree) inTree.set(entry.location.key, entry);
  const observations: Observation[] = [];
  for (const entry of packages) {
    if (entry.location.type === 'local') continue;
    const other = inTree.get(entry.location.key);
    if (other === undefined) observations.push(disagreement(entry, 'the entry in dependencies', 'none'));
    else if (!isSame(entry, other)) observations.push(...differences(entry, other));
  }
  for (const entry of tree) {
    if (inPackages.get(entry.location.key) === undefined) {
      observations.push(disagreement(entry, 'the entry in packages', 'none'));
    }
  }
  return observations;
}

/** Whether nothing differs, as it is with nearly all entries. */
function isSame(inPackages: NpmEntry, inTree: TreeEntry): boolean {
  return (
    inPackages.version === inTree.version &&
    inPackages.resolved === inTree.resolved &&
    inPackages.integrity === inTree.integrity &&
    inPackages.link === inTree.link &&
    realName(inPackages) === realName(inTree)
  );
}

function differences(inPackages: NpmEntry, inTree: TreeEntry): readonly Observation[] {
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

function disagreement(entry: TreeEntry, expected: string, found: string): Observation {
  return { code: 'sections-disagree', entry: entry.location.key, position: entry.position, expected, found };
}
