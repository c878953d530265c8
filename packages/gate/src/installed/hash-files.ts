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

/** Up to this many bytes a file is read at once, here. */
const SMALL = 128 * 1024;
const PIECE = 1024 * 1024;
const CHANGED = 'it changed while it was read';

/**
 * Hashes files. Small ones are read and hashed where they are asked for: handing them to another thread costs three
 * times what reading them does (docs/installed.md). Large ones are read on threads, a bounded number at a time.
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
    this.#read.files++;
    this.#read.bytes += stat.size;
    try {
      const isSmall = stat.size <= SMALL || reading !== 'whole';
      const sha256 = isSmall ? digestOfSmall(file, stat, reading) : await this.#digestOfLarge(file, stat);
      return { type: 'digest', sha256 };
    } catch (error) {
      return { type: 'unreadable', reason: error instanceof Raced ? CHANGED : reasonOf(error) };
    }
  }

  async #digestOfLarge(file: string, stat: FileStat): Promise<string> {
    if (this.#running >= this.#limit) await new Promise<void>((go) => this.#waiting.push(go));
    this.#running++;
    try {
      return await digestOfLarge(file, stat);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}

class Raced extends Error {}

/** Neither a link nor a pipe that took the file's place is waited for or followed. */
function digestOfSmall(file: string, stat: FileStat, reading: Reading): string {
  const fd = fs.openSync(file, READ_REGULAR);
  try {
    const handle = asFound(fd, stat, fs.fstatSync(fd, { bigint: true }));
    const bytes = Buffer.allocUnsafe(handle.size);
    if (fs.readSync(fd, bytes, 0, handle.size, 0) !== handle.size) throw new Raced();
    requireUnchanged(handle, fs.fstatSync(fd, { bigint: true }));
    return hash('sha256', reading === 'whole' ? bytes : withCarriageReturn(bytes));
  } finally {
    fs.closeSync(fd);
  }
}

async function digestOfLarge(file: string, stat: FileStat): Promise<string> {
  const fd = await call<number>((done) => fs.open(file, READ_REGULAR, done));
  try {
    const statNow = async (): Promise<fs.BigIntStats> => call((done) => fs.fstat(fd, { bigint: true }, done));
    const handle = asFound(fd, stat, await statNow());
    const sum = createHash('sha256');
    for (let at = 0; at < handle.size; at += PIECE) {
      sum.update(await readAt(fd, at, Math.min(PIECE, handle.size - at)));
    }
    requireUnchanged(handle, await statNow());
    return sum.digest('hex');
  } finally {
    fs.close(fd, () => undefined);
  }
}

/** What was opened must be the file that was looked at. */
function asFound(fd: number, stat: FileStat, now: fs.BigIntStats): Handle {
  const isSame = now.isFile() && now.dev === stat.dev && now.ino === stat.ino && Number(now.size) === stat.size;
  if (!isSame) throw new Raced();
  return { fd, size: stat.size, changed: now.ctimeNs };
}

function requireUnchanged({ size, changed }: Handle, now: fs.BigIntStats): void {
  if (now.ctimeNs !== changed || Number(now.size) !== size) throw new Raced();
}

function withCarriageReturn(bytes: Buffer): Buffer {
  const end = bytes.indexOf('\n');
  if (end < 0 || bytes.toString('latin1', 0, 2) !== '#!') return bytes;
  return Buffer.concat([bytes.subarray(0, end), Buffer.from('\r'), bytes.subarray(end)]);
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

async function call<T>(start: (done: (error: NodeJS.ErrnoException | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error === null ? resolve(value) : reject(error)));
  });
}
