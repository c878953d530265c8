import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { OPEN_REGULAR, type CacheKey } from './cache-key.ts';

// A segment: one file of sealed records, written once and never changed.
//
//   magic         20 bytes; the version is part of it
//   contents      one after another
//   index         one row a record, ascending by key
//   count         4 bytes, big-endian: rows of the index
//   seal          32 bytes: HMAC-SHA256, by the user's key, of magic, index and count
//
//   a row         key (sha256) 32 | sha256 of the content 32 | offset 6 | length 4 | time 6: 80 bytes
//
// The seal vouches for every row, and each row for its content. Whatever is torn, foreign or changed has no seal.

export const MAGIC: Buffer = Buffer.from('lockseal records v2\n');
export const ROW = 80;
const KEY_BYTES = 32;
const DIGEST = 32;
const OFFSET = 64;
const LENGTH = 70;
const TIME = 74;
const TRAILER = 36;
/** As much of a key as tells it from others where a mistake only costs time. */
export const KEY_START = 8;
/** Rows in one file; a file of more is not ours: it is read before its seal can tell. */
const MAX_ROWS = 500_000;
/** Searches of an index before a table of it is worth its while. */
const FEW = 100;

/** Where the content of a record lies. */
export interface Row {
  /** sha256 of the record's name. */
  readonly key: Buffer;
  /** sha256 of the content. */
  readonly digest: Buffer;
  readonly offset: number;
  readonly length: number;
  /** When it was written: milliseconds since 1970. */
  readonly time: number;
}

/** Writes a row as the one with this number. */
export function encodeRow({ key, digest, offset, length, time }: Row, index: Buffer, number: number): void {
  const row = index.subarray(number * ROW, (number + 1) * ROW);
  row.set(key);
  row.set(digest, DIGEST);
  row.writeUIntBE(offset, OFFSET, 6);
  row.writeUInt32BE(length, LENGTH);
  row.writeUIntBE(time, TIME, 6);
}

export function decodeRow(index: Buffer, number: number): Row {
  const row = index.subarray(number * ROW, (number + 1) * ROW);
  return {
    key: row.subarray(0, KEY_BYTES),
    digest: row.subarray(DIGEST, OFFSET),
    offset: row.readUIntBE(OFFSET, 6),
    length: row.readUInt32BE(LENGTH),
    time: row.readUIntBE(TIME, 6),
  };
}

/** Orders rows of an index by their keys. */
export function compareRows(index: Buffer, a: number, b: number): number {
  return index.compare(index, b * ROW, b * ROW + KEY_BYTES, a * ROW, a * ROW + KEY_BYTES);
}

/** What follows an index whose rows ascend by key: their count and the seal. */
export function trailerOf(index: Buffer, key: CacheKey): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(index.length / ROW);
  return Buffer.concat([count, sealOf(index, count, key)]);
}

function sealOf(index: Buffer, count: Buffer, { secret }: CacheKey): Buffer {
  return createHmac('sha256', secret).update(MAGIC).update(index).update(count).digest();
}

/** A segment open for reading. */
export class Segment {
  readonly file: string;
  readonly size: number;
  readonly #descriptor: number;
  readonly #index: Buffer;
  #firsts: Map<number, number> | undefined;
  #searches = 0;

  private constructor(file: string, size: number, descriptor: number, index: Buffer) {
    this.file = file;
    this.size = size;
    this.#descriptor = descriptor;
    this.#index = index;
  }

  /** @returns undefined for a file that this key has not sealed whole. @throws what the file system throws */
  static open(file: string, key: CacheKey): Segment | undefined {
    const descriptor = openSync(file, OPEN_REGULAR);
    try {
      const stat = fstatSync(descriptor);
      const index = stat.isFile() ? readIndex(descriptor, stat.size, key) : undefined;
      if (index !== undefined) return new Segment(file, stat.size, descriptor, index);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    closeSync(descriptor);
    return undefined;
  }

  /** Names are random, and no segment ever changes: one name, one set of records. */
  get name(): string {
    return path.basename(this.file, path.extname(this.file));
  }

  get count(): number {
    return this.#index.length / ROW;
  }

  find(key: Buffer): Row | undefined {
    // The rows ascend, so that those of one prefix are neighbours.
    for (let at = this.#firstOf(prefixOf(key, 0)); at < this.count; at += 1) {
      const start = at * ROW;
      const order = this.#index.compare(key, 0, KEY_BYTES, start, start + KEY_BYTES);
      if (order === 0) return decodeRow(this.#index, at);
      if (order > 0) return undefined;
    }
    return undefined;
  }

  /** Whether a row that was written after `offset` has a key that begins so; `starts` are of `KEY_START` bytes each. */
  hasAnyOf(starts: Buffer, offset = 0): boolean {
    if (offset >= this.#lastOffset()) return false;
    for (let start = 0; start < starts.length; start += KEY_START) {
      for (let at = this.#firstOf(prefixOf(starts, start)); at < this.count; at += 1) {
        const order = this.#index.compare(starts, start, start + KEY_START, at * ROW, at * ROW + KEY_START);
        if (order > 0) break;
        if (order === 0 && decodeRow(this.#index, at).offset > offset) return true;
      }
    }
    return false;
  }

  /** All rows, ascending by key. */
  *rows(): Generator<Row> {
    for (let at = 0; at < this.count; at += 1) yield decodeRow(this.#index, at);
  }

  /** undefined where the content is not what was sealed. */
  read({ offset, length, digest }: Row): Buffer | undefined {
    const content = Buffer.allocUnsafe(length);
    if (readSync(this.#descriptor, content, 0, length, offset) !== length) return undefined;
    return hash('sha256', content, 'buffer').equals(digest) ? content : undefined;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Of the record that was written last. */
  #lastOffset(): number {
    let last = 0;
    for (let at = 0; at < this.count; at += 1) last = Math.max(last, this.#index.readUIntBE(at * ROW + OFFSET, 6));
    return last;
  }

  /** The first row whose key begins so, or the end. A run asks for few, or for thousands: then it is made for all of them. */
  #firstOf(prefix: number): number {
    this.#searches += 1;
    if (this.#searches <= FEW) return this.#search(prefix);
    if (this.#firsts === undefined) {
      this.#firsts = new Map();
      for (let at = this.count - 1; at >= 0; at -= 1) this.#firsts.set(prefixOf(this.#index, at * ROW), at);
    }
    return this.#firsts.get(prefix) ?? this.count;
  }

  /** The first row whose key does not begin with less. */
  #search(prefix: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (prefixOf(this.#index, middle * ROW) < prefix) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Keys are digests: so many bits tell nearly all of them apart, and V8 keeps such numbers without an object. */
function prefixOf(keys: Buffer, at: number): number {
  return keys.readUInt32BE(at) >>> 2;
}

function readIndex(descriptor: number, size: number, key: CacheKey): Buffer | undefined {
  if (size < MAGIC.length + TRAILER) return undefined;
  const trailer = readExactly(descriptor, TRAILER, size - TRAILER);
  const count = trailer?.readUInt32BE(0) ?? 0;
  const start = size - TRAILER - count * ROW;
  if (trailer === undefined || count > MAX_ROWS || start < MAGIC.length) return undefined;
  const index = readExactly(descriptor, count * ROW, start);
  if (index === undefined) return undefined;
  return timingSafeEqual(sealOf(index, trailer.subarray(0, 4), key), trailer.subarray(4)) ? index : undefined;
}

function readExactly(descriptor: number, length: number, position: number): Buffer | undefined {
  const bytes = Buffer.alloc(length);
  return readSync(descriptor, bytes, 0, length, position) === length ? bytes : undefined;
}
