import { LocksealError } from '@lockseal/core';
import type { Cache } from '../cache/store.ts';
import type { HttpClient } from '../http/client.ts';

export interface DocumentFetcherOptions {
  readonly client: HttpClient;
  readonly cache: Cache | undefined;
  readonly offline: boolean;
}

export interface DocumentRequest {
  readonly url: string;
  readonly maxBytes: number;
  /** What of the body is wanted and cached; without one, all of it. undefined: the body does not hold it. */
  readonly part?: {
    /** Tells this part from others of the same document. */
    readonly key: string;
    readonly read: (body: AsyncIterable<Uint8Array>) => Promise<Uint8Array | undefined>;
  };
}

/**
 * JSON documents through the cache. Online, a cached document is asked for again with its entity tag and used only if
 * the server says that it has not changed; offline it is used as it is.
 */
export class DocumentFetcher {
  readonly #options: DocumentFetcherOptions;

  constructor(options: DocumentFetcherOptions) {
    this.#options = options;
  }

  /** @returns undefined where the server has no such document, or it lacks the part. @throws LocksealError */
  async fetch({ url, maxBytes, part }: DocumentRequest): Promise<Uint8Array | undefined> {
    const { client, cache, offline } = this.#options;
    const key = part === undefined ? `document:${url}` : `part:${url}#${part.key}`;
    const cached = await cache?.get(key);
    if (offline) {
      if (cached !== undefined) return cached.bytes;
      throw new LocksealError('ERR_OFFLINE', `Not in the cache, and --offline forbids to fetch it (${url})`);
    }
    const read = part?.read ?? collect;
    const answer = await client.get({ url, maxBytes, accept: 'application/json', etag: cached?.etag, read });
    if (answer.status === 'absent') return undefined;
    if (answer.status === 'not-modified') return cached?.bytes;
    if (answer.value !== undefined) await cache?.put(key, answer.value, answer.etag);
    return answer.value;
  }
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
