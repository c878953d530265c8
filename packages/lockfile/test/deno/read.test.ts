import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ErrorCode, Lockfile } from '@lockseal/core';
import { readDeno } from '../../src/deno/read.ts';
import { assertCoherent, assertRefused, lockfileText } from '../support/text.ts';

type Json = Readonly<Record<string, unknown>>;

const HEX = 'ab'.repeat(32);

const read = (content: Json): Lockfile => {
  const lockfile = readDeno(lockfileText({ version: '5', ...content }, 'deno.lock'));
  assertCoherent(lockfile);
  return lockfile;
};

const edgesOf = (lockfile: Lockfile): unknown =>
  [...lockfile.importers, ...lockfile.entries].flatMap((from) =>
    from.edges.map(({ kind, name, spec, target }) => [
      kind,
      name,
      spec,
      target.type === 'entry' ? target.id : target.type,
    ]),
  );

describe('readDeno', () => {
  const refused: readonly (readonly [why: string, content: Json, code: ErrorCode])[] = [
    ['no version', { version: undefined }, 'ERR_LOCKFILE_VERSION'],
    ['a version as a number', { version: 5 }, 'ERR_LOCKFILE_VERSION'],
    ['version 2, which pins modules alone', { version: '2' }, 'ERR_LOCKFILE_VERSION'],
    ['a version of the future', { version: '6' }, 'ERR_LOCKFILE_VERSION'],
    ['npm in a list', { npm: [] }, 'ERR_LOCKFILE_FIELD'],
    ['an npm key without a version', { npm: { ms: {} } }, 'ERR_LOCKFILE_NAME'],
    ['an npm key with a range', { npm: { 'ms@^2': {} } }, 'ERR_LOCKFILE_NAME'],
    ['an npm key with a path', { npm: { '../ms@2.1.3': {} } }, 'ERR_LOCKFILE_NAME'],
    ['an integrity that is null', { npm: { 'ms@2.1.3': { integrity: null } } }, 'ERR_LOCKFILE_FIELD'],
    ['a tarball in a list', { npm: { 'ms@2.1.3': { tarball: [] } } }, 'ERR_LOCKFILE_FIELD'],
    ['a dependency that is no name', { npm: { 'ms@2.1.3': { dependencies: ['/x'] } } }, 'ERR_LOCKFILE_FIELD'],
    ['a jsr key without a version', { jsr: { '@std/path': {} } }, 'ERR_LOCKFILE_NAME'],
    [
      'a jsr integrity that is no sha256',
      { jsr: { '@std/path@1.0.0': { integrity: 'sha512-x' } } },
      'ERR_LOCKFILE_FIELD',
    ],
    [
      'a jsr dependency without a scheme',
      { jsr: { '@std/path@1.0.0': { dependencies: ['@std/x'] } } },
      'ERR_LOCKFILE_FIELD',
    ],
    ['a remote module that is no URL', { remote: { './x.ts': HEX } }, 'ERR_LOCKFILE_FIELD'],
    ['a remote module by another scheme', { remote: { 'file:///x.ts': HEX } }, 'ERR_LOCKFILE_FIELD'],
    ['a remote hash in capitals', { remote: { 'https://x.example/x.ts': HEX.toUpperCase() } }, 'ERR_LOCKFILE_FIELD'],
    ['a remote hash that is null', { remote: { 'https://x.example/x.ts': null } }, 'ERR_LOCKFILE_FIELD'],
    ['a specifier of an unknown scheme', { specifiers: { 'ms@2': '2.1.3' } }, 'ERR_LOCKFILE_FIELD'],
    ['a specifier that leads to no entry', { specifiers: { 'npm:ms@2': '2.1.3' }, npm: {} }, 'ERR_LOCKFILE_FIELD'],
    ['a workspace dependency of an unknown scheme', { workspace: { dependencies: ['ms@2'] } }, 'ERR_LOCKFILE_FIELD'],
  ];
  for (const [why, content, code] of refused) {
    test(`refuses ${why}`, () => assertRefused(() => read(content), code));
  }

  test('every entry has a class: npm, jsr, modules by URL', () => {
    const { entries } = read({
      npm: { '@s/a@1.0.0_react@18.3.1__x@1.0.0': { integrity: 'sha512-x', tarball: 'https://r.example/a.tgz' } },
      jsr: { '@std/path@1.0.0': { integrity: HEX } },
      remote: { 'https://x.example/x.ts': HEX },
    });
    assert.deepEqual(
      entries.map(({ id, name, version, source, pin }) => ({ id, name, version, source, pin })),
      [
        {
          id: 'npm:@s/a@1.0.0_react@18.3.1__x@1.0.0',
          name: '@s/a',
          version: '1.0.0',
          source: { type: 'registry', url: 'https://r.example/a.tgz', namedRegistry: undefined },
          pin: { kind: 'integrity', text: 'sha512-x', of: 'tarball' },
        },
        {
          id: 'jsr:@std/path@1.0.0',
          name: '@std/path',
          version: '1.0.0',
          source: { type: 'jsr' },
          pin: { kind: 'sha256', hex: HEX },
        },
        {
          id: 'https://x.example/x.ts',
          name: 'https://x.example/x.ts',
          version: undefined,
          source: { type: 'https', url: 'https://x.example/x.ts' },
          pin: { kind: 'sha256', hex: HEX },
        },
      ],
    );
  });

  test('dependencies: a bare name where there is one version, else name and version; aliases', () => {
    const lockfile = read({
      npm: {
        'a@1.0.0': {
          dependencies: ['b', 'c@2.0.0', 'al@npm:c@1.0.0', 'd'],
          optionalDependencies: ['e'],
          optionalPeers: ['c'],
        },
        'b@1.0.0': {},
        'c@1.0.0': {},
        'c@2.0.0': {},
      },
    });
    assert.deepEqual(edgesOf(lockfile), [
      ['prod', 'b', undefined, 'npm:b@1.0.0'],
      ['prod', 'c', undefined, 'npm:c@2.0.0'],
      ['prod', 'al', undefined, 'npm:c@1.0.0'],
      ['prod', 'd', undefined, 'none'],
      ['optional', 'e', undefined, 'none'],
      ['optional-peer', 'c', undefined, 'none'],
    ]);
    assert.deepEqual(lockfile.entries.find(({ id }) => id === 'npm:c@1.0.0')?.aliases, ['al']);
  });

  test('importers ask by specifier', () => {
    const lockfile = read({
      specifiers: { 'npm:a@^1': '1.0.0_p@1.0.0', 'jsr:@std/path@1': '1.0.0' },
      npm: { 'a@1.0.0_p@1.0.0': {}, 'p@1.0.0': {} },
      jsr: { '@std/path@1.0.0': { dependencies: ['npm:a', 'jsr:@std/gone'] } },
      workspace: {
        dependencies: ['jsr:@std/path@1'],
        packageJson: { dependencies: ['npm:a@^1', 'npm:gone@1'], overrides: { x: '1.0.0' } },
        members: { 'packages/m': { dependencies: ['npm:a@^1'] } },
      },
    });
    assert.deepEqual(
      lockfile.importers.map(({ path }) => path),
      ['.', 'packages/m'],
    );
    assert.deepEqual(edgesOf(lockfile), [
      ['prod', '@std/path', 'jsr:@std/path@1', 'jsr:@std/path@1.0.0'],
      ['prod', 'a', '^1', 'npm:a@1.0.0_p@1.0.0'],
      ['prod', 'gone', '1', 'none'],
      ['prod', 'a', '^1', 'npm:a@1.0.0_p@1.0.0'],
      ['prod', 'a', 'npm:a', 'npm:a@1.0.0_p@1.0.0'],
      ['prod', '@std/gone', 'jsr:@std/gone', 'none'],
    ]);
    assert.deepEqual(lockfile.claims.overrides, new Map([['x', '1.0.0']]));
  });

  test('version 3 keeps packages in a table of their own, dependencies by alias', () => {
    const lockfile = read({
      version: '3',
      packages: {
        specifiers: { 'npm:a@^1': 'npm:a@1.0.0' },
        npm: { 'a@1.0.0': { integrity: 'sha512-x', dependencies: { al: 'b@1.0.0' } }, 'b@1.0.0': {} },
      },
      workspace: { packageJson: { dependencies: ['npm:a@^1'] } },
    });
    assert.deepEqual(edgesOf(lockfile), [
      ['prod', 'a', '^1', 'npm:a@1.0.0'],
      ['prod', 'al', undefined, 'npm:b@1.0.0'],
    ]);
  });

  test('notes members that deno does not write', () => {
    const { observations } = read({ npm: { 'a@1.0.0': { evil: 1 } }, extra: 1 });
    assert.deepEqual(
      observations.map(({ code }) => code),
      ['unexpected-field', 'unexpected-field'],
    );
  });
});
