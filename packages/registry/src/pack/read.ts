import { createHash } from 'node:crypto';
import { brotliDecompressSync } from 'node:zlib';
import { JsonNode, LocksealError, parseStrictJson, ShapeError } from '@lockseal/core';
import {
  compareQuestions,
  idOf,
  malformed,
  nameOf,
  PACK_FORMAT,
  PACK_FORMATS,
  PACK_LIMITS,
  PARTS,
  questionOf,
  type PackContent,
  type PackLimits,
  type PackLine,
} from './format.ts';
import { digestOf } from './write.ts';

export interface EvidencePack extends PackContent {
  /** The content address, lower-case hex. */
  readonly sha256: string;
  /** Bytes of the file, and of what it unpacks to. */
  readonly size: { readonly file: number; readonly content: number };
}

const LINE_FEED = 0x0a;
const MAX_HEADER = 64 * 1024;
const MAX_TEXT = 1024;
const MAX_VERSIONS = 1000;

/**
 * Opens a pack: its bounds, its content address, the digest of each part, the order of its lines. What a line answers
 * is read when it is asked for, and nothing in a pack is believed for standing in it.
 * @param expected content address that it must have, lower-case hex
 * @throws LocksealError ERR_EVIDENCE_PACK, ERR_EVIDENCE_VERSION, ERR_EVIDENCE_TOO_LARGE, ERR_EVIDENCE_DIGEST
 */
export function readPack(file: Uint8Array, expected?: string, limits: PackLimits = PACK_LIMITS): EvidencePack {
  const content = decompress(file, limits);
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (expected !== undefined && expected !== sha256) throw otherPack(expected, sha256);
  const [header, ...texts] = splitLines(content, limits.lines);
  const { lockseal, parts } = readHeader(header ?? new Uint8Array());
  const lines = texts.map((text, index): PackLine => ({ ...questionOf(text, `line ${index + 2}`), text }));
  requireOrder(lines);
  requireParts(lines, parts);
  return {
    lockseal,
    lines: new Map(lines.map((line) => [idOf(line), line])),
    sha256,
    size: { file: file.length, content: content.length },
  };
}

function decompress(file: Uint8Array, limits: PackLimits): Buffer {
  if (file.length > limits.file) throw tooLarge(`is larger than ${limits.file} bytes`);
  try {
    // With `info`, which the types do not know, it tells how much of the file it has read.
    const { buffer, engine } = brotliDecompressSync(file, {
      maxOutputLength: limits.content,
      info: true,
    }) as unknown as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
    if (engine.bytesWritten !== file.length) throw malformed('something follows after its end');
    return buffer;
  } catch (cause) {
    if (cause instanceof LocksealError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(`unpacks to more than ${limits.content} bytes`);
    throw malformed(`it cannot be unpacked (${message})`, cause);
  }
}

function splitLines(content: Buffer, most: number): Uint8Array[] {
  if (content.at(-1) !== LINE_FEED) throw malformed('its last line is cut off');
  const lines: Uint8Array[] = [];
  for (let from = 0; from < content.length;) {
    const end = content.indexOf(LINE_FEED, from);
    lines.push(content.subarray(from, end));
    if (lines.length > most) throw tooLarge(`has more than ${most} lines`);
    from = end + 1;
  }
  return lines;
}

type Parts = ReadonlyMap<string, { readonly lines: number; readonly sha256: string }>;

function readHeader(text: Uint8Array): { readonly lockseal: readonly string[]; readonly parts: Parts } {
  try {
    if (text.length > MAX_HEADER) throw new ShapeError('', `is longer than ${MAX_HEADER} bytes`);
    const header = new JsonNode(parseStrictJson(text), '');
    requireFormat(header.member('format').text(MAX_TEXT));
    header.only('format', 'lockseal', 'parts');
    const listed = header.member('parts').only(...PARTS);
    const parts = PARTS.map((name) => {
      const part = listed.member(name).only('lines', 'sha256');
      return [name, { lines: part.member('lines').count(), sha256: part.member('sha256').text(64) }] as const;
    });
    const lockseal = header.member('lockseal').list(MAX_VERSIONS);
    return { lockseal: lockseal.map((version) => version.text(MAX_TEXT)), parts: new Map(parts) };
  } catch (cause) {
    if (cause instanceof ShapeError || cause instanceof SyntaxError) {
      throw malformed(`its header is not as it should be: ${cause.message}`, cause);
    }
    throw cause;
  }
}

function requireFormat(format: string): void {
  if (format === PACK_FORMAT) return;
  if (!format.startsWith(PACK_FORMATS)) throw malformed('it is no evidence pack');
  throw new LocksealError('ERR_EVIDENCE_VERSION', 'The evidence pack is of another version of the format.', {
    expected: PACK_FORMAT,
    found: format,
    hint: 'Update lockseal to the version that made it.',
  });
}

/** Strictly ascending, so that nothing is answered twice. */
function requireOrder(lines: readonly PackLine[]): void {
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    if (before !== undefined && compareQuestions(before, line) >= 0) {
      throw malformed(`${nameOf(line)} is there twice or out of order`);
    }
  }
}

function requireParts(lines: readonly PackLine[], parts: Parts): void {
  for (const name of PARTS) {
    const own = lines.filter(({ part }) => part === name);
    const told = parts.get(name);
    if (told?.lines !== own.length || told.sha256 !== digestOf(own)) {
      throw malformed(`its part "${name}" is not the one that its header names`);
    }
  }
}

function otherPack(expected: string, found: string): LocksealError {
  return new LocksealError('ERR_EVIDENCE_DIGEST', 'This is not the evidence pack whose digest was given.', {
    expected: `sha256:${expected}`,
    found: `sha256:${found}`,
    hint: 'Compare it with the output of `lockseal evidence pack`, or with the approval that names it.',
  });
}

function tooLarge(problem: string): LocksealError {
  return new LocksealError('ERR_EVIDENCE_TOO_LARGE', `The evidence pack ${problem}.`, {
    hint: 'Prune it to one lockfile where it was made: `lockseal evidence prune`.',
  });
}
