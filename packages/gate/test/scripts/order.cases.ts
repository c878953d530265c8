import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Importer, LockedPackage } from '@lockseal/core';
import { dependencyOrder, optionalEntries } from '../../src/scripts/order.ts';
import { edgeTo, lockedPackage } from './support/lockfile.ts';

/** `a: b c` — a depends on b and c. */
function entriesOf(...lines: readonly string[]): LockedPackage[] {
  return lines.map((line) => {
    const [id = '', targets = ''] = line.split(': ');
    return lockedPackage(id, {
      edges: targets
        .split(' ')
        .filter(Boolean)
        .map((to) => edgeTo(to)),
    });
  });
}

describe('dependency order', () => {
  const cases: readonly (readonly [why: string, lines: readonly string[], expected: string])[] = [
    ['dependencies come first', ['a: b', 'b: c', 'c'], 'c b a'],
    ['whatever the order of the file', ['c', 'b: c', 'a: b'], 'c b a'],
    ['what is not connected goes by its id', ['b', 'a', 'c'], 'a b c'],
    ['a circle: what is reached first comes last', ['a: b', 'b: c', 'c: a'], 'c b a'],
    ['a circle beside a tail', ['a: b', 'b: a d', 'd'], 'd b a'],
    ['a package that needs itself', ['a: a'], 'a'],
    ['an edge into nothing', ['a: missing'], 'a'],
    ['a diamond: once each', ['a: b c', 'b: d', 'c: d', 'd'], 'd b c a'],
  ];
  for (const [why, lines, expected] of cases) {
    test(why, () => assert.equal(dependencyOrder(entriesOf(...lines)).join(' '), expected));
  }

  test('the files of a patched package are those of the one that is patched', () => {
    const patched = lockedPackage('a', { source: { type: 'patched', inner: 'z' } });
    assert.deepEqual(dependencyOrder([patched, lockedPackage('z')]), ['z', 'a']);
  });

  test('a chain longer than any stack', () => {
    const many = Array.from({ length: 50_000 }, (_, at) => lockedPackage(`p${at}`, { edges: [edgeTo(`p${at + 1}`)] }));
    assert.equal(dependencyOrder(many).at(-1), 'p0');
  });

  test('of any graph: all once; the same whatever the order of entries; without circles, never a dependent first', () => {
    const graph = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 30 });
    fc.assert(
      fc.property(graph, fc.boolean(), (edges, acyclic) => {
        const kept = edges.filter(([from, to]) => !acyclic || from < to);
        const entries = Array.from({ length: 10 }, (_, id) =>
          lockedPackage(`${id}`, { edges: kept.filter(([from]) => from === id).map(([, to]) => edgeTo(`${to}`)) }),
        );
        const order = dependencyOrder(entries);
        assert.deepEqual(
          order.toSorted(),
          entries.map(({ id }) => id),
        );
        assert.deepEqual(dependencyOrder(entries.toReversed()), order);
        if (!acyclic) return;
        for (const [from, to] of kept) assert.ok(order.indexOf(`${to}`) < order.indexOf(`${from}`));
      }),
    );
  });
});

describe('what the project can do without', () => {
  const root = (...edges: Importer['edges']): Importer => ({ path: '.', edges, position: undefined });

  test('only what every way leads to over an optional dependency', () => {
    const entries = [
      lockedPackage('a', { edges: [edgeTo('b')] }),
      lockedPackage('b'),
      lockedPackage('c', { edges: [edgeTo('b', 'optional')] }),
      lockedPackage('both'),
      lockedPackage('nowhere'),
    ];
    const importers = [root(edgeTo('a', 'optional'), edgeTo('c'), edgeTo('both'), edgeTo('both', 'optional'))];
    assert.deepEqual([...optionalEntries({ entries, importers })].toSorted(), ['a', 'b']);
  });

  test('circles end', () => {
    const entries = entriesOf('a: b', 'b: a');
    assert.deepEqual([...optionalEntries({ entries, importers: [root(edgeTo('a', 'optional'))] })].toSorted(), [
      'a',
      'b',
    ]);
  });
});
