import { toSeconds } from './approval.ts';
import {
  PACKAGE_SET_SUBJECT,
  REVOCATION_PREDICATE,
  STATEMENT_TYPE,
  type InTotoStatement,
  type LockfileDigests,
  type SourceBinding,
} from './types.ts';

/** Takes back every approval of one lockfile up to a sequence number; a later approval of the same bytes counts again. */
export interface RevocationPredicate {
  readonly sequence: number;
  readonly revokedAt: string;
  readonly reason: string;
  readonly source: SourceBinding;
  readonly approver: { readonly role: string };
}

export interface RevocationInput {
  readonly lockfile: LockfileDigests;
  /** Lower-case hex sha256 of its package set. */
  readonly packageSet: string;
  /** The highest sequence number that is taken back. */
  readonly sequence: number;
  readonly revokedAt: Date;
  readonly reason: string;
  readonly source: SourceBinding;
  readonly role: string;
}

export function buildRevocation(input: RevocationInput): InTotoStatement<RevocationPredicate> {
  const { path, sha256, sha512 } = input.lockfile;
  return {
    _type: STATEMENT_TYPE,
    subject: [
      { name: path, digest: { sha256, sha512 } },
      { name: PACKAGE_SET_SUBJECT, digest: { sha256: input.packageSet } },
    ],
    predicateType: REVOCATION_PREDICATE,
    predicate: {
      sequence: input.sequence,
      revokedAt: toSeconds(input.revokedAt),
      reason: input.reason,
      source: input.source,
      approver: { role: input.role },
    },
  };
}
