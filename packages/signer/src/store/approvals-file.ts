import { createHash } from 'node:crypto';
import { LocksealError, parseStrictJson, type ErrorCode } from '@lockseal/core/approval';

const MAX_FILE = 256 * 1024 * 1024;
const MAX_LINES = 10_000;
const MAX_LINE = 32 * 1024 * 1024;
const MARKERS = ['<<<<<<<', '=======', '>>>>>>>', '|||||||'];
const LINE_FEED = 0x0a;

/** `package-lock.json.approvals.jsonl`, beside the lockfile. */
export function approvalsFileOf(lockfile: string): string {
  return `${lockfile}.approvals.jsonl`;
}

/** One line of a file of approvals: a bundle that nobody has verified yet. */
export interface StoredBundle {
  /** From 1. */
  readonly line: number;
  readonly bundle: unknown;
  readonly payloadType: string;
  readonly payload: Uint8Array;
}

/**
 * Reads a file of approvals: one Sigstore bundle a line, each with an envelope, no empty line, no line twice. One bad
 * line spoils the file, because a reader that skips lines can be made to skip the one that counts.
 * @throws LocksealError ERR_APPROVALS_TOO_LARGE, ERR_APPROVALS_CONFLICT, ERR_APPROVALS_SYNTAX, ERR_APPROVALS_DUPLICATE
 */
export function parseApprovals(bytes: Uint8Array, file: string): readonly StoredBundle[] {
  if (bytes.length > MAX_FILE) throw refuse('ERR_APPROVALS_TOO_LARGE', file, undefined, `${bytes.length} bytes`);
  const lines = splitLines(bytes, file);
  const seen = new Map<string, number>();
  const alike = Map.groupBy(lines, ({ length }) => length);
  return lines.map((line, index) => {
    const number = index + 1;
    requireNoConflict(line, file, number);
    // Most lines are as long as no other, and need no digest to be told apart.
    if ((alike.get(line.length)?.length ?? 0) > 1) {
      const digest = createHash('sha256').update(line).digest('hex');
      const first = seen.get(digest);
      if (first !== undefined) throw refuse('ERR_APPROVALS_DUPLICATE', file, number, `the same as line ${first}`);
      seen.set(digest, number);
    }
    return parseLine(line, file, number);
  });
}

function splitLines(bytes: Uint8Array, file: string): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(LINE_FEED, start);
    const number = lines.length + 1;
    if (end === -1)
      throw refuse('ERR_APPROVALS_SYNTAX', file, number, 'no line feed at the end: the line may be cut off');
    if (end - start > MAX_LINE) throw refuse('ERR_APPROVALS_TOO_LARGE', file, number, `${end - start} bytes`);
    if (number > MAX_LINES) throw refuse('ERR_APPROVALS_TOO_LARGE', file, number, `more than ${MAX_LINES} lines`);
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

function requireNoConflict(line: Uint8Array, file: string, number: number): void {
  const head = Buffer.from(line.subarray(0, 7)).toString('latin1');
  if (MARKERS.includes(head)) throw refuse('ERR_APPROVALS_CONFLICT', file, number, head);
}

function parseLine(line: Uint8Array, file: string, number: number): StoredBundle {
  try {
    const bundle = parseAroundPayload(line) ?? parseStrictJson(line);
    const envelope = member(bundle, 'dsseEnvelope');
    const payloadType = member(envelope, 'payloadType');
    const payload = member(envelope, 'payload');
    if (typeof payload !== 'string' || typeof payloadType !== 'string')
      throw new SyntaxError('no bundle with an envelope');
    return { line: number, bundle, payloadType, payload: Buffer.from(payload, 'base64') };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw refuse('ERR_APPROVALS_SYNTAX', file, number, cause.message, cause);
  }
}

const PAYLOAD = Buffer.from('"payload":"');
const QUOTE = 0x22;

/**
 * Nearly all of a line is its payload, and base64 holds nothing that JSON could read differently: so it is cut out, the
 * rest is parsed, and it is put back. These bytes stand nowhere but at a member (in a text their second quote would be
 * escaped), so the rest is strict JSON if and only if the whole is.
 * @returns undefined where the line is not like that, to be parsed as a whole
 * @throws SyntaxError
 */
function parseAroundPayload(bytes: Uint8Array): unknown {
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = line.indexOf(PAYLOAD) + PAYLOAD.length;
  const end = line.indexOf(QUOTE, start);
  if (start < PAYLOAD.length || end === -1 || line.includes(PAYLOAD, end)) return undefined;
  const payload = line.toString('latin1', start, end);
  // Written back, only canonical base64 is what it was.
  if (payload === '' || Buffer.from(payload, 'base64').toString('base64') !== payload) return undefined;
  const rest = parseStrictJson(Buffer.concat([line.subarray(0, start), line.subarray(end)]));
  const envelope = member(rest, 'dsseEnvelope');
  if (member(envelope, 'payload') !== '') return undefined;
  return { ...(rest as object), dsseEnvelope: { ...(envelope as object), payload } };
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

const PROBLEMS = {
  ERR_APPROVALS_TOO_LARGE: ['is too large', 'Move what is superseded into an archive: `lockseal trust prune`.'],
  ERR_APPROVALS_CONFLICT: [
    'holds merge-conflict markers',
    'Keep the lines of both sides and delete the markers; `*.approvals.jsonl merge=union` in .gitattributes avoids them.',
  ],
  ERR_APPROVALS_SYNTAX: [
    'holds a line that is no bundle',
    'Restore the file from the last good commit (`git checkout <commit> -- <file>`), or delete that line.',
  ],
  ERR_APPROVALS_DUPLICATE: ['holds a line twice', 'Delete one of the two lines.'],
} as const satisfies Partial<Record<ErrorCode, readonly [string, string]>>;

function refuse(
  code: keyof typeof PROBLEMS,
  file: string,
  line: number | undefined,
  found: string,
  cause?: unknown,
): LocksealError {
  const [problem, hint] = PROBLEMS[code];
  const position = line === undefined ? undefined : { line, column: 1 };
  return new LocksealError(code, `The file of approvals ${problem}.`, {
    file,
    position,
    expected: 'one Sigstore bundle a line',
    found,
    hint,
    cause,
  });
}
