import { GRADES, ShapeError, type Grade, type Json, type JsonNode, type Statement } from '@lockseal/core/approval';
import {
  MAX_LIST,
  MAX_TEXT,
  readFileSubject,
  readHex,
  readName,
  readNullableNode,
  readSequence,
  readSetSubject,
  readSha256,
  readSource,
} from './read-members.ts';
import type { CarriedForward, LockfileDigests, PreviousApproval, SourceBinding } from './types.ts';

/** An approval as read. Whose word it is, the signature says. */
export interface ParsedApproval {
  /** Lower-case hex sha256 of the payload: the name of this approval. */
  readonly digest: string;
  readonly lockfile: LockfileDigests & { readonly format: string; readonly formatVersion: string };
  /** Lower-case hex sha256 of the package set. */
  readonly packageSet: string;
  readonly grades: Readonly<Record<Grade, number>>;
  /** `demands` as it stands there: plain data of any shape. */
  readonly policy: { readonly name: string; readonly sha256: string; readonly demands: Json | undefined };
  readonly findings: readonly { readonly code: string; readonly subject: string; readonly level: string }[];
  readonly waivers: readonly { readonly code: string; readonly subject: string; readonly reason: string }[];
  readonly verifier: { readonly id: string; readonly version: string };
  readonly trustedRoot: string;
  readonly registryKeys: string | undefined;
  readonly evidence: string;
  readonly approvedAt: Date;
  readonly expiresAt: Date;
  readonly sequence: number;
  readonly previous: PreviousApproval | null;
  readonly carried: CarriedForward | null;
  /** Packages that the approval binds to what the registry signed, because the lockfile does not bind them. */
  readonly signedDigests: number;
  readonly source: SourceBinding;
  readonly role: string;
  readonly comment: string;
}

/** @throws ShapeError naming the member at fault */
export function readApprovalPredicate({ subjects, predicate }: Statement, digest: string): ParsedApproval {
  if (subjects.length !== 2)
    throw new ShapeError('subject', 'must hold the lockfile and the package set, and nothing else');
  const bytes = readFileSubject(subjects[0], 0);
  const lockfile = predicate.member('lockfile');
  if (lockfile.member('path').text(MAX_TEXT) !== bytes.path)
    throw new ShapeError('lockfile.path', 'is not that of the subject');
  const packageSet = readSetSubject(subjects[1]);
  predicate.member('packageSet').member('packages');
  const approver = predicate.member('approver');
  return {
    digest,
    lockfile: {
      ...bytes,
      format: readName(lockfile.member('format')),
      formatVersion: readName(lockfile.member('formatVersion')),
    },
    packageSet,
    grades: readGrades(predicate.member('counts')),
    ...readVerdict(predicate),
    ...readValidity(predicate),
    signedDigests: predicate.optional('signedDigests')?.count() ?? 0,
    source: readSource(predicate.member('source')),
    role: readName(approver.member('role')),
    comment: approver.member('comment').text(MAX_TEXT),
  };
}

type Verdict = Pick<
  ParsedApproval,
  'policy' | 'findings' | 'waivers' | 'verifier' | 'trustedRoot' | 'registryKeys' | 'evidence'
>;

function readVerdict(predicate: JsonNode): Verdict {
  const policy = predicate.member('policy');
  const verifier = predicate.member('verifier');
  const keys = predicate.optional('registryKeys');
  return {
    policy: {
      name: readName(policy.member('name')),
      sha256: readSha256(policy),
      demands: policy.optional('demands')?.value as Json | undefined,
    },
    findings: predicate
      .member('findings')
      .list(MAX_LIST)
      .map((node) => ({
        code: readName(node.member('code')),
        subject: readName(node.member('subject')),
        level: readName(node.member('level')),
      })),
    waivers: predicate
      .member('waivers')
      .list(MAX_LIST)
      .map((node) => ({
        code: readName(node.member('code')),
        subject: readName(node.member('subject')),
        reason: node.member('reason').text(MAX_TEXT),
      })),
    verifier: { id: readName(verifier.member('id')), version: readName(verifier.member('version')) },
    trustedRoot: readSha256(predicate.member('trustedRoot')),
    registryKeys: keys === undefined ? undefined : readSha256(keys),
    evidence: readSha256(predicate.member('evidence')),
  };
}

type Validity = Pick<ParsedApproval, 'approvedAt' | 'expiresAt' | 'sequence' | 'previous' | 'carried'>;

function readValidity(predicate: JsonNode): Validity {
  const approvedAt = predicate.member('approvedAt').instant();
  const expiresAt = predicate.member('expiresAt').instant();
  if (expiresAt <= approvedAt) throw new ShapeError('predicate.expiresAt', 'is not after approvedAt');
  const sequence = readSequence(predicate.member('sequence'));
  const previous = readPrevious(predicate, 'previous');
  if (previous !== null && previous.sequence > sequence)
    throw new ShapeError('predicate.previous', 'has a higher sequence');
  const carried = readNullableNode(predicate, 'carried');
  return { approvedAt, expiresAt, sequence, previous, carried: carried === null ? null : readCarried(carried) };
}

function readCarried(node: JsonNode): CarriedForward {
  const origins = node
    .member('origins')
    .list(MAX_LIST)
    .map((origin) => ({
      ...readPreviousNode(origin),
      approvedAt: readTime(origin.member('approvedAt')),
      expiresAt: readTime(origin.member('expiresAt')),
    }));
  return { from: readPreviousNode(node.member('from')), packages: node.member('packages').count(), origins };
}

/** As it is written, so that it can be carried on. */
function readTime(node: JsonNode): string {
  node.instant();
  return node.text(MAX_TEXT);
}

function readPrevious(predicate: JsonNode, name: string): PreviousApproval | null {
  const node = readNullableNode(predicate, name);
  return node === null ? null : readPreviousNode(node);
}

function readPreviousNode(node: JsonNode): PreviousApproval {
  return { sha256: readHex(node.member('sha256'), 64), sequence: readSequence(node.member('sequence')) };
}

function readGrades(counts: JsonNode): Readonly<Record<Grade, number>> {
  counts.member('entries').count();
  const grades = counts.member('grades');
  return Object.fromEntries(GRADES.map((grade) => [grade, grades.member(grade).count()])) as Record<Grade, number>;
}
