import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SHA512, readPackages, type Json } from '../support/npm.ts';

describe('readNpm: two sections', () => {
  const packages = {
    '': {},
    'node_modules/a': { version: '1.0.0', resolved: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz', integrity: SHA512 },
  };
  const tree = { a: { version: '1.0.0', resolved: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz', integrity: SHA512 } };
  const disagreements = (dependencies: Json, version = 2): readonly (string | undefined)[] =>
    readPackages(packages, { dependencies, lockfileVersion: version }).observations.map(({ code, entry, expected }) => {
      assert.equal(code, 'sections-disagree');
      assert.ok(entry);
      return expected;
    });

  test('that agree are no news', () => assert.deepEqual(disagreements(tree), []));

  const cases: readonly (readonly [why: string, dependencies: Json, expected: readonly RegExp[]])[] = [
    ['another version', { a: { ...tree.a, version: '1.0.1' } }, [/^version 1\.0\.0/]],
    ['another URL', { a: { ...tree.a, resolved: 'https://evil.example/a.tgz' } }, [/^resolved /]],
    ['no URL', { a: { version: '1.0.0', integrity: SHA512 } }, [/^resolved /]],
    ['no integrity', { a: { version: '1.0.0', resolved: tree.a.resolved } }, [/^integrity /]],
    ['another name', { a: { ...tree.a, version: 'npm:b@1.0.0' } }, [/^name a/]],
    ['a directory', { a: { version: 'file:evil' } }, [/^link /, /^resolved /, /^integrity /]],
    ['nothing', {}, [/entry in dependencies/]],
    ['one more', { ...tree, b: { version: '1.0.0' } }, [/entry in packages/]],
    ['one more below', { a: { ...tree.a, dependencies: { b: { version: '1.0.0' } } } }, [/entry in packages/]],
  ];
  for (const [why, dependencies, expected] of cases) {
    test(`the old one has ${why}`, () => {
      const found = disagreements(dependencies);
      assert.equal(found.length, expected.length, String(found));
      for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? '', pattern);
    });
  }

  test('packages counts whatever the version says, and is compared', () => {
    assert.equal(disagreements({ a: { version: '9.9.9' } }, 1).length, 3);
    assert.equal(disagreements({ a: { version: '9.9.9' } }, 3).length, 3);
  });

  test('what the old tree has below a link is what packages has below its target', () => {
    const lockfile = readPackages(
      {
        '': { workspaces: ['w'] },
        w: {},
        'node_modules/w': { link: true, resolved: 'w' },
        'w/node_modules/b': { version: '1.0.0' },
      },
      { lockfileVersion: 2, dependencies: { w: { version: 'file:w', dependencies: { b: { version: '1.0.0' } } } } },
    );
    assert.deepEqual(lockfile.observations, []);
  });
});
