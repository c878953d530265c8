import { createHash, hash } from 'node:crypto';
import fs, { type BigIntStats } from 'node:fs';
import { READ_REGULAR } from '../store/directory.ts';
import { reasonOf } from './disk.ts';

/** How a file is read: as it is, or with the carriage return put back that a manager took from its first line. */
export type Reading = 'whole' | 'with-carriage-return';

/** A file, and how many bytes it must have: one that has others is not read. */
export interface FileToRead {
  /** Absolute path. */
  readonly file: string;
  readonly size: number;
  readonly reading: Reading;
}

/** What a file was when it was opened. */
export interface FileStat {
  readonly size: number;
  readonly mode: number;
  /** Names that it has. */
  readonly names: number;
}

/** What reading a file came to. */
export type FileFound =
  | (FileStat & {
      readonly type: 'digest';
      /** Lower-case hex. */
      readonly sha256: string;
      /** The same for each name of the file; undefined: it has one. */
      readonly inode: string | undefined;
    })
  | (FileStat & { readonly type: 'other-size' })
  | { readonly type: 'unreadable'; readonly reason: string };

const PIECE = 1024 * 1024;
const CHANGED = 'it changed while it was read';

class Raced extends Error {}

/**
 * Reads files one after another into the same memory: a buffer for each costs as much again in collecting them. A file with
 * several names is read once, as long as nobody writes to it.
 */
export class FileReader {
  readonly #piece = Buffer.allocUnsafeSlow(PIECE);
  readonly #known = new Map<string, string>();

  /** Never throws. Neither a link nor a pipe that took the file's place is waited for or followed. */
  read(wanted: FileToRead): FileFound {
    try {
      const fd = fs.openSync(wanted.file, READ_REGULAR);
      try {
        return this.#found(fd, wanted);
      } finally {
        fs.closeSync(fd);
      }
    } catch (error) {
      return { type: 'unreadable', reason: error instanceof Raced ? CHANGED : reasonOf(error) };
    }
  }

  #found(fd: number, { size, reading }: FileToRead): FileFound {
    const before = fs.fstatSync(fd, { bigint: true });
    if (!before.isFile()) throw new Raced();
    const stat = { size: Number(before.size), mode: Number(before.mode), names: Number(before.nlink) };
    if (stat.size !== size) return { type: 'other-size', ...stat };
    const inode = stat.names === 1 ? undefined : `${before.dev}:${before.ino}`;
    return { type: 'digest', ...stat, inode, sha256: this.#digestOnce(fd, before, inode, reading) };
  }

  #digestOnce(fd: number, stat: BigIntStats, inode: string | undefined, reading: Reading): string {
    if (inode === undefined) return this.#digest(fd, stat, reading);
    const key = `${inode}:${stat.ctimeNs}:${reading}`;
    const sha256 = this.#known.get(key) ?? this.#digest(fd, stat, reading);
    this.#known.set(key, sha256);
    return sha256;
  }

  #digest(fd: number, before: BigIntStats, reading: Reading): string {
    const size = Number(before.size);
    const digest = reading === 'whole' ? this.#whole(fd, size) : withCarriageReturn(readInto(fd, size));
    const after = fs.fstatSync(fd, { bigint: true });
    if (after.ctimeNs !== before.ctimeNs || after.size !== before.size) throw new Raced();
    return digest;
  }

  #whole(fd: number, size: number): string {
    if (size <= PIECE) return hash('sha256', fill(fd, this.#piece.subarray(0, size), 0));
    const sum = createHash('sha256');
    for (let at = 0; at < size; at += PIECE) {
      sum.update(fill(fd, this.#piece.subarray(0, Math.min(PIECE, size - at)), at));
    }
    return sum.digest('hex');
  }
}

function withCarriageReturn(bytes: Buffer): string {
  const end = bytes.indexOf('\n');
  if (end < 0 || bytes.toString('latin1', 0, 2) !== '#!') return hash('sha256', bytes);
  return hash('sha256', Buffer.concat([bytes.subarray(0, end), Buffer.from('\r'), bytes.subarray(end)]));
}

function readInto(fd: number, size: number): Buffer {
  return fill(fd, Buffer.allocUnsafe(size), 0);
}

/** Fills the buffer from that place of the file on; a file that has less by now has changed. */
function fill(fd: number, buffer: Buffer, position: number): Buffer {
  for (let got = 0; got < buffer.length;) {
    const more = fs.readSync(fd, buffer, got, buffer.length - got, position + got);
    if (more === 0) throw new Raced();
    got += more;
  }
  return buffer;
}
