import { canonicalize, LocksealError, parseStrictJson, type Json } from '@lockseal/core';

/** Names the format; docs/evidence-packs.md defines it. */
export const PACK_FORMAT = 'https://lockseal.dev/format/evidence-pack/v1';
/** What every version of the format begins with. */
export const PACK_FORMATS = 'https://lockseal.dev/format/evidence-pack/';

/** The parts of a pack, in the order in which they stand in it. */
export const PARTS = ['trust', 'keys', 'documents', 'attestations', 'histories', 'tarballs'] as const;
export type PartName = (typeof PARTS)[number];

/** What was asked: a part, and a key in it. Elements of keys are printable ASCII without spaces. */
export interface Question {
  readonly part: PartName;
  readonly key: readonly string[];
}

/** A question with its answer. */
export interface PackLine extends Question {
  /** UTF-8 of the canonical JSON of `{key, part, value}`, without a line feed. */
  readonly text: Uint8Array;
}

/** What a pack holds: the versions of lockseal that gathered it, and its lines by `idOf`. */
export interface PackContent {
  readonly lockseal: readonly string[];
  readonly lines: ReadonlyMap<string, PackLine>;
}

/** Bounds, before any work. */
export interface PackLimits {
  /** Bytes of the file. */
  readonly file: number;
  /** Bytes of what it unpacks to. */
  readonly content: number;
  readonly lines: number;
}

const MiB = 1024 * 1024;
export const PACK_LIMITS: PackLimits = { file: 256 * MiB, content: 512 * MiB, lines: 1_000_000 };

/** Longest beginning of a line in which its key and part stand. */
const MAX_HEAD = 4096;
const HEAD = /^\{"key":(\[(?:"(?:[^"\\]|\\.)*",?)*\]),"part":"([a-z]+)","value":/;
const ELEMENT = /^[\x21-\x7e]+$/;

export function idOf({ part, key }: Question): string {
  return JSON.stringify([part, ...key]);
}

/** @throws LocksealError ERR_EVIDENCE_PACK for a key that no line can have */
export function lineOf({ part, key }: Question, value: Json): PackLine {
  if (!isKey(key)) throw malformed(`${JSON.stringify(key)} cannot be a key`);
  return { part, key, text: Buffer.from(canonicalize({ key, part, value })) };
}

/** Reads of a line no more than what was asked. @throws LocksealError ERR_EVIDENCE_PACK */
export function questionOf(text: Uint8Array, where: string): Question {
  const head = Buffer.from(text.buffer, text.byteOffset, Math.min(text.length, MAX_HEAD)).toString('latin1');
  const [, listed = '', name] = HEAD.exec(head) ?? [];
  const part = PARTS.find((each) => each === name);
  if (part === undefined) throw malformed(`${where} does not begin with a key and a part`);
  const key = keyIn(listed);
  if (key === undefined) throw malformed(`${where} has a key that is none`);
  return { part, key };
}

function keyIn(text: string): readonly string[] | undefined {
  try {
    const key: unknown = JSON.parse(text);
    return isKey(key) && JSON.stringify(key) === text ? key : undefined;
  } catch {
    return undefined;
  }
}

function isKey(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string' && ELEMENT.test(each));
}

/** The answer of a line, in strict JSON; not looked at yet. @throws LocksealError ERR_EVIDENCE_PACK */
export function valueIn(line: PackLine): unknown {
  try {
    return (parseStrictJson(line.text) as { readonly value?: unknown }).value;
  } catch (cause) {
    throw malformed(`the line of ${nameOf(line)} is not strict JSON: ${(cause as Error).message}`, cause);
  }
}

/** The order of lines: by part, then by the elements of the key. */
export function compareQuestions(a: Question, b: Question): number {
  const parts = PARTS.indexOf(a.part) - PARTS.indexOf(b.part);
  if (parts !== 0) return parts;
  const at = a.key.findIndex((element, index) => element !== b.key[index]);
  if (at < 0) return a.key.length - b.key.length;
  const other = b.key[at];
  return other === undefined || (a.key[at] ?? '') > other ? 1 : -1;
}

/** A line for messages: `documents ms@2.0.0 of https://registry.npmjs.org/`. */
export function nameOf({ part, key }: Question): string {
  const [registry, name, version] = key;
  if (name === undefined) return `${part}${registry === undefined ? '' : ` of ${registry}`}`;
  return `${part} ${name}${version === undefined ? '' : `@${version}`} of ${registry}`;
}

export function malformed(problem: string, cause?: unknown): LocksealError {
  return new LocksealError('ERR_EVIDENCE_PACK', `The evidence pack is not well-formed: ${problem}.`, {
    hint: 'Get it again from where it was made, and compare its digest.',
    cause,
  });
}
