import { hash } from 'node:crypto';
import { lstat, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { CREATE, ownDirectory, READ_REGULAR, StoreError } from './directory.ts';
import { DigestMismatch, heldBack } from './held-back.ts';
import { Spool } from './spool.ts';
import { sweepTemporaries, temporaryName } from './temporaries.ts';

/** The folder's name; raised when what is stored changes its meaning. */
const LAYOUT = 'tarballs-v1';
/** Tarballs up to this many bytes are held in memory while they are looked at. */
export const SMALL: number = 4 * 1024 * 1024;
const CHUNK = 256 * 1024;
/** On disk. */
const MAX_BYTES = 8 * 1024 ** 3;
/** That an entry is used is noted once in so long. */
const NOTED_MS = 24 * 60 * 60 * 1000;
const SHA512 = /^[0-9a-f]{128}$/;

/** A tarball on its way out. */
export interface Body {
  readonly length: number | undefined;
  /** Comes to its end only if the bytes have the digest. @throws otherwise */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Tarballs on disk under the sha512 of their bytes, for any number of processes at once. Nothing on disk is believed:
 * each entry is hashed whenever it is read, and dropped where it is not what its name says.
 */
export class TarballStore {
  readonly #directory: string;
  readonly #openedAt: number;

  private constructor(directory: string, openedAt: number) {
    this.#directory = directory;
    this.#openedAt = openedAt;
  }

  /**
   * @param parent the cache folder
   * @param now milliseconds since 1970
   * @throws StoreError, or what the file system throws
   */
  static async open(parent: string, now: number): Promise<TarballStore> {
    const directory = path.join(parent, LAYOUT);
    await ownDirectory(directory);
    await sweepTemporaries(directory, now);
    return new TarballStore(directory, now);
  }

  /** What reads the entry; undefined: not there, or not what it should be. @param sha512 lower-case hex */
  async find(sha512: string): Promise<(() => Body) | undefined> {
    const file = this.#fileOf(sha512);
    const handle = await openRegular(file);
    if (handle === undefined) return undefined;
    try {
      const { size, mtimeMs } = await handle.stat();
      if (this.#openedAt - mtimeMs > NOTED_MS) await handle.utimes(this.#openedAt / 1000, this.#openedAt / 1000);
      if (size > SMALL) return () => ({ length: size, chunks: readLarge(file, sha512) });
      const bytes = await readWhole(handle, size);
      if (hash('sha512', bytes, 'hex') === sha512) return () => bodyOf(bytes);
    } finally {
      await handle.close();
    }
    await rm(file, { force: true });
    return undefined;
  }

  /** Keeps bytes that have this digest. */
  async put(sha512: string, bytes: Uint8Array): Promise<void> {
    const temporary = path.join(this.#directory, temporaryName());
    const handle = await open(temporary, CREATE, 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.close();
      await rename(temporary, this.#fileOf(sha512));
    } catch (error) {
      await handle.close();
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Where a tarball grows that is too large to be held in memory. */
  spool(): Promise<Spool> {
    return Spool.create(this.#directory);
  }

  async keep(spool: Spool, sha512: string): Promise<void> {
    await spool.keepAs(this.#fileOf(sha512));
  }

  /** Removes what was used longest ago, until the rest is within the bound. */
  async prune(maxBytes: number = MAX_BYTES): Promise<void> {
    const names = (await readdir(this.#directory)).filter((name) => SHA512.test(name));
    const entries = await Promise.all(names.map((name) => entryOf(path.join(this.#directory, name))));
    const oldest = entries.flatMap((entry) => entry ?? []).toSorted((a, b) => a.usedMs - b.usedMs);
    let bytes = oldest.reduce((sum, { size }) => sum + size, 0);
    for (const { file, size } of oldest) {
      if (bytes <= maxBytes) return;
      await rm(file, { force: true });
      bytes -= size;
    }
  }

  #fileOf(sha512: string): string {
    if (!SHA512.test(sha512)) throw new TypeError('not a sha512 in hex');
    return path.join(this.#directory, sha512);
  }
}

async function entryOf(file: string): Promise<{ file: string; size: number; usedMs: number } | undefined> {
  try {
    const { size, mtimeMs } = await lstat(file);
    return { file, size, usedMs: mtimeMs };
  } catch (error) {
    // Another process was quicker.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Anything but a regular file is as good as absent; a rename puts the right one in its place. */
async function openRegular(file: string): Promise<FileHandle | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(file, READ_REGULAR);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'EMLINK' || code === 'ENXIO') return undefined;
    throw error;
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  return undefined;
}

/** At most `size` bytes: the file may be growing. */
async function readWhole(handle: FileHandle, size: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await handle.read(buffer, length, size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

/** Opened when somebody begins to read. */
async function* readLarge(file: string, sha512: string): AsyncGenerator<Uint8Array> {
  const handle = await openRegular(file);
  if (handle === undefined) throw new StoreError('the entry went away');
  try {
    yield* heldBack(chunksOf(handle), sha512);
  } catch (error) {
    if (error instanceof DigestMismatch) await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

async function* chunksOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  for (let at = 0; ;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Bytes that were hashed already. */
export function bodyOf(bytes: Uint8Array): Body {
  return {
    length: bytes.length,
    chunks: (async function* () {
      yield bytes;
    })(),
  };
}
