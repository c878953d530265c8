import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PackageURL } from 'packageurl-js';
import { fromPurl, isPackageName, toPurl } from '@lockseal/core';

describe('a purl', () => {
  const read: readonly (readonly [why: string, purl: string, found: ReturnType<typeof fromPurl>])[] = [
    ['of a version', 'pkg:npm/ms@2.0.0', { name: 'ms', version: '2.0.0' }],
    ['of a scoped name', 'pkg:npm/%40acme/tool@1.0.0-rc.1', { name: '@acme/tool', version: '1.0.0-rc.1' }],
    ['with build metadata', 'pkg:npm/ms@1.0.0%2Bbuild', { name: 'ms', version: '1.0.0+build' }],
    [
      'of another registry',
      'pkg:npm/ms@2.0.0?repository_url=https%3A%2F%2Fr.test%2F',
      { name: 'ms', version: '2.0.0' },
    ],
    ['without a version', 'pkg:npm/ms?download_url=https%3A%2F%2Fr.test%2F', { name: 'ms', version: undefined }],
    ['of another type', 'pkg:jsr/%40std/fs@1.0.0', undefined],
    ['that is none', 'ms@2.0.0', undefined],
    ['that is empty', '', undefined],
    ['of a version that is a prefix of another', 'pkg:npm/ms@2.0.0-a%2Fb', { name: 'ms', version: '2.0.0-a/b' }],
    ['with a subpath', 'pkg:npm/ms@2.0.0#lib/a.js', { name: 'ms', version: '2.0.0' }],
    ['of a version with an at sign, encoded', 'pkg:npm/ms@1%40x', { name: 'ms', version: '1@x' }],
    ['of a version with an at sign, bare', 'pkg:npm/ms@1@x', undefined],
    ['of a type whose name begins like ours', 'pkg:npmx/ms@2.0.0', undefined],
    ['of our type in capitals, as toPurl never spells it', 'pkg:NPM/ms@2.0.0', undefined],
    ['with slashes after the scheme', 'pkg://npm/ms@2.0.0', undefined],
    ['of a name in two folders', 'pkg:npm/a/b/c@2.0.0', undefined],
    ['with no name', 'pkg:npm/@2.0.0', undefined],
    ['with a scope and no name', 'pkg:npm/%40acme/@2.0.0', undefined],
    ['with an at sign and no version', 'pkg:npm/ms@', undefined],
    ['with half of an encoded byte', 'pkg:npm/ms@1.0.0%2', undefined],
    ['with bytes that are no UTF-8', 'pkg:npm/ms@1.0.0%FF', undefined],
    ['with a line before it', '\npkg:npm/ms@2.0.0', undefined],
  ];
  for (const [why, purl, found] of read) test(`${why} is read`, () => assert.deepEqual(fromPurl(purl), found));

  const letters = fc.constantFrom('a', 'Z', '0', '9', '-', '_', '.', '~');
  const part = fc.string({ unit: letters, minLength: 1, maxLength: 12 });
  const names = fc
    .oneof(
      part,
      fc.tuple(part, part).map(([scope, name]) => `@${scope}/${name}`),
    )
    .filter(isPackageName);

  test('is the one that the library of the specification writes, and reads', () => {
    const versions = fc.string({ unit: fc.constantFrom('1', 'a', '.', '-', ':', ' ', '%', '@', '/', '?', '#', 'é') });
    const version = versions.filter((text) => text !== '' && text.trim() === text);
    const repository = fc.option(fc.webUrl({ withQueryParameters: true }), { nil: undefined });
    fc.assert(
      fc.property(names, version, repository, (name, at, from) => {
        const [scope, rest = name] = name.startsWith('@') ? name.split('/') : [];
        const qualifiers = from === undefined ? undefined : { repository_url: from };
        const theirs = new PackageURL('npm', scope, rest, at, qualifiers, undefined);
        assert.equal(toPurl(name, at, from), theirs.toString());
        assert.deepEqual(fromPurl(theirs.toString()), { name: name.toLowerCase(), version: at });
      }),
    );
  });

  test('leaves bare what the specification leaves bare, and nothing else', () => {
    assert.equal(toPurl('ms', "a-._~:b!'()*+c"), 'pkg:npm/ms@a-._~:b%21%27%28%29%2A%2Bc');
  });

  test('is read as it was written, whatever the name', () => {
    fc.assert(
      fc.property(names, fc.constantFrom('1.0.0', '0.0.1-a.b+c'), (name, version) => {
        // The purl specification has npm names in lower case.
        const found = fromPurl(toPurl(name, version));
        assert.deepEqual(found, { name: found?.name, version });
        assert.equal(found?.name.toLowerCase(), name.toLowerCase());
      }),
    );
  });
});
