import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ErrorCode } from '@lockseal/core';
import { readNpm } from '../../src/npm/read.ts';
import { SHA512, entryOf, readPackages, type Json } from '../support/npm.ts';
import { assertRefused, lockfileText } from '../support/text.ts';

describe('readNpm: fields', () => {
  const ms = (member: Json): Json => ({ lockfileVersion: 3, packages: { 'node_modules/ms': member } });
  const refused: readonly (readonly [why: string, content: unknown, code: ErrorCode])[] = [
    ['an array', [], 'ERR_LOCKFILE_FIELD'],
    ['no lockfileVersion', { packages: {} }, 'ERR_LOCKFILE_VERSION'],
    ['a lockfileVersion of the future', { lockfileVersion: 5, packages: {} }, 'ERR_LOCKFILE_VERSION'],
    ['a lockfileVersion in words', { lockfileVersion: '3', packages: {} }, 'ERR_LOCKFILE_VERSION'],
    ['a fractional lockfileVersion', { lockfileVersion: 2.5, packages: {} }, 'ERR_LOCKFILE_VERSION'],
    ['version 3 without packages', { lockfileVersion: 3 }, 'ERR_LOCKFILE_FIELD'],
    ['version 2 with the old tree alone', { lockfileVersion: 2, dependencies: {} }, 'ERR_LOCKFILE_FIELD'],
    ['packages that are null', { lockfileVersion: 3, packages: null }, 'ERR_LOCKFILE_FIELD'],
    ['packages in a list', { lockfileVersion: 3, packages: [] }, 'ERR_LOCKFILE_FIELD'],
    ['an entry that is null', { lockfileVersion: 3, packages: { 'node_modules/ms': null } }, 'ERR_LOCKFILE_FIELD'],
    ['resolved: false, which npm takes for none', ms({ resolved: false }), 'ERR_LOCKFILE_FIELD'],
    ['resolved: null', ms({ resolved: null }), 'ERR_LOCKFILE_FIELD'],
    ['a version that is a number', ms({ version: 2 }), 'ERR_LOCKFILE_FIELD'],
    ['a range for a version', ms({ version: '^2.1.3' }), 'ERR_LOCKFILE_FIELD'],
    ['another spelling of a version', ms({ version: 'v2.1.3' }), 'ERR_LOCKFILE_FIELD'],
    ['an integrity in a list', ms({ integrity: [SHA512] }), 'ERR_LOCKFILE_FIELD'],
    ['link in words', ms({ link: 'true' }), 'ERR_LOCKFILE_FIELD'],
    ['inBundle as a number', ms({ inBundle: 1 }), 'ERR_LOCKFILE_FIELD'],
    ['hasInstallScript in words', ms({ hasInstallScript: 'no' }), 'ERR_LOCKFILE_FIELD'],
    ['a dependency without a specifier', ms({ dependencies: { a: null } }), 'ERR_LOCKFILE_FIELD'],
    ['dependencies in a list', ms({ dependencies: ['a'] }), 'ERR_LOCKFILE_FIELD'],
    ['bundleDependencies in words', ms({ bundleDependencies: 'a' }), 'ERR_LOCKFILE_FIELD'],
    ['an optional peer in words', ms({ peerDependenciesMeta: { a: { optional: 'yes' } } }), 'ERR_LOCKFILE_FIELD'],
    ['a name that npm cannot have published', ms({ name: '../evil' }), 'ERR_LOCKFILE_NAME'],
    [
      'a place that is no package name',
      { lockfileVersion: 3, packages: { 'node_modules/_x': {} } },
      'ERR_LOCKFILE_NAME',
    ],
    ['a place not in normal form', { lockfileVersion: 3, packages: { 'node_modules/../x': {} } }, 'ERR_LOCKFILE_PATH'],
    ['a link that leads nowhere', ms({ link: true }), 'ERR_LOCKFILE_FIELD'],
    ['a link not in normal form', ms({ link: true, resolved: './evil' }), 'ERR_LOCKFILE_PATH'],
    ['an absolute link', ms({ link: true, resolved: '/evil' }), 'ERR_LOCKFILE_PATH'],
    ['a patch hash of another algorithm', ms({ patched: { path: 'p', integrity: 'sha1-aaaa' } }), 'ERR_LOCKFILE_FIELD'],
    ['two patch hashes', ms({ patched: { path: 'p', integrity: `${SHA512} ${SHA512}` } }), 'ERR_LOCKFILE_FIELD'],
    [
      'more workspace patterns than braces can mean',
      { lockfileVersion: 3, packages: { '': { workspaces: ['{a,b}'.repeat(20)] } } },
      'ERR_LOCKFILE_FIELD',
    ],
  ];
  for (const [why, content, code] of refused) {
    test(`refuses ${why}`, () => assertRefused(() => readNpm(lockfileText(content)), code));
  }

  test('names the place, what was expected and what was found', () => {
    assert.throws(
      () => readNpm(lockfileText('{"lockfileVersion":3,\n"packages":{"node_modules/ms":{\n "dev": 1}}}', 'a/b')),
      {
        code: 'ERR_LOCKFILE_FIELD',
        message: 'a/b: packages["node_modules/ms"].dev is not a boolean',
        details: {
          file: 'a/b',
          position: { line: 3, column: 2 },
          expected: 'packages["node_modules/ms"].dev: a boolean',
          found: 'a number',
        },
      },
    );
  });

  test('an entry may say nothing at all: that is judged later', () => {
    const entry = entryOf(readPackages({ 'node_modules/ms': {} }), 'node_modules/ms');
    assert.equal(entry.version, undefined);
    assert.deepEqual(entry.pin, { kind: 'none' });
    assert.deepEqual(entry.source, { type: 'registry', url: undefined, namedRegistry: undefined });
  });

  test('notes members that npm does not write, once a name', () => {
    const { observations } = readPackages(
      { 'node_modules/a': { evil: 1 }, 'node_modules/b': { evil: 2 } },
      { shadow: {} },
    );
    assert.deepEqual(
      observations.map(({ code, found }) => [code, found]),
      [
        ['unexpected-field', 'shadow'],
        ['unexpected-field', 'packages["node_modules/a"].evil'],
      ],
    );
  });

  test('the order of keys changes the order of entries alone', () => {
    const packages = { '': { dependencies: { b: '1' } }, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': {} };
    const reversed = Object.fromEntries(Object.entries(packages).toReversed());
    const byId = (content: Json): unknown =>
      readPackages(content)
        .entries.map(({ position: _position, ...entry }) => entry)
        .toSorted((x, y) => x.id.localeCompare(y.id));
    assert.deepEqual(byId(packages), byId(reversed));
  });
});

describe('readNpm: version 4', () => {
  test('patches and extensions are claims, and stand at their entries', () => {
    const lockfile = readPackages(
      {
        '': { packageExtensionsHash: SHA512 },
        'node_modules/ms': {
          version: '2.1.3',
          patched: { path: 'patches/ms.patch', integrity: SHA512 },
          packageExtensionsApplied: { selector: 'ms@2', dependencies: ['inherits'] },
        },
        'node_modules/b': { version: '1.0.0', npmExtensionApplied: true },
      },
      { lockfileVersion: 4 },
    );
    const patch = { path: 'patches/ms.patch', hash: { algorithm: 'sha512', value: '07'.repeat(64) } };
    assert.deepEqual(entryOf(lockfile, 'node_modules/ms').patch, patch);
    assert.deepEqual(lockfile.claims.patches, new Map([['node_modules/ms', patch]]));
    assert.deepEqual(lockfile.claims.packageExtensions, ['b', 'ms@2']);
    assert.deepEqual(lockfile.observations, []);
  });
});
