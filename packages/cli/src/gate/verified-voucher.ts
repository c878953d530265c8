import type { Evidence, Verification } from '@lockseal/core';
import { signedSha512 } from '@lockseal/signer';
import type { Voucher } from './artifacts.ts';

const FULL_COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Vouches for what was verified just now, in the place of an approval: for the bytes that the lockfile binds or, where it
 * binds none, for those that the registry signs.
 */
export function verifiedVoucher({ evidence }: Pick<Verification, 'evidence'>): Voucher {
  const found = new Map(evidence.map((each) => [each.entry, each]));
  return {
    sha512Of: ({ id }) => {
      const evidence = found.get(id);
      const pin = evidence && (evidence.sha512 ?? signedSha512(evidence));
      if (pin === undefined) return { status: 'none', reason: reasonFor(evidence) };
      return evidence?.sha512 === undefined
        ? { status: 'vouched', pin, isOnlySigned: true }
        : { status: 'vouched', pin };
    },
    commitOf: ({ source }) => {
      const commit = source.type === 'git' ? source.commit : undefined;
      return commit !== undefined && FULL_COMMIT.test(commit)
        ? { status: 'vouched', pin: commit }
        : { status: 'none', reason: 'the lockfile does not pin a full commit' };
    },
  };
}

function reasonFor(evidence: Evidence | undefined): string {
  if (evidence === undefined) return 'nothing binds its bytes: there is no evidence';
  const { reason, signedDigest } = evidence;
  const why = `nothing binds its bytes: ${reason}`;
  if (signedDigest === undefined || signedDigest.status === 'verified') return why;
  return `${why}, and no signature of the registry tells its sha512: ${signedDigest.reason} (lock it with a hash, or verify where the registry serves its signatures: \`--registry=<url>\`)`;
}
