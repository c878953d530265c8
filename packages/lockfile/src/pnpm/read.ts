import {
  LocksealError,
  type Importer,
  type LockedPackage,
  type Lockfile,
  type LockfileClaims,
  type Observation,
} from '@lockseal/core';
import type { LockfileText } from '../text.ts';
import { readFields, type Fields } from '../yaml/fields.ts';
import type { YamlSource } from '../yaml/load.ts';
import { NO_CLAIMS, indexPatches, readClaims } from './claims.ts';
import type { KeyStyle } from './dep-path.ts';
import { splitDocuments } from './documents.ts';
import type { References } from './edges.ts';
import { readEntries } from './entries.ts';
import { importerFields, readImporter } from './importers.ts';
import { findIrregularSyntax } from './irregular.ts';

/**
 * A pnpm-lock.yaml of version 5.3, 5.4, 6.0, 6.1, 9.0 or 12.x, of any name (per-branch files are the same format).
 *
 * Entries are the keys of `packages`. Where the file has an env document (pnpm itself and the config dependencies, both
 * of which run code at install time), its packages are entries too: their ids begin with `env:`, `flags.config` is set,
 * and the edges to them stand with the root importer.
 * @throws LocksealError as splitDocuments and loadYaml do; ERR_LOCKFILE_VERSION, ERR_LOCKFILE_FIELD,
 *   ERR_LOCKFILE_NAME, ERR_LOCKFILE_PATH
 */
export function readPnpm(source: LockfileText): Lockfile {
  const { env, project } = splitDocuments(source);
  const documents: Document[] = [];
  if (env !== undefined) documents.push(readDocument(env, 'env:'));
  if (project !== undefined) documents.push(readDocument(project, ''));
  const main = documents.at(-1);
  if (main === undefined) throw new LocksealError('ERR_INTERNAL', 'a file without documents');
  return {
    path: source.path,
    format: 'pnpm',
    formatVersion: main.version,
    bytes: source.bytes,
    entries: withAliases(documents),
    importers: mergeImporters(documents.flatMap(({ importers }) => importers)),
    descriptors: new Map(),
    claims: project === undefined ? NO_CLAIMS : main.claims,
    observations: documents.flatMap(({ observations }) => observations),
  };
}

interface Document {
  readonly version: string;
  readonly entries: readonly LockedPackage[];
  readonly importers: readonly Importer[];
  readonly claims: LockfileClaims;
  readonly observations: readonly Observation[];
}

function readDocument(source: YamlSource, prefix: '' | 'env:'): Document {
  const { fields, lines } = readFields(source);
  const isEnv = prefix === 'env:';
  const { version, style } = readVersion(fields);
  const importers = importerFields(fields);
  const references: References = {
    style,
    entries: new Map(fields.child('packages')?.keys.map((key) => [key, { type: 'entry', id: prefix + key }])),
    importers: new Set(importers.keys()),
    names: new Set(),
  };
  const claims = readClaims(fields);
  const { entries, observations } = readEntries({
    references,
    document: fields,
    settings: fields.child('settings'),
    isEnv,
    patches: indexPatches(claims.patches),
  });
  return {
    version,
    entries,
    importers: Array.from(importers, ([at, importer]) => readImporter(references, at, importer)),
    claims,
    observations: [
      ...(isEnv ? observeEnv(fields, importers) : []),
      ...findIrregularSyntax(lines),
      ...observeFields(fields),
      ...observations,
    ],
  };
}

function readVersion(document: Fields): { readonly version: string; readonly style: KeyStyle } {
  const future = ['lockfile', 'lockfile.format'].find((key) => document.has(key));
  if (future !== undefined) {
    throw document.wrong(future, `lockfileVersion ${SUPPORTED}`, 'a newer format', 'ERR_LOCKFILE_VERSION');
  }
  const version = document.text('lockfileVersion');
  if (version === undefined) throw document.wrong('lockfileVersion', SUPPORTED, 'nothing', 'ERR_LOCKFILE_VERSION');
  if (/^5\.[34]$/.test(version)) return { version, style: 5 };
  if (/^6\.[01]$/.test(version)) return { version, style: 6 };
  if (version === '9.0' || /^12\.\d{1,4}$/.test(version)) return { version, style: 9 };
  throw document.wrong('lockfileVersion', SUPPORTED, version, 'ERR_LOCKFILE_VERSION');
}

const SUPPORTED = '5.3, 5.4, 6.0, 6.1, 9.0 or 12.x';

const ENV_FIELDS: ReadonlySet<string> = new Set(['lockfileVersion', 'importers', 'packages', 'snapshots']);
const ENV_IMPORTER_FIELDS: ReadonlySet<string> = new Set(['configDependencies', 'packageManagerDependencies']);

/** The first of two documents must be an env lockfile: older pnpm versions take it for the project's. */
function observeEnv(document: Fields, importers: ReadonlyMap<string, Fields>): readonly Observation[] {
  const strays = [
    ...document.keys.filter((key) => !ENV_FIELDS.has(key)),
    ...Array.from(importers, ([at, importer]) =>
      importer.keys.filter((key) => at !== '.' || !ENV_IMPORTER_FIELDS.has(key)).map((key) => `${at} ${key}`),
    ).flat(),
  ];
  if (strays.length === 0) return [];
  return [
    {
      code: 'multiple-documents',
      position: document.position('importers'),
      expected: 'an env document before the project document',
      found: strays.slice(0, 5).join(', '),
      detail: 'pnpm 10 and later install from the second document, other readers from the first.',
    },
  ];
}

const DOCUMENT_FIELDS: ReadonlySet<string> = new Set([
  ...ENV_FIELDS,
  'settings',
  'overrides',
  'catalogs',
  'packageExtensionsChecksum',
  'pnpmfileChecksum',
  'ignoredOptionalDependencies',
  'patchedDependencies',
  'neverBuiltDependencies',
  'onlyBuiltDependencies',
  'time',
  'specifiers',
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'dependenciesMeta',
  'publishDirectory',
]);

function observeFields(document: Fields): readonly Observation[] {
  return document.keys
    .filter((key) => !DOCUMENT_FIELDS.has(key))
    .map((key) => ({ code: 'unexpected-field', position: document.position(key), found: key }));
}

/** The env document's root and the project's are one importer. */
function mergeImporters(importers: readonly Importer[]): readonly Importer[] {
  const merged = new Map<string, Importer>();
  for (const importer of importers) {
    const earlier = merged.get(importer.path);
    const edges = [...(earlier?.edges ?? []), ...importer.edges];
    merged.set(importer.path, { path: importer.path, edges, position: importer.position });
  }
  return [...merged.values()];
}

/** Aliases stand on edges only. */
function withAliases(documents: readonly Document[]): readonly LockedPackage[] {
  const entries = documents.flatMap((document) => document.entries);
  const names = new Map(entries.map(({ id, name }) => [id, name]));
  const aliases = new Map<string, Set<string>>();
  for (const { edges } of [...entries, ...documents.flatMap(({ importers }) => importers)]) {
    for (const { name, target } of edges) {
      if (target.type !== 'entry' || names.get(target.id) === name) continue;
      const known = aliases.get(target.id);
      if (known === undefined) aliases.set(target.id, new Set([name]));
      else known.add(name);
    }
  }
  return entries.map((entry) => {
    const own = aliases.get(entry.id);
    return own === undefined ? entry : { ...entry, aliases: [...own].toSorted() };
  });
}
