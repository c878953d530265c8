import { createHash } from 'node:crypto';
import type { ReadEntry } from 'tar';
import { StoredZip } from './stored-zip.ts';

/** Which zips of Yarn Berry to rebuild while a tarball is read. */
export interface YarnZipRequest {
  /** The package's real name: Yarn's zip holds the files under `node_modules/<name>/`. */
  readonly name: string;
  readonly cacheKeys: readonly string[];
}

/** One zip in the making. */
export interface YarnZip {
  enter(entry: ReadEntry): ((bytes: Uint8Array) => void) | undefined;
  /** A path stood in the archive twice, so that only who holds all of it (`createHeldZips`) can tell what the zip is. */
  readonly repeats: boolean;
  /** cache key -> lower-case hex sha512 of the zip; empty where it could not be rebuilt. */
  finish(): readonly (readonly [cacheKey: string, sha512: string])[];
}

/**
 * A file, directory or symbolic link as Yarn puts it into its zip: the first path component stripped, modes
 * reduced to 0644 and 0755. https://github.com/yarnpkg/berry/blob/master/packages/yarnpkg-core/sources/tgzUtils.ts
 */
export interface ZipItem {
  readonly type: 'file' | 'directory' | 'link';
  /** Without a trailing slash. */
  readonly path: string;
  readonly mode: number;
}

const CACHE_KEY = /^10(?:c([0-9]))?$/;
const STORED = '10c0';

/**
 * The zips for the cache keys that we can rebuild: version 10 of Yarn's cache (Yarn 4). `10c0` stores files as they
 * are and is written here; the others need Yarn's own libzip, an optional dependency. Keys of other versions are left
 * out, since an inexact rebuild would accuse an honest lockfile.
 */
export async function createYarnZips(request: YarnZipRequest | undefined): Promise<readonly YarnZip[]> {
  if (request === undefined) return [];
  const zips: YarnZip[] = [];
  for (const cacheKey of new Set(request.cacheKeys)) {
    const match = CACHE_KEY.exec(cacheKey);
    if (match === null) continue;
    if (match[1] === '0') zips.push(new StoredYarnZip(cacheKey, request.name));
    else {
      const { createLibzip } = await import('./yarn-libzip.ts');
      const zip = await createLibzip(cacheKey, request.name, match[1] === undefined ? 'mixed' : Number(match[1]));
      if (zip !== undefined) zips.push(zip);
    }
  }
  return zips;
}

/** The zips that are written here, of an archive that is small enough to be held: a path may stand in it twice. */
export function createHeldZips({ name, cacheKeys }: YarnZipRequest): readonly YarnZip[] {
  return cacheKeys.includes(STORED) ? [new HeldYarnZip(STORED, name)] : [];
}

/** What Yarn makes of a tar entry; undefined where it skips it. */
export function toZipItem(entry: ReadEntry, name: string): ZipItem | undefined {
  const type = itemType(entry.type);
  const parts = entry.path.split('/');
  if (type === undefined || entry.path.startsWith('/') || parts.includes('..')) return undefined;
  const rest = parts
    .filter((part) => part !== '' && part !== '.')
    .slice(1)
    .join('/');
  if (rest === '') return undefined;
  const isExecutable = type === 'directory' || ((entry.mode ?? 0) & 0o111) !== 0;
  return { type, path: `node_modules/${name}/${rest}`, mode: isExecutable ? 0o755 : 0o644 };
}

function itemType(type: ReadEntry['type']): ZipItem['type'] | undefined {
  if (type === 'File' || type === 'OldFile') return 'file';
  if (type === 'Directory') return 'directory';
  return type === 'SymbolicLink' ? 'link' : undefined;
}

/** `10c0`: hashed while it is written, one file in memory at a time. */
class StoredYarnZip implements YarnZip {
  readonly #cacheKey: string;
  readonly #name: string;
  readonly #hash = createHash('sha512');
  readonly #zip = new StoredZip((bytes) => void this.#hash.update(bytes));
  readonly #paths = new Set<string>();
  #exact = true;
  repeats = false;

  constructor(cacheKey: string, name: string) {
    this.#cacheKey = cacheKey;
    this.#name = name;
  }

  enter(entry: ReadEntry): ((bytes: Uint8Array) => void) | undefined {
    const item = toZipItem(entry, this.#name);
    if (item === undefined) return undefined;
    for (const { index } of item.path.matchAll(/\//g)) this.#addDirectory(item.path.slice(0, index));
    if (this.#paths.has(item.path)) this.repeats = true;
    if (this.repeats || !isPlain(item) || !this.#zip.hasRoomFor(entry.size)) this.#exact = false;
    if (!this.#exact) return undefined;
    this.#paths.add(item.path);
    if (item.type === 'file' && entry.size > 0) return (bytes) => this.#zip.file(item.path, item.mode, bytes);
    if (item.type === 'directory') this.#zip.directory(item.path);
    else if (item.type === 'link') this.#zip.link(item.path, entry.linkpath ?? '');
    else this.#zip.file(item.path, item.mode, new Uint8Array());
    return undefined;
  }

  finish(): readonly (readonly [string, string])[] {
    if (!this.#exact) return [];
    this.#zip.end();
    return [[this.#cacheKey, this.#hash.digest('hex')]];
  }

  #addDirectory(path: string): void {
    if (this.#paths.has(path) || !this.#zip.hasRoomFor(0)) return;
    this.#paths.add(path);
    this.#zip.directory(path);
  }
}

/** libzip guesses at the encoding of names with control characters; such archives are left unproved rather than guessed. */
function isPlain({ path }: ZipItem): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return !/[\u0000-\u001f\u007f]/.test(path);
}

/**
 * `10c0` where a file stands in the archive twice: Yarn writes the later one over the earlier one, in its place. Anything
 * else twice (a link, a folder where a file was) is left unproved: Yarn fails on some of it.
 */
class HeldYarnZip implements YarnZip {
  readonly #cacheKey: string;
  readonly #name: string;
  readonly #items = new Map<string, { readonly item: ZipItem; readonly bytes: Uint8Array }>();
  #exact = true;
  readonly repeats = false;

  constructor(cacheKey: string, name: string) {
    this.#cacheKey = cacheKey;
    this.#name = name;
  }

  enter(entry: ReadEntry): ((bytes: Uint8Array) => void) | undefined {
    const item = toZipItem(entry, this.#name);
    if (item === undefined || !this.#exact) return undefined;
    for (const { index } of item.path.matchAll(/\//g)) this.#addDirectory(item.path.slice(0, index));
    const known = this.#items.get(item.path)?.item;
    const isOver = known !== undefined && !(known.type === 'file' && item.type === 'file');
    if (isOver || !isPlain(item)) this.#exact = false;
    const put = (bytes: Uint8Array): void => void this.#items.set(item.path, { item, bytes });
    put(item.type === 'link' ? Buffer.from(entry.linkpath ?? '') : new Uint8Array());
    return item.type === 'file' && entry.size > 0 ? put : undefined;
  }

  finish(): readonly (readonly [string, string])[] {
    const sum = createHash('sha512');
    const zip = new StoredZip((bytes) => void sum.update(bytes));
    for (const { item, bytes } of this.#items.values()) {
      if (!this.#exact || !zip.hasRoomFor(bytes.length)) return [];
      if (item.type === 'file') zip.file(item.path, item.mode, bytes);
      else if (item.type === 'directory') zip.directory(item.path);
      else zip.link(item.path, Buffer.from(bytes).toString());
    }
    if (!this.#exact) return [];
    zip.end();
    return [[this.#cacheKey, sum.digest('hex')]];
  }

  #addDirectory(path: string): void {
    const known = this.#items.get(path)?.item.type;
    if (known === undefined)
      this.#items.set(path, { item: { type: 'directory', path, mode: 0o755 }, bytes: new Uint8Array() });
    else if (known !== 'directory') this.#exact = false;
  }
}
