import {
  NO_FLAGS,
  isExactVersion,
  isPackageName,
  type Edge,
  type EdgeKind,
  type EdgeTarget,
  type EntryFlags,
  type LockedPackage,
  type Observation,
  type Pin,
} from '@lockseal/core';
import type { Fields } from '../yaml/fields.ts';
import type { Descriptors } from './descriptors.ts';
import { parseIdent, realNameOf, type Ident } from './locator.ts';
import { readLocator } from './source.ts';

/** One block of the lockfile before its dependencies are followed. */
export interface Block {
  /** The key as recorded. */
  readonly key: string;
  readonly fields: Fields;
  readonly descriptors: readonly Ident[];
  readonly locator: Ident;
  /** The locator as recorded. */
  readonly id: string;
}

const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  'version',
  'resolution',
  'dependencies',
  'peerDependencies',
  'dependenciesMeta',
  'peerDependenciesMeta',
  'bin',
  'checksum',
  'conditions',
  'languageName',
  'linkType',
]);

export function readBlock(blocks: Fields, key: string): Block {
  const fields = blocks.child(key);
  if (fields === undefined) throw blocks.wrong(key, 'an entry', 'nothing');
  const descriptors = key.split(',').map((text) => ident(blocks, key, text.trim()));
  const id = fields.text('resolution');
  if (id === undefined) throw blocks.wrong(key, 'an entry with a resolution', 'none');
  return { key, fields, descriptors, locator: ident(fields, 'resolution', id), id };
}

function ident(fields: Fields, key: string, text: string): Ident {
  const parsed = parseIdent(text);
  if (parsed === undefined) throw fields.wrong(key, 'name@reference', text);
  for (const name of [parsed.name, realNameOf(parsed)]) {
    if (!isPackageName(name)) throw fields.wrong(key, 'a package name', name, 'ERR_LOCKFILE_NAME');
  }
  return parsed;
}

/** @param cacheKey `__metadata.cacheKey` */
export function readEntry(block: Block, descriptors: Descriptors, cacheKey: string | undefined): LockedPackage {
  const { fields, locator } = block;
  const facts = readLocator(locator);
  const version = facts.version ?? fields.text('version');
  if (facts.source.type === 'registry' && (version === undefined || !isExactVersion(version))) {
    throw fields.wrong('resolution', 'an exact version', block.id);
  }
  const aliases = new Set(block.descriptors.map(({ name }) => name).filter((name) => name !== locator.name));
  return {
    id: block.id,
    name: locator.name,
    version,
    aliases: [...aliases].toSorted(),
    source: facts.source,
    pin: readPin(fields, cacheKey),
    edges: readEdges(block, descriptors),
    flags: readConditions(fields),
    hasInstallScript: undefined,
    patch: facts.patch,
    bundles: [],
    deprecated: undefined,
    position: fields.position(),
  };
}

/** `<cacheKey>/<sha512 hex>`; Yarn 2 and 3 wrote the bare hash. */
function readPin(fields: Fields, lockfileCacheKey: string | undefined): Pin {
  const text = fields.text('checksum');
  if (text === undefined) return { kind: 'none' };
  const match = /^(?:([A-Za-z0-9]+)\/)?([0-9a-f]{128})$/.exec(text);
  if (match?.[2] === undefined) throw fields.wrong('checksum', '<cacheKey>/<sha512 in hex>', text);
  return { kind: 'yarn-checksum', cacheKey: match[1], lockfileCacheKey, sha512: match[2] };
}

/** `os=darwin & cpu=x64`, and `(os=linux | os=darwin)` where there are several. */
function readConditions(fields: Fields): EntryFlags {
  const conditions = fields.text('conditions');
  if (conditions === undefined) return NO_FLAGS;
  const of = (name: string): readonly string[] =>
    Array.from(conditions.matchAll(new RegExp(`\\b${name}=([^\\s&|()]+)`, 'g')), (match) => match[1] ?? '');
  return { ...NO_FLAGS, os: of('os'), cpu: of('cpu'), libc: of('libc') };
}

/** Dependencies as recorded; Yarn merges a workspace's devDependencies into them. Peers have no answer of their own. */
function readEdges(block: Block, descriptors: Descriptors): readonly Edge[] {
  const { fields } = block;
  const meta = fields.child('dependenciesMeta');
  const peerMeta = fields.child('peerDependenciesMeta');
  const edges = (
    section: string,
    kindOf: (name: string) => EdgeKind,
    targetOf: (name: string, spec: string) => EdgeTarget,
  ) => {
    const table = fields.child(section);
    return (table?.keys ?? []).map((name): Edge => {
      const spec = table?.text(name) ?? '';
      if (!isPackageName(name)) throw fields.wrong(section, 'package names', name, 'ERR_LOCKFILE_NAME');
      return { name, kind: kindOf(name), spec, target: targetOf(name, spec), position: table?.position(name) };
    });
  };
  return [
    ...edges(
      'dependencies',
      (name) => (isOptional(meta, name) ? 'optional' : 'prod'),
      (name, spec) => {
        const id = descriptors.resolve(name, spec, block.id);
        return id === undefined ? { type: 'none' } : { type: 'entry', id };
      },
    ),
    ...edges(
      'peerDependencies',
      (name) => (isOptional(peerMeta, name) ? 'optional-peer' : 'peer'),
      () => ({ type: 'none' }),
    ),
  ];
}

function isOptional(meta: Fields | undefined, name: string): boolean {
  return meta?.child(name)?.flag('optional') ?? false;
}

/** What is odd about one block, but no error. */
export function observe(block: Block, entry: LockedPackage): readonly Observation[] {
  const { fields, locator, id } = block;
  const observations: Observation[] = block.descriptors
    .filter((descriptor) => realNameOf(descriptor) !== locator.name)
    .map((descriptor) => ({
      code: 'name-mismatch',
      entry: id,
      position: fields.position('resolution'),
      expected: realNameOf(descriptor),
      found: locator.name,
    }));
  const recorded = fields.text('version');
  if (entry.version !== recorded) {
    observations.push({
      code: 'sections-disagree',
      entry: id,
      position: fields.position('version'),
      expected: entry.version,
      found: recorded,
      detail: 'The version and the resolution of one entry differ.',
    });
  }
  for (const key of fields.keys.filter((name) => !KNOWN_FIELDS.has(name))) {
    observations.push({ code: 'unexpected-field', entry: id, position: fields.position(key), found: key });
  }
  return observations;
}
