import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Lockfile } from '@lockseal/core';
import { readNpm } from '../../src/npm/read.ts';
import { entryOf, readPackages } from '../support/npm.ts';
import { assertCoherent, lockfileText } from '../support/text.ts';

describe('readNpm: bundles', () => {
  const classOf = (lockfile: Lockfile, id: string): unknown => {
    const { source } = entryOf(lockfile, id);
    return source.type === 'bundled' ? `in ${source.parent}` : source.type;
  };

  test('what a package bundles, what is below it, and what that finds beside it', () => {
    const inBundle = true;
    const lockfile = readPackages({
      'node_modules/npm': { version: '1.0.0', bundleDependencies: ['a'], dependencies: { a: '*', d: '*' } },
      'node_modules/npm/node_modules/a': { inBundle, dependencies: { b: '*' } },
      'node_modules/npm/node_modules/a/node_modules/c': { inBundle },
      'node_modules/npm/node_modules/b': { inBundle },
      'node_modules/npm/node_modules/d': { inBundle },
    });
    assert.equal(classOf(lockfile, 'node_modules/npm/node_modules/a'), 'in node_modules/npm');
    assert.equal(classOf(lockfile, 'node_modules/npm/node_modules/a/node_modules/c'), 'in node_modules/npm');
    assert.equal(classOf(lockfile, 'node_modules/npm/node_modules/b'), 'in node_modules/npm');
    assert.equal(classOf(lockfile, 'node_modules/npm/node_modules/d'), 'registry', 'd is beside, but not bundled');
    assert.deepEqual(
      lockfile.observations.map(({ code, entry }) => [code, entry]),
      [['false-bundle-claim', 'node_modules/npm/node_modules/d']],
    );
  });

  test('a claim that nothing supports does not take the entry out of verification', () => {
    const lockfile = readPackages({ 'node_modules/ms': { version: '2.1.3', inBundle: true } });
    assert.equal(classOf(lockfile, 'node_modules/ms'), 'registry');
    assert.deepEqual(
      lockfile.observations.map(({ code }) => code),
      ['false-bundle-claim'],
    );
  });

  test('an entry with a URL of its own is verified, bundled or not', () => {
    const lockfile = readPackages({
      'node_modules/a': { version: '1.0.0', bundleDependencies: true, dependencies: { ms: '*' } },
      'node_modules/a/node_modules/ms': { version: '2.1.3', inBundle: true, resolved: 'https://evil.example/x.tgz' },
    });
    assert.equal(classOf(lockfile, 'node_modules/a/node_modules/ms'), 'registry');
  });

  test('what the root bundles when it is packed is fetched all the same', () => {
    const lockfile = readPackages({
      '': { bundleDependencies: ['a'], dependencies: { a: '*' } },
      'node_modules/a': { version: '1.0.0', inBundle: true },
    });
    assert.equal(classOf(lockfile, 'node_modules/a'), 'registry');
    assert.deepEqual(lockfile.observations, []);
  });

  test('version 1: in the nearest tarball above, if there is one', () => {
    const bundled = true;
    const lockfile = readNpm(
      lockfileText({
        lockfileVersion: 1,
        dependencies: {
          npm: {
            version: '1.0.0',
            dependencies: { a: { version: '1.0.0', bundled, dependencies: { b: { version: '1.0.0', bundled } } } },
          },
          c: { version: '1.0.0', bundled },
        },
      }),
    );
    assertCoherent(lockfile);
    assert.equal(classOf(lockfile, 'node_modules/npm/node_modules/a'), 'in node_modules/npm');
    assert.equal(classOf(lockfile, 'node_modules/npm/node_modules/a/node_modules/b'), 'in node_modules/npm');
    assert.equal(classOf(lockfile, 'node_modules/c'), 'registry');
    assert.deepEqual(
      lockfile.observations.map(({ code, entry }) => [code, entry]),
      [['false-bundle-claim', 'node_modules/c']],
    );
  });
});
