import { isPackageName, type EntryFlags } from '@lockseal/core';
import { isGitUrl, isHttpUrl } from '../git-url.ts';
import type { Fields, StringMember } from '../json/fields.ts';
import { memberNames, type UnexpectedFields } from '../json/unexpected.ts';
import { NO_NAMES, flagsOf, type NpmEntry, type TreeEntry } from './entry.ts';
import { isNormalPath, parseLocation, type Location } from './location.ts';
import type { NpmTree } from './tree.ts';

/** Members that npm 5, 6 and the v1 writer of npm 7 to 12 write. */
const KNOWN: ReadonlySet<string> = memberNames(
  'version resolved integrity from bundled dev optional devOptional peer extraneous requires',
  'dependencies',
);

/** The `dependencies` tree of version 1, flattened: an entry below `a` is filed as `a/node_modules/<name>`. */
export function readTree(tree: Fields, unexpected: UnexpectedFields): readonly NpmEntry[] {
  return walkTree(tree, readEntry, undefined, unexpected);
}

/**
 * The same of version 2, to be compared with `packages`: every member is checked as ever, but only what is compared is
 * kept. What `packages` has a link for holds its node_modules where that leads to.
 */
export function readTreeBeside(packages: NpmTree, tree: Fields, unexpected: UnexpectedFields): readonly TreeEntry[] {
  return walkTree(tree, readComparedEntry, packages, unexpected);
}

function walkTree<Entry extends TreeEntry>(
  tree: Fields,
  read: (location: Location, fields: Fields) => Entry,
  packages: NpmTree | undefined,
  unexpected: UnexpectedFields,
): readonly Entry[] {
  const entries: Entry[] = [];
  const walk = (dependencies: Fields, owner: string): void => {
    for (const [name, fields] of dependencies.tables()) {
      unexpected.check('an npm v1 dependency', fields, KNOWN);
      const key = owner === '' ? `node_modules/${name}` : `${owner}/node_modules/${name}`;
      const beside = packages?.get(key);
      const location = beside?.location ?? parseLocation(key);
      if (location?.type !== 'installed' || location.name !== name) {
        throw dependencies.refuse(name, 'a package name', JSON.stringify(name), 'ERR_LOCKFILE_NAME');
      }
      entries.push(read(location, fields));
      const nested = fields.table('dependencies');
      if (nested !== undefined) walk(nested, beside?.link === true ? (beside.resolved ?? key) : key);
    }
  };
  walk(tree, '');
  return entries;
}

function readEntry(location: Location, fields: Fields): NpmEntry {
  const { name, version, resolved, link } = readVersion(fields);
  return {
    location,
    name,
    version,
    resolved,
    link,
    integrity: fields.string('integrity'),
    inBundle: fields.boolean('bundled'),
    bundles: [],
    dependencies: { prod: requiresOf(fields), dev: [], optional: [], peer: [], optionalPeers: NO_NAMES },
    flags: readFlags(fields),
    hasInstallScript: undefined,
    deprecated: undefined,
    patch: undefined,
    extension: undefined,
    position: fields.position,
  };
}

function readComparedEntry(location: Location, fields: Fields): TreeEntry {
  const { name, version, resolved, link } = readVersion(fields);
  const integrity = fields.string('integrity');
  fields.boolean('bundled');
  requiresOf(fields);
  readFlags(fields);
  return { location, name, version, resolved, link, integrity, position: fields.position };
}

function readFlags(fields: Fields): EntryFlags {
  const dev = fields.boolean('dev') || fields.boolean('devOptional');
  const optional = fields.boolean('optional') || fields.boolean('devOptional');
  return flagsOf(dev, optional, fields.boolean('peer'));
}

/** `requires` may be `true` (npm 5), which says nothing. */
function requiresOf(fields: Fields): readonly StringMember[] {
  return typeof fields.value('requires') === 'boolean' ? [] : fields.stringMembers('requires');
}

/** In version 1 the `version` of what is no registry package is its path or URL. */
function readVersion(fields: Fields): Pick<NpmEntry, 'name' | 'version' | 'resolved' | 'link'> {
  const version = fields.string('version');
  const resolved = fields.string('resolved');
  if (version === undefined || isDigit(version.charCodeAt(0)))
    return { name: undefined, version, resolved, link: false };
  if (version.startsWith('npm:')) return { ...readAlias(fields, version), resolved, link: false };
  if (version.startsWith('file:')) {
    const path = version.slice('file:'.length);
    const isLink = !/\.(?:tgz|tar|tar\.gz)$/i.test(path);
    if (isLink && !isNormalPath(path)) {
      throw fields.refuse('version', 'a relative path in normal form', JSON.stringify(path), 'ERR_LOCKFILE_PATH');
    }
    return { name: undefined, version: undefined, resolved: isLink ? path : version, link: isLink };
  }
  if (isGitUrl(version) || isHttpUrl(version)) {
    return { name: undefined, version: undefined, resolved: version, link: false };
  }
  return { name: undefined, version, resolved, link: false };
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function readAlias(fields: Fields, version: string): { readonly name: string; readonly version: string } {
  const at = version.lastIndexOf('@');
  const name = version.slice('npm:'.length, at);
  if (at > 'npm:'.length && isPackageName(name)) return { name, version: version.slice(at + 1) };
  throw fields.refuse('version', 'npm:<name>@<version>', JSON.stringify(version));
}
