import { LocksealError } from '@lockseal/core';
import type { Cache, CachedHead } from '../cache/store.ts';
import type { HttpClient } from '../http/client.ts';

export interface DocumentFetcherOptions {
  readonly client: HttpClient;
  readonly cache: Cache | undefined;
  readonly offline: boolean;
}

export interface DocumentRequest {
  readonly url: string;
  readonly maxBytes: number;
  /** Ask online whatever the server said earlier about how long its answer holds. */
  readonly alwaysAsk?: boolean | undefined;
  /** What of the body is wanted and cached; without one, all of it. undefined: the body does not hold it. */
  readonly part?: {
    /** Tells this part from others of the same document. */
    readonly key: string;
    readonly read: (body: AsyncIterable<Uint8Array>) => Promise<Uint8Array | undefined>;
  };
}

/** An answer in the cache, unread. */
interface KnownDocument {
  /** Lower-case hex sha256 of the bytes. */
  readonly digest: string;
  /** undefined where they cannot be read after all. */
  readonly bytes: () => Uint8Array | undefined;
}

/** What `fetch` found, and where it may be found again. */
interface Answer {
  /** undefined: the server has no such document, or the document lacks the part. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * JSON documents through the cache. Online, a cached answer is used without asking for as long as the server said that
 * it holds, and at most `MAX_FRESH_MS`; later it is asked for again with its entity tag and used only if the server says
 * that it has not changed. Offline it is used as it is. That there is no such document is an answer like any other.
 */
export class DocumentFetcher {
  readonly #options: DocumentFetcherOptions;

  constructor(options: DocumentFetcherOptions) {
    this.#options = options;
  }

  /** @returns undefined where the server has no such document, or it lacks the part. @throws LocksealError */
  async fetch(request: DocumentRequest): Promise<Uint8Array | undefined> {
    const key = keyOf(request);
    const head = this.#options.cache?.head(key);
    const known = this.#holds(request, head) ? this.#recall(head) : undefined;
    if (known !== undefined) return known.bytes;
    if (this.#options.offline) {
      throw new LocksealError('ERR_OFFLINE', `Not in the cache, and --offline forbids to fetch it (${request.url})`);
    }
    return this.#ask(request, key, head);
  }

  /** What `fetch` would answer without a connection; undefined where it would ask, or answer that there is none. */
  known(request: DocumentRequest): KnownDocument | undefined {
    const head = this.#options.cache?.head(keyOf(request));
    if (head === undefined || head.digest === ABSENT || !this.#holds(request, head)) return undefined;
    return { digest: head.digest, bytes: () => this.#options.cache?.content(head) };
  }

  #holds({ alwaysAsk = false }: DocumentRequest, head: CachedHead | undefined): boolean {
    const { cache, offline } = this.#options;
    return head !== undefined && (offline || (!alwaysAsk && cache?.isFresh(head) === true));
  }

  #recall(head: CachedHead | undefined): Answer | undefined {
    if (head === undefined || head.digest === ABSENT) return head && { bytes: undefined };
    const bytes = this.#options.cache?.content(head);
    return bytes && { bytes };
  }

  async #ask(
    { url, maxBytes, part }: DocumentRequest,
    key: string,
    head: CachedHead | undefined,
  ): Promise<Uint8Array | undefined> {
    const { client, cache } = this.#options;
    // Read before asking: an entity tag without its bytes would be answered with nothing.
    const cached = head?.etag === undefined ? undefined : cache?.content(head);
    const read = part?.read ?? collect;
    const answer = await client.get({ url, maxBytes, accept: 'application/json', etag: cached && head?.etag, read });
    const { maxAgeMs } = answer;
    if (answer.status === 'not-modified') {
      if (head !== undefined) cache?.confirm(key, head, maxAgeMs);
      return cached;
    }
    const bytes = answer.status === 'ok' ? answer.value : undefined;
    if (bytes === undefined) cache?.confirm(key, { digest: ABSENT, etag: undefined }, maxAgeMs);
    else if (answer.status === 'ok') cache?.put(key, bytes, { etag: answer.etag, maxAgeMs });
    return bytes;
  }
}

/** In place of a digest: the server has said that there is none. */
const ABSENT = 'absent';

function keyOf({ url, part }: DocumentRequest): string {
  return part === undefined ? `document:${url}` : `part:${url}#${part.key}`;
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
