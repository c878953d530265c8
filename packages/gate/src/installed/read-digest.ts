import { createHash, hash } from 'node:crypto';
import fs from 'node:fs';
import { READ_REGULAR } from '../store/directory.ts';
import { reasonOf, type FileStat } from './disk.ts';

/** How a file is read: as it is, or with the carriage return put back that a manager took from its first line. */
export type Reading = 'whole' | 'with-carriage-return';

/** A file, and what was found when it was looked at: another one by now is told as changed. */
export interface FileToRead {
  /** Absolute path. */
  readonly file: string;
  readonly stat: Pick<FileStat, 'size' | 'dev' | 'ino'>;
  readonly reading: Reading;
}

/** What reading a file came to. */
export type FileDigest =
  /** Lower-case hex. */
  { readonly type: 'digest'; readonly sha256: string } | { readonly type: 'unreadable'; readonly reason: string };

const PIECE = 1024 * 1024;
const CHANGED = 'it changed while it was read';

class Raced extends Error {}

/** Reads files one after another into the same memory: a buffer for each costs as much again in collecting them. */
export class FileReader {
  readonly #piece = Buffer.allocUnsafeSlow(PIECE);

  /** Never throws. Neither a link nor a pipe that took the file's place is waited for or followed. */
  digest(read: FileToRead): FileDigest {
    try {
      const fd = fs.openSync(read.file, READ_REGULAR);
      try {
        return { type: 'digest', sha256: this.#digestOf(fd, read) };
      } finally {
        fs.closeSync(fd);
      }
    } catch (error) {
      return { type: 'unreadable', reason: error instanceof Raced ? CHANGED : reasonOf(error) };
    }
  }

  #digestOf(fd: number, { stat, reading }: FileToRead): string {
    const before = fs.fstatSync(fd, { bigint: true });
    // What was opened must be the file that was looked at.
    const isSame = before.isFile() && before.dev === stat.dev && before.ino === stat.ino;
    if (!isSame || Number(before.size) !== stat.size) throw new Raced();
    const digest = reading === 'whole' ? this.#whole(fd, stat.size) : withCarriageReturn(readInto(fd, stat.size));
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
