import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Edge } from '@lockseal/core';
import { entryOf, readPackages } from '../support/npm.ts';

const targets = (edges: readonly Edge[]): readonly string[] =>
  edges.map(({ name, kind, target }) => {
    const to = target.type === 'entry' ? target.id : target.type === 'none' ? 'none' : `${target.type} ${target.path}`;
    return `${kind} ${name} -> ${to}`;
  });

describe('readNpm: edges', () => {
  test('are answered as Node resolves, nearest first', () => {
    const lockfile = readPackages({
      '': { workspaces: ['packages/*'], dependencies: { a: '1', l: 'file:local/l', gone: '1' } },
      'node_modules/a': {
        version: '1.0.0',
        dependencies: { b: '^1', w: '*' },
        peerDependencies: { p: '*', q: '*' },
        peerDependenciesMeta: { q: { optional: true } },
      },
      'node_modules/a/node_modules/b': { version: '1.0.0', optionalDependencies: { c: '*' }, dependencies: { c: '*' } },
      'node_modules/b': { version: '2.0.0' },
      'node_modules/c': { version: '1.0.0' },
      'node_modules/p': { version: '1.0.0' },
      'node_modules/l': { link: true, resolved: 'local/l' },
      'node_modules/w': { link: true, resolved: 'packages/w' },
      'node_modules/out': { link: true, resolved: '../out' },
      'local/l': { dependencies: { out: '*' } },
      'packages/w': { dependencies: { b: '^3' }, devDependencies: { c: '*' } },
      'packages/w/node_modules/b': { version: '3.0.0' },
    });
    const edges = new Map([
      ...lockfile.importers.map((i) => [i.path, i.edges] as const),
      ...lockfile.entries.map((e) => [e.id, e.edges] as const),
    ]);
    const found = Object.fromEntries(
      [...edges].filter(([, own]) => own.length > 0).map(([id, own]) => [id, targets(own)]),
    );
    assert.deepEqual(found, {
      '.': ['prod a -> node_modules/a', 'prod l -> local/l', 'prod gone -> none'],
      'node_modules/a': [
        'prod b -> node_modules/a/node_modules/b',
        'prod w -> importer packages/w',
        'peer p -> node_modules/p',
        'optional-peer q -> none',
      ],
      'node_modules/a/node_modules/b': ['optional c -> node_modules/c'],
      'local/l': ['prod out -> link ../out'],
    });
    assert.deepEqual(targets(lockfile.importers[1]?.edges ?? []), [
      'prod b -> packages/w/node_modules/b',
      'dev c -> node_modules/c',
    ]);
  });

  test('a directory out of the project does not see what is inside', () => {
    const lockfile = readPackages({ '../out': { dependencies: { a: '*' } }, 'node_modules/a': { version: '1.0.0' } });
    assert.deepEqual(targets(entryOf(lockfile, '../out').edges), ['prod a -> none']);
  });

  test('specifiers and places are kept as recorded', () => {
    const [edge] = entryOf(
      readPackages({ 'node_modules/a': { dependencies: { b: 'npm:c@1' } } }),
      'node_modules/a',
    ).edges;
    assert.deepEqual([edge?.spec, edge?.position], ['npm:c@1', { line: 1, column: 68 }]);
  });
});
