import type { NpmEntry } from './entry.ts';
import type { NpmTree } from './tree.ts';

/** Entry -> the installed entry whose tarball holds it, according to the file. */
export type Bundlers = ReadonlyMap<NpmEntry, NpmEntry>;

/**
 * Which entries come inside which tarball, by arborist's rule (lib/node.js, getBundler): what an entry's
 * bundleDependencies names, all that is installed below it, and what a bundled package depends on and finds beside
 * it. The root and the workspaces are no tarballs: what they bundle when they are packed is still fetched.
 */
export function findBundlers(entries: readonly NpmEntry[], tree: NpmTree): Bundlers {
  const bundlers = new Map<NpmEntry, NpmEntry>();
  const outermostFirst = entries
    .filter((entry) => entry.bundles.length > 0 && entry.location.type === 'installed' && !entry.link)
    .toSorted((a, b) => a.location.key.length - b.location.key.length);
  for (const bundler of outermostFirst) {
    if (!bundlers.has(bundler)) spread(bundler, tree, bundlers);
  }
  return bundlers;
}

function spread(bundler: NpmEntry, tree: NpmTree, bundlers: Map<NpmEntry, NpmEntry>): void {
  const beside = tree.folder(bundler.location.key);
  const queue: NpmEntry[] = [];
  const add = (entry: NpmEntry | undefined): void => {
    if (entry === undefined || bundlers.has(entry)) return;
    bundlers.set(entry, bundler);
    queue.push(entry);
  };
  for (const name of bundler.bundles) add(beside.get(name));
  for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
    for (const below of tree.folder(entry.location.key).values()) add(below);
    for (const edge of tree.edges(entry.location.key, entry.dependencies)) {
      const target = edge.target.type === 'entry' ? tree.get(edge.target.id) : undefined;
      if (target?.location.type === 'installed' && target.location.owner === bundler.location.key) add(target);
    }
  }
}

/**
 * Version 1 records no bundleDependencies: a `bundled` entry is in the tarball of the nearest entry above that is
 * not itself bundled.
 */
export function findTreeBundlers(entries: readonly NpmEntry[], tree: NpmTree): Bundlers {
  const bundlers = new Map<NpmEntry, NpmEntry>();
  for (const entry of entries) {
    if (!entry.inBundle || entry.location.type !== 'installed') continue;
    // Entries come outermost first, so that the owner is decided before what is below it.
    const owner = tree.get(entry.location.owner);
    if (owner === undefined || owner.link) continue;
    const bundler = bundlers.get(owner) ?? owner;
    if (!bundler.inBundle) bundlers.set(entry, bundler);
  }
  return bundlers;
}
