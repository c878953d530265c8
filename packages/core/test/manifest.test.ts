import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LocksealError, parseManifest, parseProjectManifest } from '@lockseal/core';

describe('parseManifest', () => {
  test('reads what verification looks at and skips the rest', () => {
    const found = parseManifest(
      {
        name: 'a',
        version: '1.0.0',
        dependencies: { b: '^1.0.0' },
        peerDependencies: { c: '*', d: '*' },
        peerDependenciesMeta: { c: { optional: true }, d: {} },
        scripts: { install: 'node-gyp rebuild' },
        deprecated: 'use z',
        repository: 7,
      },
      'package.json',
    );
    assert.deepEqual(found.dependencies, new Map([['b', '^1.0.0']]));
    assert.deepEqual(found.optionalPeers, new Set(['c']));
    assert.deepEqual(found.scripts, new Map([['install', 'node-gyp rebuild']]));
    assert.equal(found.deprecated, 'use z');
  });

  test('a name in both tables is optional only, as npm has it', () => {
    const found = parseManifest({ dependencies: { f: '1' }, optionalDependencies: { f: '1' } }, 'package.json');
    assert.deepEqual([...found.dependencies], []);
    assert.deepEqual([...found.optionalDependencies], [['f', '1']]);
  });

  const bundles: readonly (readonly [why: string, json: object, expected: readonly string[]])[] = [
    ['true stands for all dependencies', { dependencies: { a: '1' }, bundleDependencies: true }, ['a']],
    ['the other spelling counts', { bundledDependencies: ['a'] }, ['a']],
    ['the usual spelling wins', { bundleDependencies: ['a'], bundledDependencies: ['b'] }, ['a']],
    ['registries write false', { bundleDependencies: false }, []],
  ];
  for (const [why, json, expected] of bundles) {
    test(`bundles: ${why}`, () => {
      assert.deepEqual(parseManifest(json, 'package.json').bundleDependencies, expected);
    });
  }

  test('registries write an empty array for no dependencies, and false for not deprecated', () => {
    const found = parseManifest({ dependencies: [], deprecated: false }, 'package.json');
    assert.deepEqual([found.dependencies.size, found.deprecated], [0, undefined]);
  });

  test('a script that is no text is one that nothing runs', () => {
    assert.equal(parseManifest({ scripts: { test: null } }, 'package.json').scripts.size, 0);
  });

  test('keys that objects give a meaning of their own are names like any other', () => {
    const found = parseManifest(JSON.parse('{"dependencies":{"__proto__":"1","constructor":"2"}}'), 'package.json');
    assert.deepEqual([...found.dependencies.keys()], ['__proto__', 'constructor']);
  });

  const refused: readonly (readonly [why: string, json: unknown])[] = [
    ['no object at all', 'text'],
    ['an array', []],
    ['null', null],
    ['a dependency that is a number', { dependencies: { a: 1 } }],
    ['a dependency that is an object, which old npm read as a range', { dependencies: { a: { version: '1' } } }],
    ['dependencies that are a list of names', { dependencies: ['a'] }],
    ['dependencies that are a text', { optionalDependencies: 'a' }],
    ['a peer that is null', { peerDependencies: { a: null } }],
    ['metadata of a peer that is no object', { peerDependenciesMeta: { a: true } }],
    ['a name that is a number', { name: 1 }],
    ['a version that is null', { version: null }],
    ['scripts that are a list', { scripts: ['a'] }],
    ['bundles that are numbers', { bundleDependencies: [1] }],
    ['bundles that are a text', { bundleDependencies: 'a' }],
  ];
  for (const [why, json] of refused) {
    test(`refuses ${why}`, () => {
      assert.throws(
        () => parseManifest(json, 'a/package.json'),
        (thrown) => {
          assert.ok(thrown instanceof LocksealError);
          assert.equal(thrown.code, 'ERR_PROJECT_UNREADABLE');
          assert.equal(thrown.details.file, 'a/package.json');
          return true;
        },
      );
    });
  }

  test('the error code is the caller’s: a registry’s document is no file of the project', () => {
    assert.throws(() => parseManifest({ name: 1 }, 'https://example.com/a', 'ERR_RESPONSE_INVALID'), {
      code: 'ERR_RESPONSE_INVALID',
    });
  });

  test('bounds a table', () => {
    const dependencies = Object.fromEntries(Array.from({ length: 20_001 }, (_, index) => [`p${index}`, '1']));
    assert.throws(() => parseManifest({ dependencies }, 'package.json'), { code: 'ERR_PROJECT_UNREADABLE' });
  });

  test('only the project’s own manifests have dev dependencies', () => {
    assert.deepEqual(parseProjectManifest({ devDependencies: { a: '1' } }, 'f').devDependencies, new Map([['a', '1']]));
    assert.throws(() => parseProjectManifest({ devDependencies: { a: 1 } }, 'f'), { code: 'ERR_PROJECT_UNREADABLE' });
  });
});
