import { canonicalize, type Evidence, type Json } from '@lockseal/core';
import { identityOf, signedSha512 } from './approved-packages.ts';
import { sha256 } from './sha256.ts';

/**
 * Digest of what was found out, lower-case hex sha256: equal for two people who verified the same lockfile and found
 * the same, whenever and wherever they looked, and whether they looked again or carried it forward. So without times,
 * and without which key or log entry proved it.
 */
export function evidenceDigest(evidence: readonly Evidence[]): string {
  const rows = evidence.map((each) => canonicalize(summarise(each))).sort();
  return sha256(`${rows.join('\n')}\n`);
}

function summarise(evidence: Evidence): Json {
  const { entry, class: type, grade, sha512, checks } = evidence;
  const identity = identityOf(evidence);
  const signed = signedSha512(evidence);
  return {
    entry,
    class: type,
    grade,
    sha512: sha512 ?? null,
    integrity: checks.integrity.status,
    edges: checks.edges.status,
    identity: identity === undefined ? null : { ...identity },
    // Only where there is one: of other lockfiles the digest stays what it was before there were any.
    ...(signed === undefined ? {} : { signed }),
  };
}
