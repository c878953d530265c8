import { loadTrust, defaultCacheDirectory } from '@lockseal/registry';
import process from 'node:process';
import type { EvidenceOptions } from '../evidence/options.ts';
import type { Console } from '../io/console.ts';

/** The bytes of the trusted root in force, as verification uses it. */
export async function loadTrustBytes(options: EvidenceOptions, console: Console): Promise<Uint8Array> {
  const cacheDirectory = options.useCache
    ? (options.cacheDirectory ?? defaultCacheDirectory(console.env, console.home, process.platform))
    : undefined;
  const { trustedRoot } = await loadTrust({ ...options, now: console.now(), cacheDirectory });
  return trustedRoot.bytes;
}
