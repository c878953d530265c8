import { hash } from 'node:crypto';
import { LocksealError, type Lockfile } from '@lockseal/core';
import { positionAt } from './position.ts';

/** No lockfile known is a tenth of it; package managers themselves give up on larger ones. */
export const MAX_LOCKFILE_BYTES: number = 64 * 1024 * 1024;

/** The bytes of a lockfile, decoded; what every reader starts from. */
export interface LockfileText {
  /** The path as it was given; used in messages only. */
  readonly path: string;
  /** Without the byte order mark. */
  readonly text: string;
  readonly bytes: Lockfile['bytes'];
}

/**
 * Bytes to text, and nothing else: hashes the bytes as they are, strips one byte order mark, and refuses what
 * package managers repair or overlook in silence.
 * @throws LocksealError ERR_LOCKFILE_TOO_LARGE above 64 MiB, ERR_LOCKFILE_ENCODING for NUL bytes and what is not
 *   UTF-8, ERR_LOCKFILE_CONFLICT for merge-conflict markers at the start of a line
 */
export function decodeLockfile(path: string, bytes: Uint8Array): LockfileText {
  if (bytes.length > MAX_LOCKFILE_BYTES) {
    throw new LocksealError('ERR_LOCKFILE_TOO_LARGE', `${path} is larger than any lockfile`, {
      file: path,
      expected: `at most ${MAX_LOCKFILE_BYTES} bytes`,
      found: `${bytes.length} bytes`,
    });
  }
  const text = decodeUtf8(path, bytes);
  refuseNul(path, text);
  refuseConflict(path, text);
  return { path, text, bytes: { length: bytes.length, sha256: hash('sha256', bytes), sha512: hash('sha512', bytes) } };
}

function decodeUtf8(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new LocksealError('ERR_LOCKFILE_ENCODING', `${path} is not valid UTF-8`, {
      file: path,
      expected: 'UTF-8',
      cause,
    });
  }
}

function refuseNul(path: string, text: string): void {
  const offset = text.indexOf('\0');
  if (offset < 0) return;
  throw new LocksealError('ERR_LOCKFILE_ENCODING', `${path} holds a NUL byte`, {
    file: path,
    position: positionAt(text, offset),
    expected: 'text',
    found: 'a NUL byte',
  });
}

// Written out, not as {7}: then the engine looks at every seventh character only.
const CONFLICT_MARKER = /<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>/g;

/**
 * pnpm and Yarn 1 merge the two sides by themselves, even with a frozen lockfile, and take a lone CR for a line end
 * too. No format has a line that starts with a marker, so a single one is enough to refuse.
 */
function refuseConflict(path: string, text: string): void {
  for (const { 0: marker, index } of text.matchAll(CONFLICT_MARKER)) {
    const before = text[index - 1];
    if (before !== undefined && before !== '\n' && before !== '\r') continue;
    throw new LocksealError('ERR_LOCKFILE_CONFLICT', `${path} holds merge-conflict markers`, {
      file: path,
      position: positionAt(text, index),
      found: marker,
      hint: 'Resolve the conflict and lock again with the package manager.',
    });
  }
}
