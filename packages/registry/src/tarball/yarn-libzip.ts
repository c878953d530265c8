import { createHash } from 'node:crypto';
import type * as fslib from '@yarnpkg/fslib';
import type * as libzip from '@yarnpkg/libzip';
import type { ReadEntry } from 'tar';
import { toZipItem, type YarnZip, type ZipItem } from './yarn-zip.ts';

/** Bytes of one package that are held in memory for a compressed zip. */
const MAX_BYTES = 512 * 1024 * 1024;
/** 1984-06-22 21:50:00 UTC in seconds: the one time that Yarn gives every file. */
const SAFE_TIME = 456_789_000;

type Libraries = Pick<typeof fslib, 'ppath' | 'statUtils'> & Pick<typeof libzip, 'ZipFS'>;
type Level = 'mixed' | number;

/**
 * A zip made by Yarn's own libzip, for cache keys whose files are compressed: no other deflate gives the same bytes.
 * @returns undefined where the optional packages @yarnpkg/fslib and @yarnpkg/libzip are not installed
 */
export async function createLibzip(cacheKey: string, name: string, level: Level): Promise<YarnZip | undefined> {
  const libraries = await loadLibraries();
  return libraries === undefined ? undefined : new LibzipYarnZip(cacheKey, name, level, libraries);
}

async function loadLibraries(): Promise<Libraries | undefined> {
  try {
    const { ppath, statUtils } = await import('@yarnpkg/fslib');
    const { ZipFS } = await import('@yarnpkg/libzip');
    return { ppath, statUtils, ZipFS };
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    if (isAbsent) return undefined;
    throw error;
  }
}

class LibzipYarnZip implements YarnZip {
  readonly #cacheKey: string;
  readonly #name: string;
  readonly #level: Level;
  readonly #libraries: Libraries;
  readonly #items: { readonly item: ZipItem; bytes: Buffer }[] = [];
  #total = 0;
  readonly repeats = false;
  #exact = true;

  constructor(cacheKey: string, name: string, level: Level, libraries: Libraries) {
    this.#cacheKey = cacheKey;
    this.#name = name;
    this.#level = level;
    this.#libraries = libraries;
  }

  enter(entry: ReadEntry): ((bytes: Uint8Array) => void) | undefined {
    const item = toZipItem(entry, this.#name);
    if (item === undefined || !this.#exact) return undefined;
    this.#total += entry.size;
    this.#exact = this.#total <= MAX_BYTES && !this.#items.some((other) => other.item.path === item.path);
    if (!this.#exact) this.#items.length = 0;
    const slot = { item, bytes: item.type === 'link' ? Buffer.from(entry.linkpath ?? '') : Buffer.alloc(0) };
    this.#items.push(slot);
    return item.type === 'file' && entry.size > 0 ? (bytes) => void (slot.bytes = Buffer.from(bytes)) : undefined;
  }

  finish(): readonly (readonly [string, string])[] {
    if (!this.#exact) return [];
    const { ZipFS, statUtils, ppath } = this.#libraries;
    const stats = statUtils.makeDefaultStats();
    const zip = new ZipFS(null, { level: this.#level as never, stats });
    const options = { chmod: 0o755, utimes: [SAFE_TIME, SAFE_TIME] as [number, number] };
    for (const { item, bytes } of this.#items) {
      const path = ppath.normalize(ppath.join(item.path as never));
      zip.mkdirpSync(ppath.dirname(path), options);
      if (item.type === 'directory') {
        if (!zip.existsSync(path)) zip.mkdirSync(path, { mode: item.mode });
      } else if (item.type === 'link') zip.symlinkSync(bytes.toString() as never, path);
      else zip.writeFileSync(path, bytes, { mode: item.mode });
      zip.lutimesSync(path, SAFE_TIME, SAFE_TIME);
    }
    return [[this.#cacheKey, createHash('sha512').update(zip.getBufferAndClose()).digest('hex')]];
  }
}
