import type { Importer, Lockfile } from '@lockseal/core';
import { readFields, type Fields } from '../json/fields.ts';
import { UnexpectedFields, memberNames } from '../json/unexpected.ts';
import type { LockfileText } from '../text.ts';
import { claimsOf } from './claims.ts';
import { falseBundleClaims, lockedPackage } from './entries.ts';
import { DEPENDENCY_GROUPS, PackageTree, readPackages } from './packages.ts';

const KNOWN: ReadonlySet<string> = memberNames(
  'lockfileVersion configVersion workspaces trustedDependencies patchedDependencies overrides',
  'catalog catalogs packages',
);
const KNOWN_WORKSPACE: ReadonlySet<string> = memberNames(...DEPENDENCY_GROUPS, 'name version bin binDir');

/** bun.lock, versions 0 to 3: JSON with comments and trailing commas. */
export function readBun(text: LockfileText): Lockfile {
  const root = readFields(text, 'jsonc');
  const unexpected = new UnexpectedFields();
  unexpected.check('bun.lock', root, KNOWN);
  const formatVersion = versionOf(root);
  const tree = new PackageTree(readPackages(root, unexpected));
  const claims = claimsOf(root);
  return {
    path: text.path,
    format: 'bun',
    formatVersion,
    bytes: text.bytes,
    entries: [...tree.packages.values()].map((keyed) => lockedPackage(keyed, tree, claims.patches)),
    importers: importersOf(root, tree, unexpected),
    descriptors: new Map(),
    claims,
    observations: [...unexpected.observations, ...falseBundleClaims(tree)],
  };
}

function versionOf(root: Fields): string {
  const version = root.value('lockfileVersion');
  if (version === 0 || version === 1 || version === 2 || version === 3) return String(version);
  const found = typeof version === 'number' ? String(version) : `a ${typeof version}`;
  throw root.refuse('lockfileVersion', '0, 1, 2 or 3', found, 'ERR_LOCKFILE_VERSION');
}

/** The workspaces with their dependencies; those of the root stand under ''. */
function importersOf(root: Fields, tree: PackageTree, unexpected: UnexpectedFields): readonly Importer[] {
  const workspaces = root.table('workspaces');
  if (workspaces === undefined) throw root.wrongType('workspaces', 'an object');
  return [...workspaces.tables()].map(([path, fields]) => {
    unexpected.check('a bun workspace', fields, KNOWN_WORKSPACE);
    const name = fields.string('name');
    // What a workspace cannot share with the root is filed below its name.
    const owner = path === '' || name === undefined ? [] : [name];
    return { path: path === '' ? '.' : path, edges: tree.edges(owner, fields), position: fields.position };
  });
}
