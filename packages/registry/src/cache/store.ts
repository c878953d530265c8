import path from 'node:path';

/** A cached answer: its bytes, and the entity tag to ask again with. */
export interface CachedBytes {
  readonly bytes: Buffer;
  readonly etag: string | undefined;
}

export interface CacheOptions {
  readonly directory: string;
  /** Called once, at the first write or read that the disk refuses; the run goes on without the cache. */
  readonly onWarning: (message: string) => void;
}

/** What we use of cacache. */
interface Library {
  readonly get: {
    (folder: string, key: string): Promise<{ readonly data: Buffer; readonly metadata?: unknown }>;
    info(folder: string, key: string): Promise<{ readonly integrity: string } | null>;
  };
  readonly rm: { content(folder: string, integrity: string): Promise<unknown> };
  put(folder: string, key: string, data: Buffer, options: object): Promise<unknown>;
}

/** Part of the folder's name; raised when what is stored changes its meaning. */
const LAYOUT = 'v1';

/**
 * A content-addressed cache on disk (cacache: atomic writes, several processes at once). Every read checks the
 * content against its digest; what does not agree is dropped and fetched anew. No fault of the disk ever fails a run.
 */
export class Cache {
  readonly #folder: string;
  readonly #onWarning: (message: string) => void;
  #library: Promise<Library> | undefined;
  #warned = false;

  constructor(options: CacheOptions) {
    this.#folder = path.join(options.directory, LAYOUT);
    this.#onWarning = options.onWarning;
  }

  /** undefined: not there, damaged, or unreadable. */
  async get(key: string): Promise<CachedBytes | undefined> {
    try {
      const { data, metadata } = await (await this.#load()).get(this.#folder, key);
      const etag = typeof metadata === 'object' && metadata !== null && 'etag' in metadata ? metadata.etag : undefined;
      return { bytes: data, etag: typeof etag === 'string' ? etag : undefined };
    } catch (error) {
      const code = codeOf(error);
      // ENOENT is an empty cache, or content that was cleaned away.
      if (code === 'EINTEGRITY' || code === 'EBADSIZE') await this.#drop(key);
      else if (code !== 'ENOENT') this.#warn('read', code);
      return undefined;
    }
  }

  async put(key: string, bytes: Uint8Array, etag: string | undefined): Promise<void> {
    try {
      const library = await this.#load();
      // A view, no copy: the library only reads it.
      const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      await library.put(this.#folder, key, data, { metadata: { etag }, algorithms: ['sha512'] });
    } catch (error) {
      this.#warn('written', codeOf(error));
    }
  }

  /** Removes damaged content, which a later write of the same bytes would take for good and leave in place. */
  async #drop(key: string): Promise<void> {
    try {
      const library = await this.#load();
      const info = await library.get.info(this.#folder, key);
      if (info !== null) await library.rm.content(this.#folder, info.integrity);
    } catch (error) {
      this.#warn('cleaned', codeOf(error));
    }
  }

  // Loaded late: it costs as much as a whole start of node, and offline commands never need it.
  #load(): Promise<Library> {
    this.#library ??= import('cacache').then((module): Library => module.default);
    return this.#library;
  }

  #warn(what: string, code: string): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#onWarning(`The cache in ${this.#folder} cannot be ${what} (${code}); going on without it.`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}
