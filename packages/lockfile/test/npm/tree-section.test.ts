import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ErrorCode, Lockfile, Source } from '@lockseal/core';
import { readNpm } from '../../src/npm/read.ts';
import { entryOf, type Json } from '../support/npm.ts';
import { assertRefused, lockfileText } from '../support/text.ts';

describe('readNpm: version 1', () => {
  const v1 = (dependencies: Json): Lockfile =>
    readNpm(lockfileText({ lockfileVersion: 1, requires: true, dependencies }));

  test('an empty project has no tree', () => {
    assert.deepEqual(readNpm(lockfileText({ lockfileVersion: 1 })).entries, []);
  });

  const versions: readonly (readonly [version: string, name: string, exact: string | undefined, source: Source])[] = [
    ['1.0.0', 'a', '1.0.0', { type: 'registry', url: undefined, namedRegistry: undefined }],
    ['npm:@s/b@2.0.0', '@s/b', '2.0.0', { type: 'registry', url: undefined, namedRegistry: undefined }],
    ['file:x.tgz', 'a', undefined, { type: 'file', path: 'x.tgz' }],
    ['file:local/a', 'a', undefined, { type: 'link', path: 'local/a' }],
    [
      'git+https://example.com/a.git#abc',
      'a',
      undefined,
      { type: 'git', repository: 'git+https://example.com/a.git', commit: 'abc', path: undefined },
    ],
    ['github:o/a#abc', 'a', undefined, { type: 'git', repository: 'github:o/a', commit: 'abc', path: undefined }],
  ];
  for (const [version, name, exact, source] of versions) {
    test(`version ${version}`, () => {
      const entry = entryOf(v1({ a: { version } }), 'node_modules/a');
      assert.deepEqual([entry.name, entry.version, entry.source], [name, exact, source]);
    });
  }

  test('a URL is a tarball where somebody asks for it', () => {
    const url = 'https://example.com/a.tgz';
    const lockfile = v1({ a: { version: url }, b: { version: '1.0.0', requires: { a: url } } });
    assert.deepEqual(entryOf(lockfile, 'node_modules/a').source, { type: 'tarball', url });
  });

  const refused: readonly (readonly [why: string, dependencies: unknown, code: ErrorCode])[] = [
    ['a range for a version', { a: { version: '^1.0.0' } }, 'ERR_LOCKFILE_FIELD'],
    ['an alias of nothing', { a: { version: 'npm:' } }, 'ERR_LOCKFILE_FIELD'],
    ['an alias without a version', { a: { version: 'npm:b' } }, 'ERR_LOCKFILE_FIELD'],
    ['an alias of a range', { a: { version: 'npm:b@^1.0.0' } }, 'ERR_LOCKFILE_FIELD'],
    ['a directory not in normal form', { a: { version: 'file:./a/../b' } }, 'ERR_LOCKFILE_PATH'],
    ['a name with a path in it', { 'x/node_modules/ms': { version: '1.0.0' } }, 'ERR_LOCKFILE_NAME'],
    ['a name that goes up', { '..': { version: '1.0.0' } }, 'ERR_LOCKFILE_NAME'],
    ['bundled in words', { a: { version: '1.0.0', bundled: 'yes' } }, 'ERR_LOCKFILE_FIELD'],
    ['a tree in a list', [], 'ERR_LOCKFILE_FIELD'],
  ];
  for (const [why, dependencies, code] of refused) {
    test(`refuses ${why}`, () => assertRefused(() => v1(dependencies as Json), code));
  }
});
