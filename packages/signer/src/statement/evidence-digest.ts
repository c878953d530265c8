import { canonicalize, type CheckResult, type Evidence, type Json } from '@lockseal/core';
import { sha256 } from './sha256.ts';

/**
 * Digest of what was found out, lower-case hex sha256: equal for two people who verified the same lockfile and found
 * the same, whenever and wherever they looked. So without times, and without where keys came from.
 */
export function evidenceDigest(evidence: readonly Evidence[]): string {
  const rows = evidence.map((each) => canonicalize(summarise(each))).sort();
  return sha256(`${rows.join('\n')}\n`);
}

function summarise({ entry, class: type, grade, sha512, checks }: Evidence): Json {
  return {
    entry,
    class: type,
    grade,
    sha512: sha512 ?? null,
    integrity: checks.integrity.status,
    registry: checks.registry.status,
    signature: keyIdOf(checks.signature),
    publishAttestation: digestOf(checks.publishAttestation),
    provenance: digestOf(checks.provenance),
    edges: checks.edges.status,
  };
}

function keyIdOf(check: CheckResult<{ readonly keyid: string }>): string {
  return check.status === 'verified' ? check.keyid : check.status;
}

function digestOf(check: CheckResult<{ readonly digest: string }>): string {
  return check.status === 'verified' ? check.digest : check.status;
}
