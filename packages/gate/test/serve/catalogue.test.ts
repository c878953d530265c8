import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PUBLIC_REGISTRY, YARN_PUBLIC_ALIAS } from '@lockseal/core';
import { Catalogue, recordedUrl } from '../../src/serve/catalogue.ts';
import { artifactOf, REGISTRIES } from '../support/gate.ts';

const CORP = 'https://npm.corp.example/api/npm/';
const one = artifactOf('ms@1.0.0', Buffer.from('one'));
const two = artifactOf('ms@2.0.0', Buffer.from('two'));
const registries = { ...REGISTRIES, scopes: new Map([['@corp', CORP]]) };

describe('the catalogue', () => {
  test('has the locked versions of a package', () => {
    const { versions } = catalogueOf([one, two]);
    assert.deepEqual([...versions('ms').keys()], ['1.0.0', '2.0.0']);
    assert.equal(versions('other').size, 0);
    assert.equal(versions('__proto__').size, 0);
  });

  test('tells versions of two registries apart, and gives neither where nobody says which', () => {
    const corp = artifactOf('ms@1.0.0', Buffer.from('other'), { registry: CORP });
    const { versions } = catalogueOf([one, corp]);
    assert.equal(versions('ms', PUBLIC_REGISTRY).get('1.0.0'), one);
    assert.equal(versions('ms', CORP).get('1.0.0'), corp);
    assert.equal(versions('ms').size, 0);
    assert.equal(versions('ms', 'https://mirror.example/').size, 0);
  });

  test('gives the one version that there is to whoever asks another registry', () => {
    const { versions } = catalogueOf([one]);
    assert.equal(versions('ms', YARN_PUBLIC_ALIAS).get('1.0.0'), one);
  });

  for (const [file, found] of [
    ['ms-1.0.0.tgz', one],
    ['ms-2.0.0.tgz', two],
    ['ms-3.0.0.tgz', undefined],
    ['MS-1.0.0.tgz', undefined],
    ['ms-1.0.0.tgz.sig', undefined],
    ['', undefined],
  ] as const) {
    test(`knows the tarball "${file}"${found === undefined ? ' not' : ''}`, () => {
      assert.equal(new Catalogue([one, two], REGISTRIES).tarball('ms', file, undefined), found);
    });
  }

  test('knows a tarball with build metadata by the name that registries give it', () => {
    const built = artifactOf('ms@1.0.0+build.5', Buffer.from('built'));
    assert.equal(new Catalogue([built], REGISTRIES).tarball('ms', 'ms-1.0.0.tgz', undefined), built);
  });

  test('gives none of two versions whose tarballs have one name', () => {
    const built = artifactOf('ms@1.0.0+build.5', Buffer.from('built'));
    assert.equal(new Catalogue([one, built], REGISTRIES).tarball('ms', 'ms-1.0.0.tgz', undefined), undefined);
  });

  test('knows an artifact by the very address that the lockfile records, without its fragment', () => {
    const remote = artifactOf('x@1.0.0', Buffer.from('x'), {
      registry: undefined,
      lockedUrl: 'https://files.example/x.tgz?v=1#0123',
    });
    const catalogue = new Catalogue([remote], REGISTRIES);
    assert.equal(catalogue.atUrl(new URL('https://files.example/x.tgz?v=1')), remote);
    for (const other of [
      'https://files.example/x.tgz',
      'https://files.example/x.tgz?v=2',
      'http://files.example/x.tgz?v=1',
    ]) {
      assert.equal(catalogue.atUrl(new URL(other)), undefined, other);
    }
    assert.equal(catalogue.versions('x', undefined).size, 0);
  });

  test('gives none of two artifacts at one address that differ', () => {
    const lockedUrl = 'https://files.example/x.tgz';
    const [a, b] = ['a', 'b'].map((text) => artifactOf('x@1.0.0', Buffer.from(text), { lockedUrl }));
    assert.ok(a && b);
    assert.equal(new Catalogue([a, b], REGISTRIES).atUrl(new URL(lockedUrl)), undefined);
  });

  test('answers for configured registries, both names of the public one, and the origins of recorded addresses', () => {
    const remote = artifactOf('x@1.0.0', Buffer.from('x'), { lockedUrl: 'http://files.example:8080/x.tgz' });
    const ssh = artifactOf('y@1.0.0', Buffer.from('y'), { lockedUrl: 'ssh://git.example/y' });
    const { origins } = new Catalogue([remote, ssh], registries);
    assert.deepEqual([...origins].toSorted(), [
      'http://files.example:8080',
      'https://npm.corp.example',
      'https://registry.npmjs.org',
      'https://registry.yarnpkg.com',
    ]);
  });

  test('finds the registry with the longest base URL, whole segments alone', () => {
    const named = new Map([['inner', `${CORP}inner/`]]);
    const catalogue = new Catalogue([], { ...registries, named });
    const baseOf = (url: string): string | undefined => catalogue.baseOf(new URL(url));
    assert.equal(baseOf(`${CORP}inner/ms`), `${CORP}inner/`);
    assert.equal(baseOf(`${CORP}innermost/ms`), CORP);
    assert.equal(baseOf('https://npm.corp.example/api/other/ms'), undefined);
    assert.equal(baseOf('https://npm.corp.example.evil.example/api/npm/ms'), undefined);
  });
});

describe('the address that a lockfile records', () => {
  for (const [lockedUrl, recorded] of [
    [undefined, undefined],
    [`${PUBLIC_REGISTRY}ms/-/ms-1.0.0.tgz`, undefined],
    [`${YARN_PUBLIC_ALIAS}ms/-/ms-1.0.0.tgz#0123`, undefined],
    ['https://cdn.example/ms.tgz#0123', 'https://cdn.example/ms.tgz'],
  ] as const) {
    test(`${lockedUrl} is ${recorded === undefined ? 'what clients derive' : 'one of its own'}`, () => {
      assert.equal(recordedUrl({ ...one, lockedUrl }), recorded);
    });
  }
});

function catalogueOf(artifacts: ConstructorParameters<typeof Catalogue>[0]): {
  readonly versions: (name: string, registry?: string) => ReadonlyMap<string, unknown>;
} {
  const catalogue = new Catalogue(artifacts, registries);
  return { versions: (name, registry) => catalogue.versions(name, registry) };
}
