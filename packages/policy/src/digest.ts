import { createHash } from 'node:crypto';
import type { PolicySource } from './chain.ts';

/** Begins what is hashed of several files; no policy file can begin with it, for it is no table of keys. */
const SEVERAL = 'lockseal-policy-v1';

/**
 * By what approvals name a policy: lower-case hex sha256. Of a file that extends no other one, of its bytes. Otherwise of
 * the line `lockseal-policy-v1` and a line with the lower-case hex sha256 of each file, each line ended by a line feed: what
 * a file extends before the file, in the order in which it names them, a file as often as it is named. Presets are part of
 * lockseal, whose version an approval holds, and are left out. See docs/policy.md, "The digest of a policy".
 * @param sources as `loadPolicy` gives them: the policy's own file is the last
 */
export function policyDigest(sources: readonly Pick<PolicySource, 'text'>[]): string {
  const digests = sources.map(({ text }) => sha256(text));
  const [only] = digests;
  if (only !== undefined && digests.length === 1) return only;
  return sha256([SEVERAL, ...digests].map((line) => `${line}\n`).join(''));
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
