import { createHash } from 'node:crypto';
import type { LockfileDigests } from '@lockseal/signer/enforce';

/** Digests of a file's bytes, under the path by which a statement names it. */
export function hashLockfile(name: string, bytes: Uint8Array): LockfileDigests {
  const hex = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex');
  return { path: name, sha256: hex('sha256'), sha512: hex('sha512') };
}
