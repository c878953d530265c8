import { deserialize, serialize } from 'node:v8';
import type { TarballFacts } from '@lockseal/core';
import type { Cache } from './store.ts';

/** Raised whenever `readTarball` changes what it tells, so that no older reading is taken for a new one. */
const READER = 'r2';

/** What is known of a tarball by its sha512 (lower-case hex); undefined: nothing, or nothing usable. */
export function getTarballFacts(cache: Cache | undefined, sha512: string): TarballFacts | undefined {
  const cached = cache?.record(nameOf(sha512));
  if (cached === undefined) return undefined;
  try {
    const facts: unknown = deserialize(cached);
    return isFacts(facts) && facts.sha512 === sha512 ? facts : undefined;
  } catch {
    // Written by a newer Node: as good as absent, and replaced when the tarball is read again.
    return undefined;
  }
}

/** Structured clone data, since the facts hold Maps and Sets. */
export function putTarballFacts(cache: Cache | undefined, facts: TarballFacts): void {
  cache?.putRecord(nameOf(facts.sha512), serialize(facts));
}

function nameOf(sha512: string): string {
  return `tarball-facts:${READER}:${sha512}`;
}

/** The seal tells our records from anything else, these members tell facts from other records of ours. */
function isFacts(value: unknown): value is TarballFacts {
  if (typeof value !== 'object' || value === null) return false;
  return 'sha512' in value && 'manifest' in value && 'yarnZip' in value && value.yarnZip instanceof Map;
}
