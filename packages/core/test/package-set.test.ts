import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  PACKAGE_SET_TYPE,
  packageSet,
  packageSetFacts,
  type LockedPackage,
  type PackageSetEntry,
  type RegistryMap,
  type Source,
} from '@lockseal/core';
import { entry, lockfile, project } from './edges/support/make.ts';

const SHA = 'ab'.repeat(64);
const registries: RegistryMap = {
  default: 'https://registry.yarnpkg.com/',
  scopes: new Map([['@s', 'https://scope.example/']]),
  named: new Map([['work', 'https://work.example/']]),
  mirrors: [],
};
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

const rows = (entries: readonly LockedPackage[]): readonly PackageSetEntry[] =>
  packageSet(lockfile([], entries), () => SHA).document.packages;

const of = (source: Source, changes: Partial<LockedPackage> = {}): LockedPackage =>
  entry('x@1.0.0', { source, ...changes });

describe('packageSet', () => {
  const vectors: readonly (readonly [why: string, entry: LockedPackage, expected: readonly PackageSetEntry[]])[] = [
    [
      'a published version',
      entry('ms@2.1.3'),
      [{ purl: 'pkg:npm/ms@2.1.3', digest: { sha512: SHA }, source: 'registry' }],
    ],
    [
      'a scope',
      entry('@s/n@1.0.0+b'),
      [{ purl: 'pkg:npm/%40s/n@1.0.0%2Bb', digest: { sha512: SHA }, source: 'registry' }],
    ],
    [
      'the real name, not the alias',
      entry('ms@2.1.3', { aliases: ['al'] }),
      [{ purl: 'pkg:npm/ms@2.1.3', digest: { sha512: SHA }, source: 'registry' }],
    ],
    [
      'git by its commit',
      of({ type: 'git', repository: 'a/x', commit: COMMIT, path: undefined }),
      [{ purl: 'pkg:npm/x', digest: { gitCommit: COMMIT }, source: 'git' }],
    ],
    [
      'git that nothing pins',
      of({ type: 'git', repository: 'a/x', commit: undefined, path: undefined }),
      [{ purl: 'pkg:npm/x', digest: null, source: 'git' }],
    ],
    [
      'git by a branch, which pins nothing',
      of({ type: 'git', repository: 'a/x', commit: 'main', path: undefined }),
      [{ purl: 'pkg:npm/x', digest: null, source: 'git' }],
    ],
    [
      'an address that is no URL',
      of({ type: 'https', url: '\ud800' }),
      [{ purl: 'pkg:generic/%EF%BF%BD?download_url=%EF%BF%BD', digest: null, source: 'https' }],
    ],
    [
      'a tarball with its address',
      of({ type: 'tarball', url: 'https://h.example/x.tgz#abc' }),
      [{ purl: 'pkg:npm/x?download_url=https%3A%2F%2Fh.example%2Fx.tgz', digest: { sha512: SHA }, source: 'tarball' }],
    ],
    [
      'a local tarball without the version, which not every format records',
      of({ type: 'file', path: 'x.tgz' }),
      [{ purl: 'pkg:npm/x', digest: { sha512: SHA }, source: 'file' }],
    ],
    [
      'JSR by its sha256',
      of({ type: 'jsr' }, { name: '@s/x', pin: { kind: 'sha256', hex: 'cd' } }),
      [{ purl: 'pkg:jsr/%40s/x@1.0.0', digest: { sha256: 'cd' }, source: 'jsr' }],
    ],
    [
      'a module by URL',
      of({ type: 'https', url: 'https://h.example/a/mod.ts' }, { pin: { kind: 'sha256', hex: 'cd' } }),
      [
        {
          purl: 'pkg:generic/mod.ts?download_url=https%3A%2F%2Fh.example%2Fa%2Fmod.ts',
          digest: { sha256: 'cd' },
          source: 'https',
        },
      ],
    ],
    [
      'a runtime, one artifact a platform',
      of({
        type: 'runtime',
        variants: [{ url: 'https://nodejs.org/n.tar.gz', integrity: `sha256-${'A'.repeat(43)}=`, targets: [] }],
      }),
      [
        {
          purl: 'pkg:generic/n.tar.gz?download_url=https%3A%2F%2Fnodejs.org%2Fn.tar.gz',
          digest: { sha256: '00'.repeat(32) },
          source: 'runtime',
        },
      ],
    ],
    ...['gone', 'x@1.0.0'].map(
      (inner) =>
        [
          `a patch of ${inner === 'gone' ? 'nothing' : 'itself'}`,
          of({ type: 'patched', inner }),
          [{ purl: 'pkg:npm/x@1.0.0', digest: null, source: 'unknown' }],
        ] as const,
    ),
    [
      'what is of no known kind',
      of({ type: 'unknown', reason: '' }),
      [{ purl: 'pkg:npm/x@1.0.0', digest: null, source: 'unknown' }],
    ],
    ['bundled content, which the parent’s digest covers', of({ type: 'bundled', parent: undefined }), []],
    ['a workspace', of({ type: 'workspace', path: 'x' }), []],
    ['a link', of({ type: 'link', path: 'x' }), []],
    ['a local directory', of({ type: 'directory', path: 'x' }), []],
    [
      'a patched package of which the file is unknown',
      entry('ms@2.1.3', { patch: { path: 'p', hash: undefined } }),
      [{ purl: 'pkg:npm/ms@2.1.3', digest: { sha512: SHA }, source: 'registry', patch: { sha256: null } }],
    ],
    [
      'Yarn’s own compatibility patch, which leaves no mark',
      entry('ms@2.1.3', { patch: { path: undefined, hash: { algorithm: 'hex-prefix', value: 'df0bf1' } } }),
      [{ purl: 'pkg:npm/ms@2.1.3', digest: { sha512: SHA }, source: 'registry' }],
    ],
  ];
  for (const [why, one, expected] of vectors) test(why, () => assert.deepEqual(rows([one]), expected));

  test('an entry that nothing pins is in the set, and makes it another one', () => {
    const one = [entry('ms@2.1.3')];
    const unpinned = packageSet(lockfile([], one), () => undefined);
    assert.deepEqual(unpinned.document.packages, [{ purl: 'pkg:npm/ms@2.1.3', digest: null, source: 'registry' }]);
    assert.notEqual(unpinned.sha256, packageSet(lockfile([], []), () => undefined).sha256);
    assert.notEqual(unpinned.sha256, packageSet(lockfile([], one), () => SHA).sha256);
  });

  test('another registry and the patch file are part of it', () => {
    const one = entry('ms@2.1.3', { patch: { path: 'p', hash: undefined } });
    const set = packageSet(lockfile([], [one]), () => SHA, {
      registryOf: () => 'https://npm.example/',
      patchSha256Of: () => 'ef',
    });
    const [row] = set.document.packages;
    assert.equal(row?.purl, 'pkg:npm/ms@2.1.3?repository_url=https%3A%2F%2Fnpm.example%2F');
    assert.deepEqual(row?.patch, { sha256: 'ef' });
  });

  test('the patch file is the one that the project declares for this entry', () => {
    const file = { length: 0, md5: '', sha1: '', sha256: 'ef', sha256LF: '', sha512: '', md5LF: '' };
    const declared = { selector: { name: 'ms', range: undefined }, path: 'p', file, origin: 'package.json' };
    const facts = packageSetFacts(registries, project({ '.': {} }, { patches: [declared] }));
    const of = (one: LockedPackage): string | undefined => facts.patchSha256Of?.(one);
    assert.equal(of(entry('ms@2.1.3', { patch: { path: './p', hash: undefined } })), 'ef');
    assert.equal(of(entry('ms@2.1.3', { patch: { path: 'q', hash: undefined } })), undefined);
    assert.equal(of(entry('ms@2.1.3', { patch: { path: 'p&q', hash: undefined } })), undefined);
    assert.equal(of(entry('inherits@2.0.4', { patch: { path: 'p', hash: undefined } })), undefined);
    assert.equal(of(entry('ms@2.1.3')), undefined);
    const unknown = packageSetFacts(registries, undefined);
    assert.equal(unknown.patchSha256Of?.(entry('ms@2.1.3', { patch: { path: 'p', hash: undefined } })), undefined);
  });

  test('the registry is the one that the configuration names; Yarn’s name of the public one is the public one', () => {
    const { registryOf } = packageSetFacts(registries, undefined);
    assert.equal(registryOf?.(entry('ms@2.1.3')), undefined);
    assert.equal(registryOf?.(entry('@s/a@1.0.0')), 'https://scope.example/');
    const named = { type: 'registry', url: undefined, namedRegistry: 'work' } as const;
    assert.equal(registryOf?.(entry('ms@2.1.3', { source: named })), 'https://work.example/');
  });

  test('Yarn’s patched entry is its inner package with the patch', () => {
    const inner = entry('ms@2.1.3');
    const patched = entry('ms@2.1.3', {
      id: 'p',
      source: { type: 'patched', inner: 'ms@2.1.3' },
      patch: { path: 'p', hash: undefined },
    });
    assert.deepEqual(
      rows([inner, patched]).map(({ purl, patch }) => [purl, patch?.sha256]),
      [
        ['pkg:npm/ms@2.1.3', undefined],
        ['pkg:npm/ms@2.1.3', null],
      ],
    );
  });

  test('the digest is the sha256 of the canonical text, which names the type', () => {
    const set = packageSet(lockfile([], [entry('ms@2.1.3')]), () => SHA);
    assert.equal(
      set.text,
      `{"packages":[{"digest":{"sha512":"${SHA}"},"purl":"pkg:npm/ms@2.1.3","source":"registry"}],"type":"${PACKAGE_SET_TYPE}"}`,
    );
    assert.equal(set.sha256, createHash('sha256').update(set.text).digest('hex'));
  });

  test('order and repetition in the lockfile do not matter, place and flags neither', () => {
    const some = ['b@1.0.0', 'a@1.0.0', '@s/a@1.0.0', 'a@1.0.0-rc.1', 'A@1.0.0'];
    const expected = packageSet(
      lockfile(
        [],
        some.map((spec) => entry(spec)),
      ),
      ({ id }) => createHash('sha512').update(id).digest('hex'),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(some, { minLength: some.length }), fc.subarray(some), (order, again) => {
        const entries = [...order, ...again].map((spec, index) =>
          entry(spec, { id: `${index} ${spec}`, hasInstallScript: index > 2 }),
        );
        const set = packageSet(lockfile([], entries), ({ name, version }) =>
          createHash('sha512').update(`${name}@${version}`).digest('hex'),
        );
        assert.equal(set.sha256, expected.sha256);
      }),
    );
  });
});
