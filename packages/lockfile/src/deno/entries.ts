import { NO_FLAGS, isExactVersion, isPackageName, type Edge, type EdgeKind, type LockedPackage } from '@lockseal/core';
import { isArray } from '../json/value.ts';
import type { Fields } from '../json/fields.ts';
import { memberNames, type UnexpectedFields } from '../json/unexpected.ts';
import type { DenoIndex } from './index-entries.ts';
import { parseDenoKey, parseSpecifier } from './package-key.ts';
import type { DenoSections } from './sections.ts';

const KNOWN_NPM: ReadonlySet<string> = memberNames(
  'integrity tarball dependencies optionalDependencies optionalPeers os cpu deprecated scripts bin',
);
const KNOWN_JSR: ReadonlySet<string> = memberNames('integrity dependencies');

/** Every entry of the three sections: npm, jsr, remote modules. */
export function readEntries(
  sections: DenoSections,
  index: DenoIndex,
  unexpected: UnexpectedFields,
): readonly LockedPackage[] {
  const { packages, remote } = sections;
  const npm = packages?.table('npm');
  const jsr = packages?.table('jsr');
  return [
    ...[...(npm?.tables() ?? [])].map(([key, fields]) => npmEntry(key, fields, index, unexpected)),
    ...[...(jsr?.tables() ?? [])].map(([key, fields]) => jsrEntry(key, fields, index, unexpected)),
    ...(remote === undefined ? [] : remoteEntries(remote)),
  ];
}

const NOTHING_RECORDED = {
  aliases: [],
  edges: [],
  flags: NO_FLAGS,
  hasInstallScript: undefined,
  patch: undefined,
  bundles: [],
  deprecated: undefined,
} as const;

function npmEntry(key: string, fields: Fields, index: DenoIndex, unexpected: UnexpectedFields): LockedPackage {
  unexpected.check('a deno npm package', fields, KNOWN_NPM);
  const parsed = parseDenoKey(key);
  if (parsed === undefined)
    throw fields.refuseSelf('a key of the form name@version', JSON.stringify(key), 'ERR_LOCKFILE_NAME');
  const integrity = fields.string('integrity');
  return {
    ...NOTHING_RECORDED,
    id: `npm:${key}`,
    name: parsed.name,
    version: parsed.version,
    source: { type: 'registry', url: fields.string('tarball'), namedRegistry: undefined },
    pin: integrity === undefined ? { kind: 'none' } : { kind: 'integrity', text: integrity, of: 'tarball' },
    edges: npmEdges(fields, index),
    flags: { ...NO_FLAGS, os: fields.strings('os'), cpu: fields.strings('cpu') },
    hasInstallScript: fields.boolean('scripts'),
    deprecated: fields.boolean('deprecated') ? '' : undefined,
    position: fields.position,
  };
}

function npmEdges(fields: Fields, index: DenoIndex): readonly Edge[] {
  const read = (group: string, kind: EdgeKind): readonly Edge[] =>
    references(fields, group).map(([name, reference]) => {
      return { name, kind, spec: undefined, target: index.npm(reference), position: fields.position };
    });
  return [
    ...read('dependencies', 'prod'),
    ...read('optionalDependencies', 'optional'),
    ...read('optionalPeers', 'optional-peer'),
  ];
}

/**
 * Name and reference of each dependency: `name`, `name@version_peers` or `alias@npm:name@version` in a list; version 3
 * has a table of alias -> `name@version_peers` instead.
 */
function references(fields: Fields, group: string): readonly (readonly [name: string, reference: string])[] {
  if (!isArray(fields.value(group))) return [...fields.stringMap(group)];
  return fields.strings(group).map((text) => {
    const alias = /^(.+?)@npm:(.+)$/.exec(text);
    const [name, reference] = alias === null ? [text, text] : [alias[1] ?? '', alias[2] ?? ''];
    const at = name.indexOf('@', 1);
    const plain = at < 0 ? name : name.slice(0, at);
    if (isPackageName(plain)) return [plain, reference];
    throw fields.refuse(group, 'dependencies that begin with a package name', JSON.stringify(text));
  });
}

/** The integrity is the sha256 of the version's manifest at JSR, which in turn holds the hashes of its files. */
function jsrEntry(key: string, fields: Fields, index: DenoIndex, unexpected: UnexpectedFields): LockedPackage {
  unexpected.check('a deno jsr package', fields, KNOWN_JSR);
  const at = key.indexOf('@', 1);
  const [name, version] = [key.slice(0, at), key.slice(at + 1)];
  if (at < 0 || !isPackageName(name) || !isExactVersion(version)) {
    throw fields.refuseSelf('a key of the form @scope/name@version', JSON.stringify(key), 'ERR_LOCKFILE_NAME');
  }
  const integrity = fields.string('integrity');
  const edges = fields.strings('dependencies').map((text): Edge => {
    const specifier = parseSpecifier(text);
    if (specifier === undefined) throw fields.refuse('dependencies', 'npm: and jsr: specifiers', JSON.stringify(text));
    const target = index.specified(text);
    return { name: specifier.name, kind: 'prod', spec: text, target, position: fields.position };
  });
  return {
    ...NOTHING_RECORDED,
    id: `jsr:${key}`,
    name,
    version,
    source: { type: 'jsr' },
    pin:
      integrity === undefined ? { kind: 'none' } : { kind: 'sha256', hex: checkedHex(fields, 'integrity', integrity) },
    edges,
    position: fields.position,
  };
}

function remoteEntries(remote: Fields): readonly LockedPackage[] {
  return [...remote.members()].map(([url, hash, position]) => {
    if (typeof hash !== 'string') throw remote.wrongType(url, 'a string');
    if (!URL.canParse(url) || !/^https?:/i.test(url)) throw remote.refuse(url, 'an http(s) URL', JSON.stringify(url));
    return {
      ...NOTHING_RECORDED,
      id: url,
      name: url,
      version: undefined,
      source: { type: 'https', url },
      pin: { kind: 'sha256', hex: checkedHex(remote, url, hash) },
      position,
    };
  });
}

function checkedHex(fields: Fields, name: string, text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw fields.refuse(name, '64 lower-case hex digits', JSON.stringify(text));
}
