import { randomBytes } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { FactsStore } from '@lockseal/core';
import type { Cache, CacheMark } from './store.ts';

/** Facts in one record: so many that a record is worth its index, so few that they need no memory to speak of. */
const CHUNK = 500;

export interface FactsStoreOptions {
  /** Of the program: what another version has found is not seen. */
  readonly version: string;
  /** Whatever else than the cache, and what is asked for by name, tells where answers come from. */
  readonly scope: readonly (string | undefined)[];
  /** Answers are used however old they are. */
  readonly offline: boolean;
}

/** First record, which tells of the others. */
interface Head {
  readonly mark: CacheMark;
  /** Found in every chunk that was put with it. */
  readonly id: string;
  readonly chunks: number;
}

type Chunk = readonly [id: string, facts: readonly (readonly [key: string, facts: object | string])[]];

/**
 * Facts among the sealed records of a cache, each lot marked with everything that was asked of the cache until it was
 * put: as soon as any of it has been written anew, or an answer no longer holds, the lot is as good as absent.
 */
export function createFactsStore(cache: Cache, { version, scope, offline }: FactsStoreOptions): FactsStore {
  const nameOf = (name: string): string => `facts:${JSON.stringify([version, ...scope])}:${name}`;
  return {
    get(name) {
      const full = nameOf(name);
      const head = read<Head>(cache, full);
      if (head === undefined || !(offline || cache.isFresh(head.mark)) || !cache.holds(full, head.mark))
        return undefined;
      const facts = new Map<string, unknown>();
      for (let index = 0; index < head.chunks; index += 1) {
        const chunk = read<Chunk>(cache, `${full}:${index}`);
        if (chunk?.[0] !== head.id) return undefined;
        for (const [key, value] of chunk[1]) facts.set(key, value);
      }
      return facts;
    },
    put(name, facts) {
      const full = nameOf(name);
      const id = randomBytes(16).toString('hex');
      const all = [...facts];
      const chunks = Math.ceil(all.length / CHUNK);
      for (let index = 0; index < chunks; index += 1) {
        const chunk: Chunk = [id, all.slice(index * CHUNK, (index + 1) * CHUNK)];
        cache.putRecord(`${full}:${index}`, serialize(chunk));
      }
      const mark = cache.mark();
      if (mark !== undefined) cache.putRecord(full, serialize({ mark, id, chunks } satisfies Head));
    },
  };
}

/** Sealed, so that it is of the shape that was put under this name. */
function read<T>(cache: Cache, name: string): T | undefined {
  const record = cache.markedRecord(name);
  if (record === undefined) return undefined;
  try {
    return deserialize(record) as T;
  } catch {
    // Written by a newer Node: as good as absent, and replaced.
    return undefined;
  }
}
