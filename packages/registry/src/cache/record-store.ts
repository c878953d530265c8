import { hash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { CacheKey } from './cache-key.ts';
import { compact } from './compaction.ts';
import { MAX_SEGMENT, SEGMENT, SegmentWriter } from './segment-writer.ts';
import { KEY_START, Segment, type Row } from './segment.ts';

/** More segments than a cache can have that was kept small: whatever put them there, the oldest go. */
const MAX_OPEN = 256;

/** Which records a run has asked for, and what there was when it did: plain, serialisable data. */
export interface Mark {
  /** The segment that was being written. */
  readonly own: string;
  readonly others: readonly string[];
  /** Starts of the keys of all records that were asked for, found or not. */
  readonly asked: Buffer;
}

interface Found {
  readonly row: Row;
  readonly segment: Segment;
}

/**
 * Records by name, in a folder of sealed segments: what one user's key has not sealed is not there. Several processes
 * may use a folder at once, each writing segments of its own; one sees what others had finished when it began.
 * Everything here is synchronous: a record costs microseconds, less than a promise and a thread do.
 */
export class RecordStore {
  readonly #folder: string;
  readonly #key: CacheKey;
  readonly #maxBytes: number;
  readonly #segments: Segment[];
  #writer: SegmentWriter | undefined;
  #hasWritten = false;
  /** Starts of keys, in latin1. */
  readonly #asked = new Set<string>();
  /** What counts as asked for since what follows from it was found to hold. */
  readonly #inherited: Buffer[] = [];

  /** @throws what the file system throws, and Error for a folder that is none or a link */
  constructor(folder: string, key: CacheKey, maxBytes: number) {
    this.#folder = folder;
    this.#key = key;
    this.#maxBytes = maxBytes;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!lstatSync(folder).isDirectory()) throw new NotAFolder(folder);
    this.#segments = openSegments(folder, key);
  }

  /** The newest record of this name. @throws what the file system throws */
  get(name: string): Buffer | undefined {
    this.#asked.add(keyOf(name).toString('latin1', 0, KEY_START));
    return this.peek(name);
  }

  /** The same, of a record that follows from others and has its own mark: it is no record that was asked for. */
  peek(name: string): Buffer | undefined {
    const key = keyOf(name);
    const own = this.#writer?.read(key);
    if (own !== undefined) return own;
    const newest = this.#newest(key);
    return newest?.segment.read(newest.row);
  }

  /** Everything that was asked for up to now, for a record that is put next and follows from it. */
  mark(): Mark {
    this.#writer ??= new SegmentWriter(this.#folder, this.#key);
    for (const starts of this.#inherited.splice(0)) {
      for (let at = 0; at < starts.length; at += KEY_START)
        this.#asked.add(starts.toString('latin1', at, at + KEY_START));
    }
    const others = this.#segments.map(({ name }) => name);
    return { own: this.#writer.name, others, asked: Buffer.from([...this.#asked].join(''), 'latin1') };
  }

  /**
   * Whether everything that was asked for before a record of this name was put with this mark is still the same: no
   * segment that was not there has any of it, nor has the record's own segment what was put later. Then it counts as
   * asked for in this run, too.
   */
  holds(name: string, { own, others, asked }: Mark): boolean {
    const found = this.#newest(keyOf(name));
    // Merged into another segment, of which nobody knows what came first.
    if (found?.segment.name !== own) return false;
    const known = new Set(others);
    const isSame = this.#segments.every((segment) =>
      segment === found.segment
        ? !segment.hasAnyOf(asked, found.row.offset)
        : known.has(segment.name) || !segment.hasAnyOf(asked),
    );
    if (!isSame) return false;
    this.#inherited.push(asked);
    return true;
  }

  #newest(key: Buffer): Found | undefined {
    let newest: Found | undefined;
    for (const segment of this.#segments) {
      const row = segment.find(key);
      if (row !== undefined && !(newest !== undefined && newest.row.time >= row.time)) newest = { row, segment };
    }
    return newest;
  }

  /** The content must not change until the store is closed. @throws what the file system throws */
  put(name: string, content: Uint8Array, time: number): void {
    this.#writer ??= new SegmentWriter(this.#folder, this.#key);
    this.#writer.add(keyOf(name), content, time);
    if (this.#writer.size > MAX_SEGMENT) this.#finish();
  }

  /** Seals what was put, and merges segments where that is due. @throws what the file system throws */
  close(now: number): void {
    try {
      this.#finish();
      if (!this.#hasWritten) return;
      compact({ folder: this.#folder, key: this.#key, segments: this.#segments, maxBytes: this.#maxBytes, now });
    } finally {
      for (const segment of this.#segments.splice(0)) segment.close();
    }
  }

  /** Closes all files and keeps nothing of what was put last. */
  abandon(): void {
    this.#writer?.abandon();
    for (const segment of this.#segments.splice(0)) segment.close();
  }

  #finish(): void {
    const writer = this.#writer;
    this.#writer = undefined;
    const file = writer?.finish();
    const segment = file === undefined ? undefined : Segment.open(file, this.#key);
    if (segment === undefined) return;
    this.#segments.unshift(segment);
    this.#hasWritten = true;
  }
}

class NotAFolder extends Error {
  readonly code = 'ENOTDIR';

  constructor(folder: string) {
    super(`${folder} is not a folder`);
  }
}

function keyOf(name: string): Buffer {
  return hash('sha256', name, 'buffer');
}

/** The segments that the key has sealed. Those that bear its name without its seal are removed. */
function openSegments(folder: string, key: CacheKey): Segment[] {
  const files = readdirSync(folder)
    .filter((name) => name.startsWith(key.id) && name.endsWith(SEGMENT))
    .map((name) => path.join(folder, name));
  const dated = files.flatMap((file) => {
    const time = lstatSync(file, { throwIfNoEntry: false })?.mtimeMs;
    return time === undefined ? [] : [{ file, time }];
  });
  const newest = dated.toSorted((a, b) => b.time - a.time);
  for (const { file } of newest.splice(MAX_OPEN)) rmSync(file, { force: true });
  return newest.flatMap(({ file }) => openOrRemove(file, key));
}

function openOrRemove(file: string, key: CacheKey): Segment[] {
  try {
    const segment = Segment.open(file, key);
    if (segment !== undefined) return [segment];
    rmSync(file, { force: true });
  } catch {
    // Merged away by another process, or a link, or unreadable: as good as absent.
  }
  return [];
}
