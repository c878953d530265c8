import type { LockfileClaims, Patch } from '@lockseal/core';
import type { Fields } from '../json/fields.ts';
import { JsonObject } from '../json/value.ts';

/** What bun.lock repeats of the root package.json. Bun records the path of a patch, never its hash. */
export function claimsOf(root: Fields): LockfileClaims {
  const patches = new Map<string, Patch>();
  for (const { name, value } of root.stringMembers('patchedDependencies')) {
    patches.set(name, { path: value, hash: undefined });
  }
  return { overrides: overridesOf(root), packageExtensions: [], patches, catalogs: catalogsOf(root) };
}

/** Overrides of lockfileVersion 3 may be nested; `a>b` is b below a, and `a>.` is a itself. */
function overridesOf(root: Fields): ReadonlyMap<string, string> {
  const overrides = new Map<string, string>();
  const read = (table: Fields, prefix: string): void => {
    for (const [name, value] of table.members()) {
      if (typeof value === 'string') overrides.set(prefix + name, value);
      else if (value instanceof JsonObject) read(table.nested(name, value), `${prefix}${name}>`);
      else throw table.wrongType(name, 'a string or an object');
    }
  };
  const table = root.table('overrides');
  if (table !== undefined) read(table, '');
  return overrides;
}

function catalogsOf(root: Fields): LockfileClaims['catalogs'] {
  const catalogs = new Map<string, ReadonlyMap<string, string>>();
  if (root.has('catalog')) catalogs.set('default', root.stringMap('catalog'));
  const named = root.table('catalogs');
  for (const name of named?.names ?? []) {
    if (named !== undefined) catalogs.set(name, named.stringMap(name));
  }
  return catalogs;
}
