import { hash } from 'node:crypto';
import path from 'node:path';
import { MAX_FRESH_MS } from '../http/freshness.ts';
import { CacheKeyError, loadCacheKey } from './cache-key.ts';
import { RecordStore, type Mark } from './record-store.ts';

/** What is known of a cached answer without its bytes. */
export interface CachedHead {
  /** Lower-case hex sha256 of the bytes. */
  readonly digest: string;
  /** The entity tag to ask again with. */
  readonly etag: string | undefined;
  /** Until when the server said that it holds: milliseconds since 1970. */
  readonly freshUntil: number;
}

export interface CacheOptions {
  readonly directory: string;
  /** Where the key is that seals the cache; outside of `directory`, which builds save and restore. */
  readonly stateDirectory: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called once, at the first write or read that the disk refuses; the run goes on without the cache. */
  readonly onWarning: (message: string) => void;
  /** Bytes that it may grow to; a gibibyte. */
  readonly maxBytes?: number | undefined;
}

export interface CacheMark extends Mark {
  /** Until when the answers hold, all of them: milliseconds since 1970. */
  readonly freshUntil: number;
}

/** The folder's name; raised when what is stored changes its meaning. */
const LAYOUT = 'v2';
const MAX_BYTES = 1024 ** 3;

/**
 * Answers and facts on disk, sealed with the user's key and addressed by content: what anybody else has put there is
 * not seen, what has changed is dropped and had anew. No fault of the disk ever fails a run. What is put is kept when
 * the cache is closed.
 */
export class Cache {
  readonly #options: CacheOptions;
  readonly #folder: string;
  /** undefined: not yet opened; false: cannot be used. */
  #store: RecordStore | false | undefined;
  /** Until when each answer holds that this run has looked at. */
  readonly #freshUntil = new Map<string, number>();

  constructor(options: CacheOptions) {
    this.#options = options;
    this.#folder = path.join(options.directory, LAYOUT);
  }

  /** What is known of an answer; undefined: nothing. */
  head(key: string): CachedHead | undefined {
    const record = this.record(`head:${key}`);
    if (record === undefined) return undefined;
    // Sealed, so that it is of the shape that `confirm` gives it.
    const [digest, freshUntil, etag] = JSON.parse(record.toString()) as [string, number, string | undefined];
    this.#freshUntil.set(key, freshUntil);
    return { digest, freshUntil, etag };
  }

  /** The bytes of an answer; undefined: not there, damaged, or unreadable. */
  content({ digest }: CachedHead): Buffer | undefined {
    return this.record(`content:${digest}`);
  }

  /** The bytes must not change until the cache is closed. */
  put(
    key: string,
    bytes: Uint8Array,
    { etag, maxAgeMs }: { readonly etag: string | undefined; readonly maxAgeMs: number },
  ): void {
    const digest = hash('sha256', bytes);
    this.putRecord(`content:${digest}`, bytes);
    this.confirm(key, { digest, etag }, maxAgeMs);
  }

  /** The server has said that the answer is this one, and for how long that holds. */
  confirm(key: string, { digest, etag }: Pick<CachedHead, 'digest' | 'etag'>, maxAgeMs: number): void {
    const freshUntil = maxAgeMs > 0 ? this.#options.now() + maxAgeMs : 0;
    this.#freshUntil.set(key, freshUntil);
    const fields = etag === undefined ? [digest, freshUntil] : [digest, freshUntil, etag];
    const record = Buffer.from(JSON.stringify(fields));
    if (this.record(`head:${key}`)?.equals(record) !== true) this.putRecord(`head:${key}`, record);
  }

  /** Whether the server's word on how long the answer holds still stands; a clock that was set back does not count. */
  isFresh({ freshUntil }: Pick<CachedHead, 'freshUntil'>): boolean {
    const left = freshUntil - this.#options.now();
    return left > 0 && left <= MAX_FRESH_MS;
  }

  /** A record that is known by its name alone; undefined: not there, damaged, or unreadable. */
  record(name: string): Buffer | undefined {
    return this.#try('read', (store) => store.get(name));
  }

  /** The same, of what has a mark of its own: nothing that is marked later follows from it. */
  markedRecord(name: string): Buffer | undefined {
    return this.#try('read', (store) => store.peek(name));
  }

  /** The content must not change until the cache is closed. */
  putRecord(name: string, content: Uint8Array): void {
    this.#try('written', (store) => store.put(name, content, this.#options.now()));
  }

  /** What this run has looked at, for a record that is put next and follows from it; undefined without a disk. */
  mark(): CacheMark | undefined {
    const mark = this.#try('written', (store) => store.mark());
    if (mark === undefined) return undefined;
    const freshUntil = [...this.#freshUntil.values()].reduce((least, each) => Math.min(least, each), Infinity);
    return { ...mark, freshUntil };
  }

  /** Whether everything that a record with this mark follows from is still the same in this cache. */
  holds(name: string, mark: CacheMark): boolean {
    if (this.#try('read', (store) => store.holds(name, mark)) !== true) return false;
    this.#freshUntil.set(name, mark.freshUntil);
    return true;
  }

  /** Keeps what was put. Opens anew where it is used again. */
  close(): void {
    const store = this.#store;
    if (store === undefined || store === false) return;
    this.#try('written', () => store.close(this.#options.now()));
    if (this.#store === store) this.#store = undefined;
  }

  #try<T>(what: string, act: (store: RecordStore) => T): T | undefined {
    if (this.#store === false) return undefined;
    try {
      this.#store ??= this.#open();
      return act(this.#store);
    } catch (error) {
      this.#abandon();
      const reason = error instanceof CacheKeyError ? error.message : codeOf(error);
      this.#options.onWarning(`The cache in ${this.#folder} cannot be ${what} (${reason}); going on without it.`);
      return undefined;
    }
  }

  #abandon(): void {
    const store = this.#store;
    this.#store = false;
    try {
      if (store instanceof RecordStore) store.abandon();
    } catch {
      // What the disk has refused is told already.
    }
  }

  #open(): RecordStore {
    const { directory, stateDirectory, maxBytes = MAX_BYTES } = this.#options;
    if (isInside(stateDirectory, directory)) throw new CacheKeyError(`the state folder ${stateDirectory} is inside it`);
    return new RecordStore(this.#folder, loadCacheKey(stateDirectory), maxBytes);
  }
}

/** A key that is saved and restored with the cache would seal whatever somebody puts into it. */
function isInside(folder: string, other: string): boolean {
  const relative = path.relative(path.resolve(other), path.resolve(folder));
  return relative === '' || !(relative.startsWith('..') || path.isAbsolute(relative));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}
