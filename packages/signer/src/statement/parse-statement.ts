import {
  LocksealError,
  parseStatement,
  ShapeError,
  STATEMENT_PAYLOAD_TYPE,
  type Statement,
} from '@lockseal/core/approval';
import { sha256 } from './sha256.ts';
import { readApprovalPredicate, type ParsedApproval } from './parse-approval.ts';
import {
  MAX_TEXT,
  readFileSubject,
  readHex,
  readName,
  readSequence,
  readSetSubject,
  readSha256,
  readSource,
} from './read-members.ts';
import {
  APPROVAL_PREDICATE,
  RELEASE_PREDICATE,
  REVOCATION_PREDICATE,
  STATEMENT_TYPE,
  VSA_PREDICATE,
  type LockfileDigests,
  type SourceBinding,
} from './types.ts';

/** What a line of a file of approvals says, before anybody has looked at its signature. */
export type ParsedStatementKind =
  | { readonly kind: 'approval'; readonly approval: ParsedApproval }
  | { readonly kind: 'revocation'; readonly revocation: ParsedRevocation }
  | { readonly kind: 'release'; readonly release: ParsedRelease }
  /** The verdict for other tools; nothing here relies on it. */
  | { readonly kind: 'summary' }
  | { readonly kind: 'malformed'; readonly fault: StatementFault; readonly reason: string };

export type StatementFault = 'not-a-statement' | 'other-predicate' | 'predicate';

export interface ParsedRevocation {
  readonly lockfile: LockfileDigests;
  /** Lower-case hex sha256. */
  readonly packageSet: string;
  readonly sequence: number;
  readonly revokedAt: Date;
  readonly reason: string;
  readonly source: SourceBinding;
  readonly role: string;
}

export interface ParsedRelease {
  readonly artifacts: readonly LockfileDigests[];
  readonly lockfile: LockfileDigests;
  readonly packageSet: string;
  readonly approval: { readonly sha256: string; readonly sequence: number };
  readonly sbom: string | null;
  readonly releasedAt: Date;
  readonly source: SourceBinding;
  readonly role: string;
}

/** Reads any statement that lockseal signs. Strict about every member that the format defines; others are ignored. */
export function parseLocksealStatement(payloadType: string, payload: Uint8Array): ParsedStatementKind {
  const parsed = parseStatement(payloadType, payload);
  if (parsed.status === 'malformed') return { kind: 'malformed', fault: 'not-a-statement', reason: parsed.reason };
  const { statement } = parsed;
  if (statement.type !== STATEMENT_TYPE) {
    return { kind: 'malformed', fault: 'not-a-statement', reason: `the statement is of type ${statement.type}` };
  }
  try {
    return readByType(statement, payload);
  } catch (thrown) {
    if (!(thrown instanceof ShapeError)) throw thrown;
    return { kind: 'malformed', fault: 'predicate', reason: `in the statement, ${thrown.message}` };
  }
}

/**
 * Reads the payload of an approval.
 * @throws LocksealError ERR_STATEMENT
 */
export function parseApprovalStatement(
  payload: Uint8Array,
  payloadType: string = STATEMENT_PAYLOAD_TYPE,
): ParsedApproval {
  const parsed = parseLocksealStatement(payloadType, payload);
  if (parsed.kind === 'approval') return parsed.approval;
  const reason = parsed.kind === 'malformed' ? parsed.reason : `it is a ${parsed.kind}`;
  throw new LocksealError('ERR_STATEMENT', `This is no approval of a lockfile: ${reason}.`);
}

function readByType(statement: Statement, payload: Uint8Array): ParsedStatementKind {
  switch (statement.predicateType) {
    case APPROVAL_PREDICATE:
      return { kind: 'approval', approval: readApprovalPredicate(statement, sha256(payload)) };
    case REVOCATION_PREDICATE:
      return { kind: 'revocation', revocation: readRevocation(statement) };
    case RELEASE_PREDICATE:
      return { kind: 'release', release: readRelease(statement) };
    case VSA_PREDICATE:
      return { kind: 'summary' };
    default: {
      const reason = `the predicate type ${JSON.stringify(statement.predicateType)} is none that lockseal signs`;
      return { kind: 'malformed', fault: 'other-predicate', reason };
    }
  }
}

function readRevocation({ subjects, predicate }: Statement): ParsedRevocation {
  if (subjects.length !== 2)
    throw new ShapeError('subject', 'must hold the lockfile and the package set, and nothing else');
  return {
    lockfile: readFileSubject(subjects[0], 0),
    packageSet: readSetSubject(subjects[1]),
    sequence: readSequence(predicate.member('sequence')),
    revokedAt: predicate.member('revokedAt').instant(),
    reason: predicate.member('reason').text(MAX_TEXT),
    source: readSource(predicate.member('source')),
    role: readName(predicate.member('approver').member('role')),
  };
}

function readRelease({ subjects, predicate }: Statement): ParsedRelease {
  const lockfile = predicate.member('lockfile');
  const digest = lockfile.member('digest');
  const approval = predicate.member('approval');
  readNullableObject(predicate.keys(), 'sbom');
  const sbom = predicate.optional('sbom');
  return {
    artifacts: subjects.map(readFileSubject),
    lockfile: {
      path: readName(lockfile.member('path')),
      sha256: readHex(digest.member('sha256'), 64),
      sha512: readHex(digest.member('sha512'), 128),
    },
    packageSet: readSha256(predicate.member('packageSet')),
    approval: {
      sha256: readHex(approval.member('sha256'), 64),
      sequence: readSequence(approval.member('sequence')),
    },
    sbom: sbom === undefined ? null : readSha256(sbom),
    releasedAt: predicate.member('releasedAt').instant(),
    source: readSource(predicate.member('source')),
    role: readName(predicate.member('approver').member('role')),
  };
}

function readNullableObject(keys: readonly string[], name: string): void {
  if (!keys.includes(name)) throw new ShapeError(`predicate.${name}`, 'is missing');
}
