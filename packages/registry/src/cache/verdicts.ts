import { deserialize, serialize } from 'node:v8';
import type { VerdictStore } from '@lockseal/core';
import type { Cache } from './store.ts';

/**
 * Verdicts among the sealed records of a cache: only this user's own lockseal can have put them there.
 * @param version of the program; what another version has decided is not seen
 */
export function createVerdictStore(cache: Cache, version: string): VerdictStore {
  const nameOf = (name: string): string => `verdict:${version}:${name}`;
  return {
    get(name) {
      const record = cache.record(nameOf(name));
      if (record === undefined) return undefined;
      try {
        const verdict: unknown = deserialize(record);
        return verdict;
      } catch {
        // Written by a newer Node: as good as absent, and replaced.
        return undefined;
      }
    },
    put(name, verdict) {
      cache.putRecord(nameOf(name), serialize(verdict));
    },
  };
}
