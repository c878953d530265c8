import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Source } from '@lockseal/core';
import { entryOf, readPackages, type Json } from '../support/npm.ts';

describe('readNpm: sources', () => {
  const sources: readonly (readonly [why: string, entry: Json, spec: string, source: Source])[] = [
    [
      'a registry tarball',
      { version: '1.0.0', resolved: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz' },
      '^1.0.0',
      { type: 'registry', url: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz', namedRegistry: undefined },
    ],
    [
      'a URL that nobody asks for is a registry package with an odd URL',
      { version: '1.0.0', resolved: 'http://evil.example/a.tgz' },
      '^1.0.0',
      { type: 'registry', url: 'http://evil.example/a.tgz', namedRegistry: undefined },
    ],
    [
      'a URL that the dependent asks for',
      { version: '1.0.0', resolved: 'https://example.com/a.tgz' },
      'https://example.com/a.tgz',
      { type: 'tarball', url: 'https://example.com/a.tgz' },
    ],
    [
      'git',
      { version: '1.0.0', resolved: 'git+ssh://git@github.com/o/a.git#0123456789012345678901234567890123456789' },
      'o/a',
      {
        type: 'git',
        repository: 'git+ssh://git@github.com/o/a.git',
        commit: '0123456789012345678901234567890123456789',
        path: undefined,
      },
    ],
    [
      'git without a commit',
      { resolved: 'git+https://example.com/a.git' },
      'git+https://example.com/a.git',
      { type: 'git', repository: 'git+https://example.com/a.git', commit: undefined, path: undefined },
    ],
    [
      'a local tarball',
      { version: '1.0.0', resolved: 'file:a-1.0.0.tgz' },
      'file:a-1.0.0.tgz',
      { type: 'file', path: 'a-1.0.0.tgz' },
    ],
    [
      'a local tarball for a range',
      { version: '1.0.0', resolved: 'file:evil.tgz' },
      '^1.0.0',
      { type: 'file', path: 'evil.tgz' },
    ],
    [
      'a directory that is packed',
      { version: '1.0.0', resolved: 'file:local/a' },
      'file:local/a',
      { type: 'directory', path: 'local/a' },
    ],
    ['a link', { link: true, resolved: 'local/a' }, 'file:local/a', { type: 'link', path: 'local/a' }],
    ['a link to the root', { link: true, resolved: '' }, '*', { type: 'link', path: '.' }],
    [
      'a scheme that npm does not fetch',
      { version: '1.0.0', resolved: 'ftp://example.com/a.tgz' },
      '^1.0.0',
      { type: 'unknown', reason: 'resolved is no URL that npm fetches: ftp://example.com/a.tgz' },
    ],
  ];
  for (const [why, entry, spec, source] of sources) {
    test(why, () => {
      const lockfile = readPackages({ '': { dependencies: { a: spec } }, 'node_modules/a': entry });
      assert.deepEqual(entryOf(lockfile, 'node_modules/a').source, source);
    });
  }

  const directories: readonly (readonly [why: string, entry: Json])[] = [
    ['is a link', { link: true, resolved: 'evil' }],
    ['has a URL', { resolved: 'https://evil.example/x.tgz' }],
    ['has an integrity', { integrity: 'sha512-x' }],
  ];
  for (const [why, entry] of directories) {
    test(`a directory of the project that ${why} is of no known kind`, () => {
      const lockfile = readPackages({ '': { workspaces: ['packages/*'] }, 'packages/a': entry });
      assert.equal(entryOf(lockfile, 'packages/a').source.type, 'unknown');
    });
  }

  test('an alias: the name field is the real name', () => {
    const { name, aliases } = entryOf(
      readPackages({ 'node_modules/ms': { name: 'inherits', version: '2.0.4' } }),
      'node_modules/ms',
    );
    assert.equal(name, 'inherits');
    assert.deepEqual(aliases, ['ms']);
  });

  test('a directory is a workspace only if the root names it', () => {
    const packages = {
      '': { workspaces: ['packages/*', '!packages/no', './tools/{x,y}', 'deep/**'] },
      'packages/a': {},
      'packages/no': {},
      'packages/a/b': {},
      'tools/x': {},
      'tools/z': {},
      'deep/1/2/3': {},
      evil: { name: 'ms', version: '2.1.3' },
    };
    const lockfile = readPackages(packages);
    const workspaces = lockfile.entries.filter(({ source }) => source.type === 'workspace').map(({ id }) => id);
    assert.deepEqual(workspaces, ['packages/a', 'tools/x', 'deep/1/2/3']);
    assert.deepEqual(
      lockfile.importers.map((importer) => importer.path),
      ['.', ...workspaces],
    );
    assert.equal(entryOf(lockfile, 'evil').source.type, 'directory');
  });

  test('workspace patterns cannot make the reader go back for ever', () => {
    const lockfile = readPackages({
      '': { workspaces: [`${'*a'.repeat(5000)}b`, `${'**/a/'.repeat(50)}b`] },
      ['a'.repeat(5000)]: {},
    });
    assert.equal(lockfile.entries[0]?.source.type, 'directory');
  });
});
