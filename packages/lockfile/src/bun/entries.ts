import type { EntryFlags, LockedPackage, Observation, Patch, Source } from '@lockseal/core';
import { NO_FLAGS, toSpec } from '@lockseal/core';
import type { Fields } from '../json/fields.ts';
import type { KeyedPackage, PackageTree } from './packages.ts';

export function lockedPackage(
  keyed: KeyedPackage,
  tree: PackageTree,
  patches: ReadonlyMap<string, Patch>,
): LockedPackage {
  const { key, path, name, version, info } = keyed;
  const alias = path.at(-1) ?? name;
  return {
    id: key,
    name,
    version,
    aliases: alias === name ? [] : [alias],
    source: sourceOf(keyed, tree),
    pin: keyed.pin,
    edges: info === undefined || keyed.source.type === 'workspace' ? [] : tree.edges(path, info),
    flags: info === undefined ? NO_FLAGS : flagsOf(info),
    hasInstallScript: info?.has('hasInstallScript') === true ? info.boolean('hasInstallScript') : undefined,
    patch: patches.get(toSpec(name, version)),
    bundles: [],
    deprecated: undefined,
    position: keyed.position,
  };
}

/** A package marked as bundled comes inside the one above it; at the top there is none, and it is fetched. */
function sourceOf(keyed: KeyedPackage, tree: PackageTree): Source {
  const parent = bundlerOf(keyed, tree);
  return parent === undefined ? keyed.source : { type: 'bundled', parent: parent.key };
}

function bundlerOf(keyed: KeyedPackage, tree: PackageTree): KeyedPackage | undefined {
  if (keyed.info?.boolean('bundled') !== true) return undefined;
  const above = tree.packages.get(keyed.path.slice(0, -1).join('/'));
  return above?.source.type === 'workspace' ? undefined : above;
}

function flagsOf(info: Fields): EntryFlags {
  return {
    ...NO_FLAGS,
    os: info.strings('os', 'lone'),
    cpu: info.strings('cpu', 'lone'),
    libc: info.strings('libc', 'lone'),
  };
}

/** Entries marked as bundled with nothing above that could bundle them: a reader that skips them overlooks them. */
export function falseBundleClaims(tree: PackageTree): readonly Observation[] {
  return [...tree.packages.values()]
    .filter((keyed) => keyed.info?.boolean('bundled') === true && bundlerOf(keyed, tree) === undefined)
    .map((keyed) => ({
      code: 'false-bundle-claim',
      entry: keyed.key,
      position: keyed.position,
      expected: 'a package above that bundles it',
      found: 'none',
    }));
}
