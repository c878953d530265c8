import { loadTrust } from '@lockseal/registry';
import { directoriesOf } from '../evidence/directories.ts';
import type { EvidenceOptions } from '../evidence/options.ts';
import type { Console } from '../io/console.ts';

/** The bytes of the trusted root in force, as verification uses it. */
export async function loadTrustBytes(options: EvidenceOptions, console: Console): Promise<Uint8Array> {
  const { trustedRoot } = await loadTrust({ ...options, ...directoriesOf(options, console), now: console.now() });
  return trustedRoot.bytes;
}
