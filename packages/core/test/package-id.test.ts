import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
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
  ];
  for (const [why, purl, found] of read) test(`${why} is read`, () => assert.deepEqual(fromPurl(purl), found));

  test('is read as it was written, whatever the name', () => {
    const letters = fc.constantFrom('a', 'Z', '0', '9', '-', '_', '.', '~');
    const part = fc.string({ unit: letters, minLength: 1, maxLength: 12 });
    const names = fc.oneof(
      part,
      fc.tuple(part, part).map(([scope, name]) => `@${scope}/${name}`),
    );
    fc.assert(
      fc.property(names.filter(isPackageName), fc.constantFrom('1.0.0', '0.0.1-a.b+c'), (name, version) => {
        // The purl specification has npm names in lower case.
        const found = fromPurl(toPurl(name, version));
        assert.deepEqual(found, { name: found?.name, version });
        assert.equal(found?.name.toLowerCase(), name.toLowerCase());
      }),
    );
  });
});
