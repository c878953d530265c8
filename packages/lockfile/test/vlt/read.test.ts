import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ErrorCode, Lockfile } from '@lockseal/core';
import { parseDepId } from '../../src/vlt/dep-id.ts';
import { readVlt } from '../../src/vlt/read.ts';
import { assertCoherent, assertRefused, lockfileText } from '../support/text.ts';

type Json = Readonly<Record<string, unknown>>;

const read = (nodes: Json, edges: Json = {}, rest: Json = {}): Lockfile => {
  const lockfile = readVlt(lockfileText({ lockfileVersion: 1, options: {}, nodes, edges, ...rest }, 'vlt-lock.json'));
  assertCoherent(lockfile);
  return lockfile;
};

describe('parseDepId', () => {
  const registry = { kind: 'registry', registry: undefined, spec: '@s/n@1.0.0', extra: '' };
  const ids: readonly (readonly [id: string, parsed: unknown])[] = [
    ['··@s%2Fn@1.0.0', registry],
    ['··@s§n@1.0.0', registry],
    ['~npm~@s+n@1.0.0', registry],
    ['~~@s+n@1.0.0', registry],
    ['~work~n@1.0.0', { kind: 'registry', registry: 'work', spec: 'n@1.0.0', extra: '' }],
    ['~npm~n@1.0.0_pbuild', { kind: 'registry', registry: undefined, spec: 'n@1.0.0+build', extra: '' }],
    ['~npm~n@1.0.0~peer_d1', { kind: 'registry', registry: undefined, spec: 'n@1.0.0', extra: 'peer.1' }],
    ['file~_d', { kind: 'file', path: '.', extra: '' }],
    ['file~local+a__b', { kind: 'file', path: 'local/a_b', extra: '' }],
    ['workspace~packages+a', { kind: 'workspace', path: 'packages/a', extra: '' }],
    [
      'git~git_phttps_c++x.example+a.git~abc',
      { kind: 'git', repository: 'git+https://x.example/a.git', commit: 'abc', extra: '' },
    ],
    ['remote~https_c++x.example+a.tgz', { kind: 'remote', path: 'https://x.example/a.tgz', extra: '' }],
  ];
  for (const [id, parsed] of ids) test(id, () => assert.deepEqual(parseDepId(id), parsed));

  const refused = [
    '',
    'a@1.0.0',
    '~npm',
    'evil~x',
    '~npm~a@1.0.0~x~y',
    '~npm~a_x@1.0.0',
    'file~a_',
    '··a%zz@1.0.0',
    'git~x',
  ];
  for (const id of refused) test(`refuses ${JSON.stringify(id)}`, () => assert.equal(parseDepId(id), undefined));
});

describe('readVlt', () => {
  const node = (id: string, tuple: unknown): Json => ({ lockfileVersion: 1, nodes: { [id]: tuple }, edges: {} });
  const refused: readonly (readonly [why: string, content: Json, code?: ErrorCode])[] = [
    ['a version of the future', { lockfileVersion: 2, nodes: {}, edges: {} }, 'ERR_LOCKFILE_VERSION'],
    ['a version that is null', { lockfileVersion: null, nodes: {}, edges: {} }, 'ERR_LOCKFILE_VERSION'],
    ['no nodes', { lockfileVersion: 1, edges: {} }],
    ['an id that it does not understand', node('evil~a', [0, 'a'])],
    ['a node that is no tuple', node('~npm~a@1.0.0', {})],
    ['no flags', node('~npm~a@1.0.0', [])],
    ['flags in words', node('~npm~a@1.0.0', ['0', 'a'])],
    ['flags beyond what is known', node('~npm~a@1.0.0', [8, 'a'])],
    ['a fraction of a flag', node('~npm~a@1.0.0', [0.5, 'a'])],
    ['another name than the id', node('~npm~a@1.0.0', [0, 'b'])],
    ['an id without a version', node('~npm~a', [0, 'a']), 'ERR_LOCKFILE_NAME'],
    ['an id with a range', node('~npm~a@^1', [0, 'a'])],
    ['an id with a path', node('~npm~..+a@1.0.0', [0, '../a']), 'ERR_LOCKFILE_NAME'],
    ['a directory without a name', node('file~a', [0]), 'ERR_LOCKFILE_NAME'],
    ['an integrity that is false', node('~npm~a@1.0.0', [0, 'a', false])],
    ['a URL as a number', node('~npm~a@1.0.0', [0, 'a', null, 1])],
    ['a platform in words', node('~npm~a@1.0.0', [0, 'a', null, null, null, null, null, 'linux'])],
    ['a slot too many', node('~npm~a@1.0.0', [0, 'a', null, null, null, null, null, null, null, null, 1])],
    ['an edge from nowhere', { lockfileVersion: 1, nodes: {}, edges: { '~npm~a@1.0.0 b': 'prod * MISSING' } }],
    ['an edge of an unknown kind', { lockfileVersion: 1, nodes: {}, edges: { 'file~_d b': 'evil * MISSING' } }],
    ['an edge without a specifier', { lockfileVersion: 1, nodes: {}, edges: { 'file~_d b': 'prod MISSING' } }],
    ['an edge without a name', { lockfileVersion: 1, nodes: {}, edges: { 'file~_d': 'prod * MISSING' } }],
    ['an edge that is no string', { lockfileVersion: 1, nodes: {}, edges: { 'file~_d b': null } }],
  ];
  for (const [why, content, code = 'ERR_LOCKFILE_FIELD'] of refused) {
    test(`refuses ${why}`, () => assertRefused(() => readVlt(lockfileText(content)), code));
  }

  test('nodes by kind; a remote tarball is pinned by the tar inside', () => {
    const { entries } = read({
      '~npm~a@1.0.0': [3, 'a', 'sha512-x', 'https://r.example/a.tgz'],
      '~work~a@1.0.0': [0, 'a'],
      'remote~https_c++x.example+b.tgz': [0, 'b', 'sha512-y'],
      'file~local+c': [0, 'c'],
      'file~d.tgz': [0, 'd'],
      'git~git_phttps_c++x.example+e.git~': [0, 'e', null, 'git+https://x.example/e.git'],
      'workspace~packages+f': [0, 'f'],
      '~npm~g@1.0.0': [4, 'g', 'sha512-z'],
    });
    assert.deepEqual(
      entries.map(({ name, source, pin }) => [name, source, pin]),
      [
        [
          'a',
          { type: 'registry', url: 'https://r.example/a.tgz', namedRegistry: undefined },
          { kind: 'integrity', text: 'sha512-x', of: 'tarball' },
        ],
        ['a', { type: 'registry', url: undefined, namedRegistry: 'work' }, { kind: 'none' }],
        ['b', { type: 'tarball', url: 'https://x.example/b.tgz' }, { kind: 'integrity', text: 'sha512-y', of: 'tar' }],
        ['c', { type: 'directory', path: 'local/c' }, { kind: 'none' }],
        ['d', { type: 'file', path: 'd.tgz' }, { kind: 'none' }],
        [
          'e',
          { type: 'git', repository: 'git+https://x.example/e.git', commit: undefined, path: undefined },
          { kind: 'none' },
        ],
        ['f', { type: 'workspace', path: 'packages/f' }, { kind: 'none' }],
        [
          'g',
          { type: 'unknown', reason: 'pinned by a Brotli archive' },
          { kind: 'integrity', text: 'sha512-z', of: 'tarball' },
        ],
      ],
    );
    assert.deepEqual([entries[0]?.flags.optional, entries[0]?.flags.dev], [true, true]);
  });

  test('edges, importers and aliases', () => {
    const lockfile = read(
      { '~npm~a@1.0.0': [0, 'a'], '~npm~b@2.0.0': [0, 'b'], 'workspace~packages+w': [0, 'w'] },
      {
        'file~_d al': 'prod npm:a@>=1 <2 ~npm~a@1.0.0',
        'file~_d w': 'dev workspace:* workspace~packages+w',
        'workspace~packages+w b': 'optional ^2 ~npm~b@2.0.0',
        '~npm~a@1.0.0 b': 'peerOptional ^3 MISSING',
      },
      { options: { modifiers: { ':root > #a': '1.0.0' }, catalog: { c: '^1' } } },
    );
    assert.deepEqual(
      [...lockfile.importers, ...lockfile.entries].flatMap((from) =>
        from.edges.map(({ kind, name, spec, target }) => [kind, name, spec, target.type]),
      ),
      [
        ['prod', 'al', 'npm:a@>=1 <2', 'entry'],
        ['dev', 'w', 'workspace:*', 'importer'],
        ['optional', 'b', '^2', 'entry'],
        ['optional-peer', 'b', '^3', 'none'],
      ],
    );
    assert.deepEqual(
      lockfile.importers.map(({ path }) => path),
      ['.', 'packages/w'],
    );
    assert.deepEqual(lockfile.entries[0]?.aliases, ['al']);
    assert.deepEqual(lockfile.claims.overrides, new Map([[':root > #a', '1.0.0']]));
    assert.deepEqual(lockfile.claims.catalogs, new Map([['default', new Map([['c', '^1']])]]));
  });

  test('files without a lockfileVersion are version 0', () => {
    const text = lockfileText({ options: {}, nodes: { '··a@1.0.0': [0, 'a'] }, edges: {} });
    assert.equal(readVlt(text).formatVersion, '0');
  });
});
