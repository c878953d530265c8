import type { Verification } from '@lockseal/core';
import type { Voucher } from './artifacts.ts';

const FULL_COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Vouches for what was verified just now, in the place of an approval. */
export function verifiedVoucher({ evidence }: Pick<Verification, 'evidence'>): Voucher {
  const found = new Map(evidence.map((each) => [each.entry, each]));
  return {
    sha512Of: ({ id }) => {
      const { sha512, reason } = found.get(id) ?? {};
      return sha512 === undefined
        ? { status: 'none', reason: `nothing binds its bytes: ${reason ?? 'there is no evidence'}` }
        : { status: 'vouched', pin: sha512 };
    },
    commitOf: ({ source }) => {
      const commit = source.type === 'git' ? source.commit : undefined;
      return commit !== undefined && FULL_COMMIT.test(commit)
        ? { status: 'vouched', pin: commit }
        : { status: 'none', reason: 'the lockfile does not pin a full commit' };
    },
  };
}
