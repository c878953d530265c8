import { isPackageName, type EntryFlags, type Patch } from '@lockseal/core';
import type { Fields } from '../json/fields.ts';
import { memberNames, type UnexpectedFields } from '../json/unexpected.ts';
import { JsonObject } from '../json/value.ts';
import { NO_NAMES, flagsOf, type NpmDependencies, type NpmEntry } from './entry.ts';
import { isNormalPath, parseLocation, type Location } from './location.ts';

/** Members that npm 7 to 12 write (arborist lib/shrinkwrap.js, pkgMetaKeys and nodeMetaKeys). */
const KNOWN: ReadonlySet<string> = memberNames(
  'name version resolved integrity link inBundle bundleDependencies workspaces dependencies',
  'devDependencies optionalDependencies peerDependencies peerDependenciesMeta acceptDependencies',
  'dev optional devOptional peer extraneous os cpu libc engines bin license funding deprecated',
  'hasInstallScript hasShrinkwrap ideallyInert patched packageExtensionsApplied npmExtensionApplied',
  'packageExtensionsHash npmExtensionHash',
);

/** The `packages` section: the root project apart from the entries. */
export interface PackagesSection {
  readonly root: Fields | undefined;
  readonly entries: readonly NpmEntry[];
}

export function readPackages(packages: Fields, unexpected: UnexpectedFields): PackagesSection {
  const entries: NpmEntry[] = [];
  let root: Fields | undefined;
  for (const [key, fields] of packages.tables()) {
    unexpected.check('an npm package', fields, KNOWN);
    if (key === '') root = fields;
    else entries.push(readEntry(locationOf(packages, key), fields));
  }
  return { root, entries };
}

function locationOf(packages: Fields, key: string): Location {
  const location = parseLocation(key);
  if (location !== undefined) return location;
  const [code, expected] = isNormalPath(key)
    ? (['ERR_LOCKFILE_NAME', 'a path that ends in a package name'] as const)
    : (['ERR_LOCKFILE_PATH', 'a relative path in normal form'] as const);
  throw packages.refuse(key, expected, JSON.stringify(key), code);
}

function readEntry(location: Location, fields: Fields): NpmEntry {
  const name = fields.string('name');
  if (name !== undefined && location.type === 'installed' && !isPackageName(name)) {
    throw fields.refuse('name', 'a package name', JSON.stringify(name), 'ERR_LOCKFILE_NAME');
  }
  return {
    location,
    name,
    version: fields.string('version'),
    resolved: fields.string('resolved'),
    integrity: fields.string('integrity'),
    link: fields.boolean('link'),
    inBundle: fields.boolean('inBundle'),
    bundles: bundlesOf(fields),
    dependencies: readDependencies(fields),
    flags: readFlags(fields),
    hasInstallScript: fields.boolean('hasInstallScript'),
    deprecated: deprecatedOf(fields),
    patch: patchOf(fields),
    extension: extensionOf(fields, name ?? location.name),
    position: fields.position,
  };
}

function readFlags(fields: Fields): EntryFlags {
  const dev = fields.boolean('dev') || fields.boolean('devOptional');
  const optional = fields.boolean('optional') || fields.boolean('devOptional');
  const flags = flagsOf(dev, optional, fields.boolean('peer'));
  const os = fields.strings('os', 'lone');
  const cpu = fields.strings('cpu', 'lone');
  const libc = fields.strings('libc', 'lone');
  return os.length + cpu.length + libc.length === 0 ? flags : { ...flags, os, cpu, libc };
}

/** The dependency maps of an entry or of the root. A name under both heads is optional, as npm has it. */
export function readDependencies(fields: Fields): NpmDependencies {
  const prod = fields.stringMembers('dependencies');
  const optional = fields.stringMembers('optionalDependencies');
  const optionalNames = optional.length === 0 ? NO_NAMES : new Set(optional.map((member) => member.name));
  return {
    prod: optional.length === 0 ? prod : prod.filter((member) => !optionalNames.has(member.name)),
    dev: fields.stringMembers('devDependencies'),
    optional,
    peer: fields.stringMembers('peerDependencies'),
    optionalPeers: optionalPeersOf(fields),
  };
}

function optionalPeersOf(fields: Fields): ReadonlySet<string> {
  const meta = fields.table('peerDependenciesMeta');
  if (meta === undefined) return NO_NAMES;
  const names = new Set<string>();
  for (const [name, peer] of meta.tables()) if (peer.boolean('optional')) names.add(name);
  return names;
}

/** `true` stands for all dependencies. */
export function bundlesOf(fields: Fields): readonly string[] {
  const value = fields.value('bundleDependencies');
  if (value === true)
    return [...fields.stringMap('dependencies').keys(), ...fields.stringMap('optionalDependencies').keys()];
  return value === false ? [] : fields.strings('bundleDependencies');
}

/** npm copies `deprecated` from the registry, where it is sometimes a boolean. */
function deprecatedOf(fields: Fields): string | undefined {
  if (typeof fields.value('deprecated') === 'boolean') return fields.boolean('deprecated') ? '' : undefined;
  return fields.string('deprecated');
}

function patchOf(fields: Fields): Patch | undefined {
  const patched = fields.table('patched');
  if (patched === undefined) return undefined;
  const integrity = patched.string('integrity');
  return { path: patched.string('path'), hash: integrity === undefined ? undefined : patchHash(patched, integrity) };
}

function patchHash(patched: Fields, integrity: string): Patch['hash'] {
  const base64 = /^sha512-([A-Za-z0-9+/]{86}==)$/.exec(integrity)?.[1];
  const bytes = Buffer.from(base64 ?? '', 'base64');
  if (bytes.toString('base64') === base64) return { algorithm: 'sha512', value: bytes.toString('hex') };
  throw patched.refuse('integrity', 'one sha512 integrity', JSON.stringify(integrity));
}

function extensionOf(fields: Fields, name: string): string | undefined {
  const applied = fields.table('packageExtensionsApplied');
  if (applied !== undefined) return applied.string('selector') ?? name;
  const byScript = fields.value('npmExtensionApplied');
  if (byScript === undefined || byScript === false) return undefined;
  return byScript instanceof JsonObject
    ? (fields.nested('npmExtensionApplied', byScript).string('selector') ?? name)
    : name;
}
