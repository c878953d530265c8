import { LocksealError, type ErrorCode, type StrictJsonError, type StrictJsonFault } from '@lockseal/core';
import { positionAt } from '../position.ts';
import type { LockfileText } from '../text.ts';

const FAULTS: Readonly<Record<StrictJsonFault, (found: string) => readonly [code: ErrorCode, what: string]>> = {
  syntax: () => ['ERR_LOCKFILE_SYNTAX', 'is not well-formed JSON'],
  excess: () => ['ERR_LOCKFILE_TOO_LARGE', 'exceeds what any lockfile needs'],
  'duplicate-key': (found) => ['ERR_LOCKFILE_DUPLICATE_KEY', `holds the key ${found} twice`],
  'prototype-key': (found) => ['ERR_LOCKFILE_PROTOTYPE_KEY', `holds the key ${found}`],
};

/** The refusal of strict JSON as that of a lockfile, with its place by line and column. */
export function asLockfileError(source: LockfileText, error: StrictJsonError): LocksealError {
  const { fault, offset, expected, found } = error;
  const [code, what] = FAULTS[fault](found);
  const position = positionAt(source.text, offset);
  return new LocksealError(code, `${source.path} ${what}`, { file: source.path, position, expected, found });
}
