import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canonicalTarballUrl, checkTarballUrl, registryFor } from '../../src/checks/tarball-url.ts';
import type { FindingCode, RegistryMap } from '../../src/index.ts';

const map: RegistryMap = {
  default: 'https://npm.example.com/',
  scopes: new Map([['@ours', 'https://ours.example.com/npm/']]),
  named: new Map([['work', 'https://work.example.com/']]),
  mirrors: ['https://mirror.example.com/'],
};

interface Vector {
  readonly why: string;
  readonly url: string | undefined;
  readonly name?: string;
  readonly version?: string;
  readonly namedRegistry?: string;
  readonly registryUrl?: string;
  readonly isArchiveUrl?: boolean;
  readonly expected: readonly FindingCode[] | 'agrees' | 'undecided';
}

const vectors: readonly Vector[] = [
  { why: 'no URL: derived from the configuration', url: undefined, expected: 'agrees' },
  { why: 'canonical on the configured registry', url: 'https://npm.example.com/ms/-/ms-2.1.3.tgz', expected: 'agrees' },
  {
    why: "npm's public registry stands for the configured one",
    url: 'https://registry.npmjs.org/ms/-/ms-2.1.3.tgz',
    expected: 'agrees',
  },
  {
    why: 'Yarn 1 writes its own host name',
    url: 'https://registry.yarnpkg.com/ms/-/ms-2.1.3.tgz#574c8138ce1d2b5861f0b44579dbadd60c6615b2',
    expected: 'agrees',
  },
  { why: 'a mirror', url: 'https://mirror.example.com/ms/-/ms-2.1.3.tgz', expected: 'agrees' },
  {
    why: 'a scoped name keeps its scope in the path only',
    name: '@a/b',
    version: '1.0.0',
    url: 'https://registry.npmjs.org/@a/b/-/b-1.0.0.tgz',
    expected: 'agrees',
  },
  {
    why: 'some registries encode the slash',
    name: '@a/b',
    version: '1.0.0',
    url: 'https://npm.example.com/@a%2fb/-/b-1.0.0.tgz',
    expected: 'agrees',
  },
  {
    why: 'the registry of a scope',
    name: '@ours/x',
    version: '1.0.0',
    url: 'https://ours.example.com/npm/@ours/x/-/x-1.0.0.tgz',
    expected: 'agrees',
  },
  {
    why: 'build metadata is not part of the file name',
    name: 'x',
    version: '1.0.0+b1',
    url: 'https://registry.npmjs.org/x/-/x-1.0.0.tgz',
    expected: 'agrees',
  },
  {
    why: 'an unusual path that the registry itself gives',
    url: 'https://npm.example.com/files/1',
    registryUrl: 'https://npm.example.com/files/1',
    expected: 'agrees',
  },
  {
    why: 'an unusual path on a configured registry: ask it',
    url: 'https://npm.example.com/files/1',
    expected: 'undecided',
  },
  {
    why: 'the registry gives another',
    url: 'https://npm.example.com/files/1',
    registryUrl: 'https://npm.example.com/files/2',
    expected: ['url-mismatch'],
  },
  {
    why: "another package's tarball on the public registry needs no question",
    url: 'https://registry.npmjs.org/inherits/-/inherits-2.0.4.tgz',
    expected: ['url-mismatch'],
  },
  { why: 'another version', url: 'https://registry.npmjs.org/ms/-/ms-2.1.2.tgz', expected: ['url-mismatch'] },
  {
    why: 'same tarball behind a query is another URL',
    url: 'https://registry.npmjs.org/ms/-/ms-2.1.3.tgz?x=1',
    expected: ['url-mismatch'],
  },
  {
    why: 'case is kept: MS is another package',
    url: 'https://registry.npmjs.org/MS/-/MS-2.1.3.tgz',
    expected: ['url-mismatch'],
  },
  {
    why: 'dot segments are not resolved for trust',
    url: 'https://registry.npmjs.org/x/../ms/-/ms-2.1.3.tgz',
    expected: ['url-mismatch'],
  },
  {
    why: 'a host that nothing configures',
    url: 'https://evil.example/ms/-/ms-2.1.3.tgz',
    expected: ['non-registry-source', 'url-mismatch'],
  },
  {
    why: 'a host that only looks configured',
    url: 'https://registry.npmjs.org.evil.example/ms/-/ms-2.1.3.tgz',
    expected: ['non-registry-source', 'url-mismatch'],
  },
  {
    why: 'user information hides the host',
    url: 'https://registry.npmjs.org@evil.example/ms/-/ms-2.1.3.tgz',
    expected: ['non-registry-source'],
  },
  {
    why: 'another port is another host',
    url: 'https://registry.npmjs.org:8443/ms/-/ms-2.1.3.tgz',
    expected: ['non-registry-source', 'url-mismatch'],
  },
  { why: 'a local file under a registry key', url: 'file:evil.tgz', expected: ['non-registry-source'] },
  { why: 'git under a registry key', url: 'git+ssh://git@github.com/x/y.git#0', expected: ['non-registry-source'] },
  { why: 'no URL at all', url: 'ms-2.1.3.tgz', expected: ['non-registry-source'] },
  {
    why: 'plain http on the public registry',
    url: 'http://registry.npmjs.org/ms/-/ms-2.1.3.tgz',
    expected: ['insecure-url'],
  },
  {
    why: 'plain http and another package',
    url: 'http://registry.npmjs.org/inherits/-/inherits-2.0.4.tgz',
    expected: ['insecure-url', 'url-mismatch'],
  },
  {
    why: "Yarn's __archiveUrl to another package",
    url: 'https://registry.npmjs.org/inherits/-/inherits-2.0.4.tgz',
    isArchiveUrl: true,
    expected: ['archive-url-redirect'],
  },
  {
    why: 'a loopback server that nothing configures',
    url: 'http://127.0.0.1:18099/ms-2.1.3.tgz',
    expected: ['non-registry-source', 'url-mismatch'],
  },
];

describe('checkTarballUrl', () => {
  for (const vector of vectors) {
    const { why, expected, name = 'ms', version = '2.1.3', isArchiveUrl = false } = vector;
    test(`${why}: ${vector.url ?? '(none)'}`, () => {
      const { url, namedRegistry, registryUrl } = vector;
      const verdict = checkTarballUrl({ name, version, url, namedRegistry, registryUrl, isArchiveUrl }, map);
      assert.deepEqual(verdict.status === 'disagrees' ? verdict.codes : verdict.status, expected);
    });
  }
});

describe('registryFor', () => {
  test('a scope has its own registry', () =>
    assert.equal(registryFor(map, '@ours/x', undefined), 'https://ours.example.com/npm/'));
  test('another scope falls back to the default', () =>
    assert.equal(registryFor(map, '@theirs/x', undefined), map.default));
  test('a named registry outweighs the scope', () =>
    assert.equal(registryFor(map, '@ours/x', 'work'), 'https://work.example.com/'));
  test('a registry named by its URL counts where the package comes from there anyway', () => {
    assert.equal(registryFor(map, 'x', map.default), map.default);
    assert.equal(registryFor(map, '@ours/x', 'https://ours.example.com/npm/'), 'https://ours.example.com/npm/');
  });
  test('a registry named by its URL does not count where the package comes from another one', () => {
    assert.equal(registryFor(map, '@ours/x', map.default), undefined);
    assert.equal(registryFor(map, 'x', 'https://work.example.com/'), undefined);
  });
  test('an unknown named registry is no registry', () => assert.equal(registryFor(map, 'x', 'nowhere'), undefined));
  test('a scope that is a name of an object member is no scope', () =>
    assert.equal(registryFor(map, '@constructor/x', undefined), map.default));
});

test('canonicalTarballUrl leaves build metadata out', () => {
  assert.equal(
    canonicalTarballUrl('https://r.example/', '@s/n', '1.0.0-rc.1+7'),
    'https://r.example/@s/n/-/n-1.0.0-rc.1.tgz',
  );
});
