import { isPackageName } from '@lockseal/core';
import { isGitUrl, isHttpUrl } from '../git-url.ts';
import type { Fields, StringMember } from '../json/fields.ts';
import { memberNames, type UnexpectedFields } from '../json/unexpected.ts';
import { NO_NAMES, type NpmEntry } from './entry.ts';
import { isNormalPath, parseLocation, type Location } from './location.ts';

/** Members that npm 5, 6 and the v1 writer of npm 7 to 12 write. */
const KNOWN: ReadonlySet<string> = memberNames(
  'version resolved integrity from bundled dev optional devOptional peer extraneous requires',
  'dependencies',
);

/**
 * The `dependencies` tree of versions 1 and 2, flattened: an entry below `a` is filed as `a/node_modules/<name>`.
 * `baseOf` gives the directory that holds the node_modules of an entry: itself, or what it is a link to.
 */
export function readTree(
  tree: Fields,
  baseOf: (location: string) => string,
  unexpected: UnexpectedFields,
): readonly NpmEntry[] {
  const entries: NpmEntry[] = [];
  const walk = (dependencies: Fields, owner: string): void => {
    for (const [name, fields] of dependencies.tables()) {
      unexpected.check('an npm v1 dependency', fields, KNOWN);
      const location = locationOf(dependencies, name, owner);
      entries.push(readEntry(location, fields));
      const nested = fields.table('dependencies');
      if (nested !== undefined) walk(nested, baseOf(location.key));
    }
  };
  walk(tree, '');
  return entries;
}

function locationOf(dependencies: Fields, name: string, owner: string): Location {
  const location = parseLocation(owner === '' ? `node_modules/${name}` : `${owner}/node_modules/${name}`);
  if (location?.type === 'installed' && location.name === name) return location;
  throw dependencies.refuse(name, 'a package name', JSON.stringify(name), 'ERR_LOCKFILE_NAME');
}

function readEntry(location: Location, fields: Fields): NpmEntry {
  return {
    location,
    ...readVersion(fields),
    integrity: fields.string('integrity'),
    inBundle: fields.boolean('bundled'),
    bundles: [],
    dependencies: { prod: requiresOf(fields), dev: [], optional: [], peer: [], optionalPeers: NO_NAMES },
    flags: {
      dev: fields.boolean('dev') || fields.boolean('devOptional'),
      optional: fields.boolean('optional') || fields.boolean('devOptional'),
      peer: fields.boolean('peer'),
      os: [],
      cpu: [],
      libc: [],
      config: false,
    },
    hasInstallScript: undefined,
    deprecated: undefined,
    patch: undefined,
    extension: undefined,
    position: fields.position,
  };
}

/** `requires` may be `true` (npm 5), which says nothing. */
function requiresOf(fields: Fields): readonly StringMember[] {
  return typeof fields.value('requires') === 'boolean' ? [] : fields.stringMembers('requires');
}

/** In version 1 the `version` of what is no registry package is its path or URL. */
function readVersion(fields: Fields): Pick<NpmEntry, 'name' | 'version' | 'resolved' | 'link'> {
  const version = fields.string('version');
  const resolved = fields.string('resolved');
  if (version?.startsWith('npm:') === true) return { ...readAlias(fields, version), resolved, link: false };
  if (version?.startsWith('file:') === true) {
    const path = version.slice('file:'.length);
    const isLink = !/\.(?:tgz|tar|tar\.gz)$/i.test(path);
    if (isLink && !isNormalPath(path)) {
      throw fields.refuse('version', 'a relative path in normal form', JSON.stringify(path), 'ERR_LOCKFILE_PATH');
    }
    return { name: undefined, version: undefined, resolved: isLink ? path : version, link: isLink };
  }
  if (version !== undefined && (isGitUrl(version) || isHttpUrl(version))) {
    return { name: undefined, version: undefined, resolved: version, link: false };
  }
  return { name: undefined, version, resolved, link: false };
}

function readAlias(fields: Fields, version: string): { readonly name: string; readonly version: string } {
  const at = version.lastIndexOf('@');
  const name = version.slice('npm:'.length, at);
  if (at > 'npm:'.length && isPackageName(name)) return { name, version: version.slice(at + 1) };
  throw fields.refuse('version', 'npm:<name>@<version>', JSON.stringify(version));
}
