import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ErrorCode, LockedPackage, Lockfile } from '@lockseal/core';
import { readBun } from '../../src/bun/read.ts';
import { assertCoherent, assertRefused, lockfileText } from '../support/text.ts';

type Json = Readonly<Record<string, unknown>>;

const document = (packages: Json, rest: Json = {}): Json => ({
  lockfileVersion: 2,
  workspaces: { '': { name: 'root' }, 'packages/a': { name: 'a' } },
  ...rest,
  packages,
});

const read = (packages: Json, rest: Json = {}): Lockfile => {
  const lockfile = readBun(lockfileText(document(packages, rest), 'bun.lock'));
  assertCoherent(lockfile);
  return lockfile;
};

const onlyEntry = (tuple: unknown): LockedPackage => {
  const [entry] = read({ a: tuple }).entries;
  assert.ok(entry);
  return entry;
};

const none = { kind: 'none' };
const pinned = { kind: 'integrity', text: 'sha512-x', of: 'tarball' };

describe('readBun: tuples', () => {
  const registry = { type: 'registry', url: undefined, namedRegistry: undefined };
  const tuples: readonly (readonly [
    tuple: unknown,
    name: string,
    version: string | undefined,
    source: unknown,
    pin: unknown,
  ])[] = [
    [['a@1.0.0', '', {}, 'sha512-x'], 'a', '1.0.0', registry, pinned],
    [['a@1.0.0', '', {}, ''], 'a', '1.0.0', registry, none],
    [['@s/b@1.0.0', '', {}, 'sha512-x'], '@s/b', '1.0.0', registry, pinned],
    [
      ['a@1.0.0', 'https://r.example/a.tgz', {}, ''],
      'a',
      '1.0.0',
      { ...registry, url: 'https://r.example/a.tgz' },
      none,
    ],
    [['a@workspace:packages/a'], 'a', undefined, { type: 'workspace', path: 'packages/a' }, none],
    [['a@root:', { bin: {} }], 'a', undefined, { type: 'workspace', path: '.' }, none],
    [['a@file:local/a', {}], 'a', undefined, { type: 'directory', path: 'local/a' }, none],
    [['a@link:local/a', {}], 'a', undefined, { type: 'link', path: 'local/a' }, none],
    [
      ['a@https://x.example/a.tgz', {}, 'sha512-x'],
      'a',
      undefined,
      { type: 'tarball', url: 'https://x.example/a.tgz' },
      pinned,
    ],
    [['a@https://x.example/a.tgz', {}], 'a', undefined, { type: 'tarball', url: 'https://x.example/a.tgz' }, none],
    [['a@./a.tgz', {}, 'sha512-x'], 'a', undefined, { type: 'file', path: './a.tgz' }, pinned],
    [
      ['a@git+https://x.example/a.git#abc', {}, 'abc', 'sha512-x'],
      'a',
      undefined,
      { type: 'git', repository: 'git+https://x.example/a.git', commit: 'abc', path: undefined },
      pinned,
    ],
    [
      ['a@github:o/a#abc', {}, 'o-a-abc'],
      'a',
      undefined,
      { type: 'git', repository: 'github:o/a', commit: 'abc', path: undefined },
      none,
    ],
  ];
  for (const [tuple, name, version, source, pin] of tuples) {
    test(JSON.stringify(tuple), () => {
      const entry = onlyEntry(tuple);
      assert.deepEqual([entry.name, entry.version, entry.source, entry.pin], [name, version, source, pin]);
      assert.deepEqual(entry.aliases, name === 'a' ? [] : ['a']);
    });
  }

  const refused: readonly (readonly [why: string, tuple: unknown, code?: ErrorCode])[] = [
    ['no tuple', {}],
    ['an empty tuple', []],
    ['no resolution', ['a']],
    ['a number for a name', [1]],
    ['a range', ['a@^1.0.0', '', {}, '']],
    ['a resolution of no known kind', ['a@npm:b@1.0.0', '', {}, '']],
    ['another spelling of a version', ['a@v1.0.0', '', {}, '']],
    ['a path for a name', ['../a@1.0.0', '', {}, ''], 'ERR_LOCKFILE_NAME'],
    ['no URL', ['a@1.0.0']],
    ['a URL that is null', ['a@1.0.0', null, {}, '']],
    ['no info', ['a@1.0.0', '']],
    ['info in a list', ['a@1.0.0', '', [], '']],
    ['an integrity that is null', ['a@1.0.0', '', {}, null]],
    ['a slot too many', ['a@1.0.0', '', {}, '', 'evil']],
    ['a slot too many after a directory', ['a@file:x', {}, 'evil']],
    ['git without a tag', ['a@git+https://x.example/a.git#abc', {}]],
    ['os as a number', ['a@1.0.0', '', { os: 1 }, '']],
    ['bundled in words', ['a@1.0.0', '', { bundled: 'yes' }, '']],
    ['dependencies in a list', ['a@1.0.0', '', { dependencies: ['b'] }, '']],
  ];
  for (const [why, tuple, code = 'ERR_LOCKFILE_FIELD'] of refused) {
    test(`refuses ${why}`, () => assertRefused(() => readBun(lockfileText(document({ a: tuple }))), code));
  }
});

describe('readBun', () => {
  const refused: readonly (readonly [why: string, content: unknown, code: ErrorCode])[] = [
    ['no version', { workspaces: {}, packages: {} }, 'ERR_LOCKFILE_VERSION'],
    ['a version of the future', { lockfileVersion: 4, workspaces: {}, packages: {} }, 'ERR_LOCKFILE_VERSION'],
    ['no workspaces', { lockfileVersion: 2, packages: {} }, 'ERR_LOCKFILE_FIELD'],
    ['packages in a list', { lockfileVersion: 2, workspaces: {}, packages: [] }, 'ERR_LOCKFILE_FIELD'],
    ['a key with an empty name', document({ 'a//b': ['b@1.0.0', '', {}, ''] }), 'ERR_LOCKFILE_PATH'],
    ['a key that goes up', document({ 'a/../b': ['b@1.0.0', '', {}, ''] }), 'ERR_LOCKFILE_PATH'],
    ['a key that is a scope', document({ '@s': ['b@1.0.0', '', {}, ''] }), 'ERR_LOCKFILE_PATH'],
    ['a key too long', document({ [`${'a/'.repeat(64)}b`]: ['b@1.0.0', '', {}, ''] }), 'ERR_LOCKFILE_PATH'],
    ['an override that is null', document({}, { overrides: { a: null } }), 'ERR_LOCKFILE_FIELD'],
    ['a patch without a path', document({}, { patchedDependencies: { 'a@1.0.0': {} } }), 'ERR_LOCKFILE_FIELD'],
    [
      'a key twice, once escaped',
      '{"lockfileVersion":2,"packages":{"ms":[],"\\u006ds":[],},}',
      'ERR_LOCKFILE_DUPLICATE_KEY',
    ],
  ];
  for (const [why, content, code] of refused) {
    test(`refuses ${why}`, () => assertRefused(() => readBun(lockfileText(content)), code));
  }

  test('dependencies are answered below the package, then ever further up', () => {
    const lockfile = read(
      {
        '@s/a': [
          '@s/a@1.0.0',
          '',
          { dependencies: { b: '*', w: '*' }, peerDependencies: { p: '*', q: '*' }, optionalPeers: ['q'] },
          '',
        ],
        '@s/a/b': ['b@1.0.0', '', { dependencies: { c: '*', d: '*' } }, ''],
        '@s/a/c': ['c@1.0.0', '', {}, ''],
        b: ['b@2.0.0', '', {}, ''],
        d: ['d@1.0.0', '', {}, ''],
        w: ['w@workspace:packages/w'],
        'w/b': ['b@3.0.0', '', {}, ''],
      },
      {
        workspaces: {
          '': { dependencies: { '@s/a': '^1' } },
          'packages/w': { name: 'w', devDependencies: { b: '^3', gone: '1' } },
        },
      },
    );
    const edges = [...lockfile.importers, ...lockfile.entries].flatMap((from) =>
      from.edges.map(({ kind, name, target }) => [kind, name, target.type === 'entry' ? target.id : target.type]),
    );
    assert.deepEqual(edges, [
      ['prod', '@s/a', '@s/a'],
      ['dev', 'b', 'w/b'],
      ['dev', 'gone', 'none'],
      ['prod', 'b', '@s/a/b'],
      ['prod', 'w', 'importer'],
      ['peer', 'p', 'none'],
      ['optional-peer', 'q', 'none'],
      ['prod', 'c', '@s/a/c'],
      ['prod', 'd', 'd'],
    ]);
  });

  test('a workspace that the file does not list is of no known kind', () => {
    const { source } = onlyEntry(['ms@workspace:evil']);
    assert.deepEqual(source, { type: 'unknown', reason: 'the file lists no workspace evil' });
  });

  test('bundled packages are in the package above; at the top the claim is false', () => {
    const lockfile = read({
      a: ['a@1.0.0', '', {}, ''],
      'a/b': ['b@1.0.0', '', { bundled: true }, 'sha512-x'],
      c: ['c@1.0.0', 'https://evil.example/c.tgz', { bundled: true }, ''],
    });
    assert.deepEqual(
      lockfile.entries.map(({ source }) => source.type),
      ['registry', 'bundled', 'registry'],
    );
    assert.deepEqual(
      lockfile.observations.map(({ code, entry }) => [code, entry]),
      [['false-bundle-claim', 'c']],
    );
  });

  test('overrides, catalogs and patches are claims', () => {
    const { claims, entries } = read(
      { ms: ['ms@2.1.3', '', {}, ''] },
      {
        lockfileVersion: 3,
        overrides: { a: '1.0.0', b: { '.': '2.0.0', c: '3.0.0' } },
        catalog: { d: '^1' },
        catalogs: { old: { d: '^0' } },
        patchedDependencies: { 'ms@2.1.3': 'patches/ms.patch' },
      },
    );
    const patch = { path: 'patches/ms.patch', hash: undefined };
    assert.deepEqual(Object.fromEntries(claims.overrides), { a: '1.0.0', 'b>.': '2.0.0', 'b>c': '3.0.0' });
    assert.deepEqual(
      claims.catalogs,
      new Map([
        ['default', new Map([['d', '^1']])],
        ['old', new Map([['d', '^0']])],
      ]),
    );
    assert.deepEqual(claims.patches, new Map([['ms@2.1.3', patch]]));
    assert.deepEqual(entries[0]?.patch, patch);
  });

  test('notes members that bun does not write', () => {
    const { observations } = read({ a: ['a@1.0.0', '', { shadow: 1 }, ''] }, { extra: 1 });
    assert.deepEqual(
      observations.map(({ code, found }) => [code, found]),
      [
        ['unexpected-field', 'extra'],
        ['unexpected-field', 'packages.a.shadow'],
      ],
    );
  });
});
