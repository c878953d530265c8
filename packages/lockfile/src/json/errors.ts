import { LocksealError, type ErrorCode } from '@lockseal/core';
import { positionAt } from '../position.ts';
import type { LockfileText } from '../text.ts';

/** The text at this offset is not what the grammar asks for. */
export function syntaxError(source: LockfileText, offset: number, expected: string): LocksealError {
  const code = source.text.codePointAt(offset);
  const found = code === undefined ? 'the end of the file' : JSON.stringify(String.fromCodePoint(code));
  return at(source, offset, 'ERR_LOCKFILE_SYNTAX', 'is not well-formed JSON', expected, found);
}

/** The file goes beyond a bound. */
export function excessError(source: LockfileText, offset: number, expected: string): LocksealError {
  return at(source, offset, 'ERR_LOCKFILE_TOO_LARGE', 'exceeds what any lockfile needs', expected, 'more');
}

export function duplicateKeyError(source: LockfileText, offset: number, key: string): LocksealError {
  const found = JSON.stringify(key);
  return at(source, offset, 'ERR_LOCKFILE_DUPLICATE_KEY', `holds the key ${found} twice`, 'every key once', found);
}

export function prototypeKeyError(source: LockfileText, offset: number, key: string): LocksealError {
  const found = JSON.stringify(key);
  const expected = 'no key with a meaning to JavaScript objects';
  return at(source, offset, 'ERR_LOCKFILE_PROTOTYPE_KEY', `holds the key ${found}`, expected, found);
}

function at(
  source: LockfileText,
  offset: number,
  code: ErrorCode,
  what: string,
  expected: string,
  found: string,
): LocksealError {
  const position = positionAt(source.text, offset);
  return new LocksealError(code, `${source.path} ${what}`, { file: source.path, position, expected, found });
}
