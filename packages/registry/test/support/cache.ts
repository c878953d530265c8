import assert from 'node:assert/strict';
import path from 'node:path';
import { Cache, type CacheOptions } from '../../src/cache/store.ts';

/** A cache whose key lies beside it, and that must not warn. */
export function cacheIn(folder: string, options: Partial<CacheOptions> = {}): Cache {
  return new Cache({
    directory: path.join(folder, 'cache'),
    stateDirectory: path.join(folder, 'state'),
    now: () => Date.now(),
    onWarning: assert.fail,
    ...options,
  });
}
