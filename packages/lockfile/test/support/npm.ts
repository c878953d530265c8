import assert from 'node:assert/strict';
import type { Lockfile } from '@lockseal/core';
import { readNpm } from '../../src/npm/read.ts';
import { assertCoherent, lockfileText } from './text.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A well-formed integrity of nothing in particular. */
export const SHA512: string = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;

/** A lockfile of version 3 with these packages; `rest` goes to the top level. */
export function readPackages(packages: Json, rest: Json = {}): Lockfile {
  const lockfile = readNpm(lockfileText({ lockfileVersion: 3, packages, ...rest }, 'package-lock.json'));
  assertCoherent(lockfile);
  return lockfile;
}

export function entryOf(lockfile: Lockfile, id: string): Lockfile['entries'][number] {
  const entry = lockfile.entries.find((candidate) => candidate.id === id);
  assert.ok(entry, `there is an entry ${id}`);
  return entry;
}
