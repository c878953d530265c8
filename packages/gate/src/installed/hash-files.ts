import { createHash, hash } from 'node:crypto';
import fs from 'node:fs';
import { READ_REGULAR } from '../store/directory.ts';
import { reasonOf, type FileStat } from './disk.ts';

/** How a file is read: as it is, or with the carriage return put back that a manager took from its first line. */
export type Reading = 'whole' | 'with-carriage-return';

/** What reading a file came to. */
export type FileDigest =
  | { readonly type: 'digest'; readonly sha256: string }
  | { readonly type: 'unreadable'; readonly reason: string };

interface Handle {
  readonly fd: number;
  readonly size: number;
  readonly changed: bigint;
}

const PIECE = 1024 * 1024;
const CHANGED = 'it changed while it was read';

/**
 * Hashes files with a bounded number of reads under way, which libuv makes on threads of its own. The digest itself is
 * taken on this thread: for files of the size that packages have, handing them over costs more than hashing them.
 * A file with several names is read once, under whichever name comes first.
 */
export class FileHasher {
  readonly #limit: number;
  readonly #known = new Map<string, Promise<FileDigest>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #read = { files: 0, bytes: 0 };

  constructor(limit: number) {
    this.#limit = limit;
  }

  get read(): { readonly files: number; readonly bytes: number } {
    return this.#read;
  }

  /** Never rejects. `stat` is what was found when the file was looked at; another file by now is told as changed. */
  async digest(file: string, stat: FileStat, reading: Reading = 'whole'): Promise<FileDigest> {
    if (stat.names === 1n) return this.#start(file, stat, reading);
    const key = `${stat.dev}:${stat.ino}:${reading}`;
    const known = this.#known.get(key) ?? this.#start(file, stat, reading);
    this.#known.set(key, known);
    return known;
  }

  async #start(file: string, stat: FileStat, reading: Reading): Promise<FileDigest> {
    if (this.#running >= this.#limit) await new Promise<void>((go) => this.#waiting.push(go));
    this.#running++;
    try {
      this.#read.files++;
      this.#read.bytes += stat.size;
      return { type: 'digest', sha256: await digestOf(file, stat, reading) };
    } catch (error) {
      return { type: 'unreadable', reason: error instanceof Raced ? CHANGED : reasonOf(error) };
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}

class Raced extends Error {}

async function digestOf(file: string, stat: FileStat, reading: Reading): Promise<string> {
  // Neither a link nor a pipe that took the file's place is waited for or followed.
  const fd = await call<number>((done) => fs.open(file, READ_REGULAR, done));
  try {
    const handle = await opened(fd, stat);
    const sha256 = handle.size <= PIECE || reading !== 'whole' ? await atOnce(handle, reading) : await inPieces(handle);
    const after = await call<fs.BigIntStats>((done) => fs.fstat(fd, { bigint: true }, done));
    if (after.ctimeNs !== handle.changed || Number(after.size) !== handle.size) throw new Raced();
    return sha256;
  } finally {
    fs.close(fd, () => undefined);
  }
}

async function opened(fd: number, stat: FileStat): Promise<Handle> {
  const now = await call<fs.BigIntStats>((done) => fs.fstat(fd, { bigint: true }, done));
  const isSame = now.isFile() && now.dev === stat.dev && now.ino === stat.ino && Number(now.size) === stat.size;
  if (!isSame) throw new Raced();
  return { fd, size: stat.size, changed: now.ctimeNs };
}

async function atOnce({ fd, size }: Handle, reading: Reading): Promise<string> {
  const bytes = await readAt(fd, 0, size);
  if (reading === 'whole') return hash('sha256', bytes);
  const end = bytes.indexOf('\n');
  if (end < 0 || bytes.toString('latin1', 0, 2) !== '#!') return hash('sha256', bytes);
  return hash('sha256', Buffer.concat([bytes.subarray(0, end), Buffer.from('\r'), bytes.subarray(end)]));
}

async function inPieces({ fd, size }: Handle): Promise<string> {
  const sum = createHash('sha256');
  for (let at = 0; at < size; at += PIECE) sum.update(await readAt(fd, at, Math.min(PIECE, size - at)));
  return sum.digest('hex');
}

async function readAt(fd: number, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let got = 0;
  while (got < length) {
    const more = await call<number>((done) => fs.read(fd, bytes, got, length - got, at + got, done));
    if (more === 0) throw new Raced();
    got += more;
  }
  return bytes;
}

/** The callback forms: a promise of `fs` costs several times what reading a small file does. */
async function call<T>(start: (done: (error: NodeJS.ErrnoException | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error === null ? resolve(value) : reject(error)));
  });
}
