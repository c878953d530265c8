import { ShapeError, type JsonNode, type Subject } from '@lockseal/core/approval';
import { PACKAGE_SET_SUBJECT, type LockfileDigests } from './types.ts';

export const MAX_TEXT = 4096;
export const MAX_LIST = 100_000;

/** Lower-case hex of a digest with the given number of characters. */
export function readHex(node: JsonNode, length: 64 | 128): string {
  const text = node.text(length);
  if (text.length !== length || !/^[0-9a-f]+$/.test(text)) {
    throw new ShapeError(node.path, `is not a digest of ${length} lower-case hex digits`);
  }
  return text;
}

/** `{digest: {sha256}}`. */
export function readSha256(node: JsonNode): string {
  return readHex(node.member('digest').member('sha256'), 64);
}

/** Text of at least one character. */
export function readName(node: JsonNode): string {
  const text = node.text(MAX_TEXT);
  if (text === '') throw new ShapeError(node.path, 'is empty');
  return text;
}

/** A member that must be there, as text or as null: what was not known is said, not left out. */
export function readNullable(node: JsonNode, name: string): string | null {
  const value = node.optional(name);
  if (value !== undefined) return readName(value);
  if (node.keys().includes(name)) return null;
  throw new ShapeError(`${node.path}.${name}`, 'is missing');
}

export function readSource(node: JsonNode): { repository: string | null; ref: string | null; commit: string | null } {
  return {
    repository: readNullable(node, 'repository'),
    ref: readNullable(node, 'ref'),
    commit: readNullable(node, 'commit'),
  };
}

/** A whole number from 1. */
export function readSequence(node: JsonNode): number {
  const sequence = typeof node.value === 'number' ? node.count() : NaN;
  if (!(sequence >= 1)) throw new ShapeError(node.path, 'is not a whole number from 1');
  return sequence;
}

/** A subject that is a file: both digests, and no others that could be matched instead. */
export function readFileSubject(subject: Subject | undefined, index: number): LockfileDigests {
  const path = `subject[${index}]`;
  const sha256Hex = subject?.digests.get('sha256');
  const sha512Hex = subject?.digests.get('sha512');
  if (subject?.name === undefined || subject.name === '') throw new ShapeError(path, 'has no name');
  if (sha256Hex === undefined || !/^[0-9a-f]{64}$/.test(sha256Hex))
    throw new ShapeError(path, 'has no sha256 in lower-case hex');
  if (sha512Hex === undefined) throw new ShapeError(path, 'has no sha512');
  if (subject.digests.size !== 2) throw new ShapeError(path, 'has digests besides sha256 and sha512');
  return { path: subject.name, sha256: sha256Hex, sha512: sha512Hex };
}

/** The second subject of approvals and revocations: lower-case hex sha256 of the package set. */
export function readSetSubject(subject: Subject | undefined): string {
  const digest = subject?.digests.get('sha256');
  if (
    subject?.name !== PACKAGE_SET_SUBJECT ||
    subject.digests.size !== 1 ||
    digest === undefined ||
    !/^[0-9a-f]{64}$/.test(digest)
  ) {
    throw new ShapeError('subject[1]', `must be ${PACKAGE_SET_SUBJECT} with a sha256 alone`);
  }
  return digest;
}

/** A member that must be there, as a value or as null. */
export function readNullableNode(node: JsonNode, name: string): JsonNode | null {
  if (!node.keys().includes(name)) throw new ShapeError(`${node.path}.${name}`, 'is missing');
  return node.optional(name) ?? null;
}
