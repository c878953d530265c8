import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { NO_FLAGS, type Edge, type LockedPackage, type Lockfile } from '@lockseal/core';
import { dependencyPaths } from '@lockseal/lockfile';
import { emptyLockfile } from '../support/lockfile.ts';

const edge = (to: string, kind: Edge['kind'] = 'prod'): Edge => ({
  name: to,
  kind,
  spec: undefined,
  target: { type: 'entry', id: to },
  position: undefined,
});

function entry(id: string, edges: readonly Edge[], changes: Partial<LockedPackage> = {}): LockedPackage {
  return {
    id,
    name: id,
    version: '1.0.0',
    aliases: [],
    source: { type: 'registry', url: undefined, namedRegistry: undefined },
    pin: { kind: 'none' },
    edges,
    flags: NO_FLAGS,
    hasInstallScript: undefined,
    patch: undefined,
    bundles: [],
    deprecated: undefined,
    position: undefined,
    ...changes,
  };
}

function graph(root: readonly Edge[], entries: readonly LockedPackage[]): Lockfile {
  return { ...emptyLockfile('npm', entries), importers: [{ path: '.', edges: root, position: undefined }] };
}

describe('dependencyPaths', () => {
  const of = (
    root: readonly Edge[],
    ...entries: readonly LockedPackage[]
  ): ((id: string) => readonly string[] | undefined) => dependencyPaths(graph(root, entries));

  test('the shortest way, by name and version', () => {
    const path = of(
      [edge('a'), edge('c')],
      entry('a', [edge('b')]),
      entry('b', [edge('d')]),
      entry('c', [edge('d')]),
      entry('d', []),
    );
    assert.deepEqual(path('d'), ['.', 'c@1.0.0', 'd@1.0.0']);
  });

  test('a peer explains an entry only where nothing else does', () => {
    const path = of(
      [edge('a')],
      entry('a', [edge('d', 'peer'), edge('b')]),
      entry('b', [edge('c')]),
      entry('c', [edge('d')]),
      entry('d', []),
      entry('e', []),
    );
    assert.deepEqual(path('d'), ['.', 'a@1.0.0', 'b@1.0.0', 'c@1.0.0', 'd@1.0.0']);
    const only = of([edge('a')], entry('a', [edge('d', 'peer')]), entry('d', [edge('e')]), entry('e', []));
    assert.deepEqual(only('e'), ['.', 'a@1.0.0', 'd@1.0.0', 'e@1.0.0']);
  });

  test('through bundles and patches', () => {
    const path = of(
      [edge('a')],
      entry('a', [], { source: { type: 'patched', inner: 'b' } }),
      entry('b', []),
      entry('c', [], { source: { type: 'bundled', parent: 'b' } }),
    );
    assert.deepEqual(path('c'), ['.', 'a@1.0.0', 'b@1.0.0', 'c@1.0.0']);
  });

  test('no way, no entry, and edges to entries that are not there', () => {
    const path = of([edge('gone')], entry('a', [edge('b')]), entry('b', [edge('a')]));
    assert.equal(path('a'), undefined);
    assert.equal(path('gone'), undefined);
  });

  test('ends on rings of any shape, and every path begins at an importer and ends at the entry', () => {
    const id = fc.nat({ max: 12 }).map((number) => `p${number}`);
    const kind = fc.constantFrom<Edge['kind']>('prod', 'peer', 'optional');
    const edges = fc.array(
      fc.tuple(id, kind).map(([to, each]) => edge(to, each)),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(edges, fc.array(edges, { minLength: 13, maxLength: 13 }), (root, all) => {
        const path = of(root, ...all.map((own, index) => entry(`p${index}`, own)));
        for (const index of all.keys()) {
          const found = path(`p${index}`);
          if (found === undefined) continue;
          assert.equal(found[0], '.');
          assert.equal(found.at(-1), `p${index}@1.0.0`);
          assert.equal(new Set(found).size, found.length);
        }
      }),
    );
  });

  test('a chain of 100,000 entries is no recursion, and the middle of a path of it is left out', () => {
    const chain = Array.from({ length: 100_000 }, (_, index) => entry(`p${index}`, [edge(`p${index + 1}`)]));
    const path = of([edge('p0')], ...chain);
    const long = path('p99999') ?? [];
    assert.deepEqual([long.length, ...long.slice(0, 3)], [64, '.', '…', 'p99938@1.0.0']);
    assert.equal(long.at(-1), 'p99999@1.0.0');
    const longest = path('p62') ?? [];
    assert.deepEqual([longest.length, longest.includes('…')], [64, false]);
  });
});
