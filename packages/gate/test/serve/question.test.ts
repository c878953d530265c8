import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isPackageName } from '@lockseal/core';
import fc from 'fast-check';
import { readQuestion } from '../../src/serve/question.ts';

describe('a path below a registry', () => {
  const good: readonly (readonly [path: string, question: object])[] = [
    ['ms', { kind: 'packument', name: 'ms' }],
    ['@acme/ui', { kind: 'packument', name: '@acme/ui' }],
    ['@acme%2fui', { kind: 'packument', name: '@acme/ui' }],
    ['@acme%2Fui', { kind: 'packument', name: '@acme/ui' }],
    ['%40acme%2fui', { kind: 'packument', name: '@acme/ui' }],
    ['JSONStream', { kind: 'packument', name: 'JSONStream' }],
    ['ms/2.1.3', { kind: 'version', name: 'ms', version: '2.1.3' }],
    ['ms/latest', { kind: 'version', name: 'ms', version: 'latest' }],
    ['@acme/ui/1.0.0', { kind: 'version', name: '@acme/ui', version: '1.0.0' }],
    ['@acme%2fui/1.0.0%2bbuild', { kind: 'version', name: '@acme/ui', version: '1.0.0+build' }],
    ['ms/-/ms-2.1.3.tgz', { kind: 'tarball', name: 'ms', file: 'ms-2.1.3.tgz' }],
    ['@acme/ui/-/ui-1.0.0.tgz', { kind: 'tarball', name: '@acme/ui', file: 'ui-1.0.0.tgz' }],
    ['@acme%2fui/-/ui-1.0.0.tgz', { kind: 'tarball', name: '@acme/ui', file: 'ui-1.0.0.tgz' }],
    ['-/npm/v1/security/advisories/bulk', { kind: 'service' }],
    ['-/v1/search', { kind: 'service' }],
    ['-/user/org.couchdb.user:me', { kind: 'service' }],
    ['-', { kind: 'service' }],
  ];
  for (const [path, question] of good) {
    test(`${path} asks for a ${Object.values(question)[0]}`, () => assert.deepEqual(readQuestion(path), question));
  }

  const bad: readonly (readonly [why: string, path: string])[] = [
    ['nothing', ''],
    ['an empty name', '/ms'],
    ['a percent sign that encodes nothing', 'ms%'],
    ['half of an encoded letter', '%ff'],
    ['a folder upwards', '..'],
    ['a folder upwards, encoded', '%2e%2e%2fms'],
    ['a slash in a name without a scope', 'a%2fb'],
    ['a scope without a name', '@acme'],
    ['a scope with an empty name', '@acme/'],
    ['two slashes in a name', '@acme%2fui%2fx'],
    ['a NUL', 'ms%00'],
    ['a backslash', 'ms%5c..'],
    ['a name with a space', 'm%20s'],
    ['letters beyond ASCII', 'mѕ'],
    ['an empty version', 'ms/'],
    ['a tarball without a name', 'ms/-/'],
    ['a tarball in a folder', 'ms/-/a/b.tgz'],
    ['a revision, which is for publishing', 'ms/-rev/1-2'],
    ['node_modules', 'node_modules'],
    ['a path beyond all bounds', 'a'.repeat(3000)],
  ];
  for (const [why, path] of bad) {
    test(`is none with ${why}`, () => assert.deepEqual(readQuestion(path), { kind: 'unreadable' }));
  }

  test('asks for packages that npm can have published, or for nothing', () => {
    const part = fc.oneof(fc.constantFrom('-', '@', '%2f', '..', '.', '@a', 'b', '%', '%00', ''), fc.string());
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const question = readQuestion(parts.join('/'));
        assert.ok(!('name' in question) || isPackageName(question.name));
      }),
    );
  });
});
