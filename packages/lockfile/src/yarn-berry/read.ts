import { LocksealError, type Importer, type LockedPackage, type Lockfile, type Observation } from '@lockseal/core';
import type { LockfileText } from '../text.ts';
import { readFields, type Fields } from '../yaml/fields.ts';
import { Descriptors } from './descriptors.ts';
import { observe, readBlock, readEntry, type Block } from './entry.ts';

const METADATA = '__metadata';
const VERSIONS: ReadonlySet<string> = new Set(['4', '5', '6', '7', '8', '9', '10']);

/** What makes Yarn read the text as a lockfile of version 1 instead. */
const CLASSIC_HEADER = /^#\s*yarn\s+lockfile\s+v1\b/im;

/**
 * A yarn.lock of Yarn 2 and later (`__metadata.version` 4 to 10). One block is one entry, workspaces and the root
 * among them; its id is its resolution (the locator).
 *
 * Yarn parses with duplicate keys allowed, the last one winning. Yarn itself never writes one, so here a key, a
 * descriptor or a resolution that occurs twice is refused: a reviewer would see the first and Yarn install the last.
 * @throws LocksealError as loadYaml does; ERR_LOCKFILE_FORMAT for a file that Yarn would read as version 1,
 *   ERR_LOCKFILE_VERSION, ERR_LOCKFILE_FIELD, ERR_LOCKFILE_NAME
 */
export function readYarnBerry(source: LockfileText): Lockfile {
  refuseClassicHeader(source);
  const { fields } = readFields({ path: source.path, text: source.text, linesBefore: 0 });
  const { version, cacheKey } = readMetadata(fields);
  const blocks = fields.keys.filter((key) => key !== METADATA).map((key) => readBlock(fields, key));
  const index = indexDescriptors(fields, blocks);
  const descriptors = new Descriptors(index);
  const entries = blocks.map((block) => readEntry(block, descriptors, cacheKey));
  const observations = blocks.flatMap((block, at) => {
    const entry = entries[at];
    return entry === undefined ? [] : observe(block, entry);
  });
  return {
    path: source.path,
    format: 'yarn-berry',
    formatVersion: version,
    bytes: source.bytes,
    entries,
    importers: entries.flatMap(importerOf),
    descriptors: index,
    claims: { overrides: new Map(), packageExtensions: [], patches: patchesOf(entries), catalogs: new Map() },
    observations: [...observations, ...observePatches(entries)],
  };
}

function refuseClassicHeader({ path, text }: LockfileText): void {
  if (!CLASSIC_HEADER.test(text)) return;
  throw new LocksealError('ERR_LOCKFILE_FORMAT', `${path} carries the header of Yarn 1, so Yarn reads it as that`, {
    file: path,
    expected: 'no line "# yarn lockfile v1"',
    hint: 'Delete the line if a newer Yarn wrote the file.',
  });
}

function readMetadata(fields: Fields): { readonly version: string; readonly cacheKey: string | undefined } {
  const metadata = fields.child(METADATA);
  const version = metadata?.text('version');
  if (metadata === undefined || version === undefined) throw fields.wrong(METADATA, 'a version', 'nothing');
  if (!VERSIONS.has(version)) {
    throw metadata.wrong('version', `one of ${[...VERSIONS].join(', ')}`, version, 'ERR_LOCKFILE_VERSION');
  }
  return { version, cacheKey: metadata.text('cacheKey') };
}

/** descriptor -> id. */
function indexDescriptors(fields: Fields, blocks: readonly Block[]): ReadonlyMap<string, string> {
  const index = new Map<string, string>();
  const ids = new Set<string>();
  for (const { key, id, descriptors } of blocks) {
    if (ids.has(id)) throw fields.wrong(key, 'a resolution of its own', id, 'ERR_LOCKFILE_DUPLICATE_KEY');
    ids.add(id);
    for (const { name, reference } of descriptors) {
      const descriptor = `${name}@${reference}`;
      if (index.has(descriptor)) {
        throw fields.wrong(key, 'a descriptor that no other entry has', descriptor, 'ERR_LOCKFILE_DUPLICATE_KEY');
      }
      index.set(descriptor, id);
    }
  }
  return index;
}

function importerOf({ source, edges, position }: LockedPackage): readonly Importer[] {
  return source.type === 'workspace' ? [{ path: source.path, edges, position }] : [];
}

function patchesOf(entries: readonly LockedPackage[]): Lockfile['claims']['patches'] {
  return new Map(entries.flatMap(({ id, patch }) => (patch?.path === undefined ? [] : [[id, patch]])));
}

/** A patch is applied to another entry, which must be locked too: it is what the download is checked against. */
function observePatches(entries: readonly LockedPackage[]): readonly Observation[] {
  const ids = new Set(entries.map(({ id }) => id));
  return entries.flatMap(({ id, source, position }): readonly Observation[] => {
    if (source.type !== 'patched' || ids.has(source.inner)) return [];
    return [{ code: 'dependency-not-locked', entry: id, position, expected: source.inner, found: 'no such entry' }];
  });
}
