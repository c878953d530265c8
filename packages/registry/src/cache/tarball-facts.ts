import { deserialize, serialize } from 'node:v8';
import type { TarballFacts } from '@lockseal/core';
import type { Cache } from './store.ts';

/** Raised whenever `readTarball` changes what it tells, so that no older reading is taken for a new one. */
const READER = 'r2';

/** What is known of a tarball by its sha512 (lower-case hex); undefined: nothing, or nothing usable. */
export async function getTarballFacts(cache: Cache | undefined, sha512: string): Promise<TarballFacts | undefined> {
  const cached = await cache?.get(keyOf(sha512));
  if (cached === undefined) return undefined;
  try {
    const facts: unknown = deserialize(cached.bytes);
    return isFacts(facts) && facts.sha512 === sha512 ? facts : undefined;
  } catch {
    // Written by a newer Node, or not by us: as good as absent, and replaced when the tarball is read again.
    return undefined;
  }
}

/** Structured clone data, since the facts hold Maps and Sets. */
export async function putTarballFacts(cache: Cache | undefined, facts: TarballFacts): Promise<void> {
  await cache?.put(keyOf(facts.sha512), serialize(facts), undefined);
}

function keyOf(sha512: string): string {
  return `tarball-facts:${READER}:${sha512}`;
}

/** The cache checks content against its digest, so that these members tell our records from anything else. */
function isFacts(value: unknown): value is TarballFacts {
  if (typeof value !== 'object' || value === null) return false;
  return 'sha512' in value && 'manifest' in value && 'yarnZip' in value && value.yarnZip instanceof Map;
}
