import { isPackageName } from '@lockseal/core';

/** Longest chain of packages in a key; real ones stay below ten. */
const MAX_NAMES = 64;

/**
 * A key of `packages`: the names from the outermost package to the one filed here, joined by slashes, a scoped name
 * holding one of its own. undefined if any part is no package name.
 */
export function parseKeyPath(key: string): readonly string[] | undefined {
  const names: string[] = [];
  const segments = key.split('/', 2 * MAX_NAMES + 1);
  for (let index = 0; index < segments.length; index += 1) {
    let name = segments[index] ?? '';
    if (name.startsWith('@')) {
      index += 1;
      name = `${name}/${segments[index] ?? ''}`;
    }
    if (!isPackageName(name)) return undefined;
    names.push(name);
  }
  return names.length > MAX_NAMES ? undefined : names;
}

/** The keys of the package filed under `path` and of those above it, innermost first. */
export function ownersOf(path: readonly string[]): readonly string[] {
  return path.map((_, index) => path.slice(0, path.length - index).join('/'));
}
