import { hash, randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { CacheKey } from './cache-key.ts';
import { compareRows, decodeRow, encodeRow, MAGIC, ROW, trailerOf, type Row } from './segment.ts';

/** Bytes that are gathered before they are written. */
const CHUNK = 256 * 1024;

/** Rows for which there is room at first. */
const FIRST_ROWS = 64;

/** Bytes after which a segment is finished: a run that is killed loses no more, and no index grows large. */
export const MAX_SEGMENT: number = 32 * 1024 * 1024;
export const SEGMENT = '.segment';
export const UNFINISHED = '.unfinished';

/**
 * Writes one segment. Until `finish` it goes by a name that no reader looks at, so that a run that is killed leaves
 * nothing that could be taken for records. It is not forced to the disk, which would cost every run tens of milliseconds:
 * what a power failure tears has no seal or another digest, and is fetched again.
 */
export class SegmentWriter {
  readonly #folder: string;
  readonly #key: CacheKey;
  readonly name: string;
  readonly #unfinished: string;
  readonly #descriptor: number;
  /** Numbers of rows in the index to be, by key in latin1: an object a row would take ten times the room. */
  readonly #numbers = new Map<string, number>();
  #index = Buffer.alloc(FIRST_ROWS * ROW);
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #written = 0;

  /** @throws what the file system throws */
  constructor(folder: string, key: CacheKey) {
    this.#folder = folder;
    this.#key = key;
    this.name = `${key.id}-${randomBytes(8).toString('hex')}`;
    this.#unfinished = path.join(folder, `${this.name}${UNFINISHED}`);
    this.#descriptor = openSync(this.#unfinished, 'wx+', 0o600);
    this.#gather(MAGIC);
  }

  get size(): number {
    return this.#written + this.#gatheredBytes;
  }

  /** The content must not change until the segment is finished. @throws what the file system throws */
  add(key: Buffer, content: Uint8Array, time: number): void {
    this.addSealed({ key, digest: hash('sha256', content, 'buffer'), time }, content);
  }

  /** A content whose digest is known. */
  addSealed({ key, digest, time }: Pick<Row, 'key' | 'digest' | 'time'>, content: Uint8Array): void {
    const number = this.#numberOf(key);
    if (number * ROW === this.#index.length) this.#index = Buffer.concat([this.#index], 2 * this.#index.length);
    encodeRow({ key, digest, time, offset: this.size, length: content.length }, this.#index, number);
    this.#gather(content);
    if (this.#gatheredBytes >= CHUNK) this.#flush();
  }

  /** What was added in this run, before it is sealed. */
  read(key: Buffer): Buffer | undefined {
    const number = this.#numbers.get(key.toString('latin1'));
    if (number === undefined) return undefined;
    this.#flush();
    const row = decodeRow(this.#index, number);
    const content = Buffer.alloc(row.length);
    readSync(this.#descriptor, content, 0, row.length, row.offset);
    return hash('sha256', content, 'buffer').equals(row.digest) ? content : undefined;
  }

  /** Seals the segment and gives it its name. @returns its file @throws what the file system throws */
  finish(): string {
    const index = this.#sortedIndex();
    this.#gather(index);
    this.#gather(trailerOf(index, this.#key));
    this.#flush();
    closeSync(this.#descriptor);
    const file = path.join(this.#folder, `${this.name}${SEGMENT}`);
    renameSync(this.#unfinished, file);
    return file;
  }

  /** Leaves nothing behind. */
  abandon(): void {
    closeSync(this.#descriptor);
    rmSync(this.#unfinished, { force: true });
  }

  /** Its own for a key that is new, the old one for a key that was added before: what is added last counts. */
  #numberOf(key: Buffer): number {
    const name = key.toString('latin1');
    const number = this.#numbers.get(name) ?? this.#numbers.size;
    this.#numbers.set(name, number);
    return number;
  }

  #sortedIndex(): Buffer {
    const numbers = [...this.#numbers.values()].toSorted((a, b) => compareRows(this.#index, a, b));
    const sorted = Buffer.alloc(numbers.length * ROW);
    numbers.forEach((number, at) => this.#index.copy(sorted, at * ROW, number * ROW, (number + 1) * ROW));
    return sorted;
  }

  /** What is large is written at once, as it is: copies of it would be garbage that nobody looks for. */
  #gather(bytes: Uint8Array): void {
    if (bytes.length >= CHUNK) {
      this.#flush();
      this.#write(bytes);
      return;
    }
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.length;
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#gathered);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#write(bytes);
  }

  #write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#descriptor, bytes, at, bytes.length - at);
    this.#written += bytes.length;
  }
}
