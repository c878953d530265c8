// Readers of JSON formats against altered lockfiles: a coherent result or a coded error, soon, and nothing else.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LocksealError, type Lockfile } from '@lockseal/core';
import fc from 'fast-check';
import { readLockfile } from '../src/read-lockfile.ts';
import { assertCoherent } from './support/text.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const seeds: Readonly<Record<string, Json>> = {
  'package-lock.json': {
    lockfileVersion: 2,
    requires: true,
    packages: {
      '': { workspaces: ['packages/*'], dependencies: { a: '^1', l: 'file:l' }, bundleDependencies: ['a'] },
      'node_modules/a': {
        version: '1.0.0',
        resolved: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz',
        bundleDependencies: ['b'],
        dependencies: { b: '*' },
      },
      'node_modules/a/node_modules/b': {
        version: '1.0.0',
        inBundle: true,
        peerDependenciesMeta: { c: { optional: true } },
      },
      'node_modules/l': { resolved: 'packages/l', link: true },
      'packages/l': { name: 'l', version: '1.0.0', devDependencies: { a: '1' }, os: ['linux'] },
    },
    dependencies: {
      a: { version: '1.0.0', requires: { b: '*' }, dependencies: { b: { version: '1.0.0', bundled: true } } },
    },
  },
  'npm-shrinkwrap.json': {
    lockfileVersion: 1,
    dependencies: {
      a: { version: 'npm:b@1.0.0', requires: true },
      g: { version: 'git+https://x.example/g#abc', from: 'g' },
    },
  },
  'bun.lock': {
    lockfileVersion: 2,
    workspaces: { '': { dependencies: { a: '^1' } }, 'packages/w': { name: 'w' } },
    overrides: { a: { b: '1' } },
    catalogs: { x: { y: '1' } },
    packages: {
      a: ['a@1.0.0', '', { dependencies: { b: '*' }, optionalPeers: ['c'] }, 'sha512-x'],
      'a/b': ['b@1.0.0', '', { bundled: true }, ''],
      w: ['w@workspace:packages/w'],
      g: ['g@github:o/g#abc', {}, 'tag'],
    },
  },
  'deno.lock': {
    version: '5',
    specifiers: { 'npm:a@^1': '1.0.0', 'jsr:@s/p@1': '1.0.0' },
    npm: { 'a@1.0.0': { integrity: 'sha512-x', dependencies: ['b'] }, 'b@1.0.0_a@1.0.0': { os: ['linux'] } },
    jsr: { '@s/p@1.0.0': { integrity: 'ab'.repeat(32), dependencies: ['npm:a@^1'] } },
    remote: { 'https://x.example/x.ts': 'ab'.repeat(32) },
    workspace: { dependencies: ['npm:a@^1'], members: { m: { packageJson: { dependencies: ['jsr:@s/p@1'] } } } },
  },
  'vlt-lock.json': {
    lockfileVersion: 1,
    options: { catalogs: { x: { y: '1' } } },
    nodes: { '~npm~a@1.0.0': [0, 'a', 'sha512-x', null, null, null, null, { os: 'linux' }], 'file~l': [1, 'l'] },
    edges: { 'file~_d a': 'prod ^1 ~npm~a@1.0.0', '~npm~a@1.0.0 b': 'peer * MISSING' },
  },
};

const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, -1, 1.5, '', '..', '__proto__', [], {}, [null], { '': null }),
  fc.constantFrom<Json>(
    '1.0.0',
    'npm:x@1.0.0',
    'file:',
    'file:../x',
    'https://x',
    'git+ssh://x#',
    'node_modules/a',
    '@s/n',
    '@',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

/** All places in a document: paths of keys and indices. */
function* places(value: Json, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  yield path;
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* places(item, [...path, index]);
  else if (value !== null && typeof value === 'object') {
    for (const [key, member] of Object.entries(value)) yield* places(member, [...path, key]);
  }
}

/** The document with one place replaced, renamed or removed. */
function altered(value: Json, path: readonly (string | number)[], change: Json, kind: string): Json {
  const [head, ...rest] = path;
  if (head === undefined) return change;
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => {
      if (index !== head) return [item];
      return rest.length === 0 && kind === 'remove' ? [] : [altered(item, rest, change, kind)];
    });
  }
  if (value === null || typeof value !== 'object') return change;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]): [string, Json][] => {
      if (key !== head) return [[key, member]];
      if (rest.length > 0) return [[key, altered(member, rest, change, kind)]];
      if (kind === 'remove') return [];
      return kind === 'rename'
        ? [[typeof change === 'string' ? change : JSON.stringify(change), member]]
        : [[key, change]];
    }),
  );
}

function readCoherently(path: string, text: string): Lockfile | undefined {
  let lockfile: Lockfile;
  try {
    lockfile = readLockfile(path, new TextEncoder().encode(text));
  } catch (thrown) {
    assert.ok(thrown instanceof LocksealError, thrown instanceof Error ? thrown.stack : String(thrown));
    assert.match(thrown.code, /^ERR_LOCKFILE_/);
    return undefined;
  }
  assertCoherent(lockfile);
  return lockfile;
}

describe('altered lockfiles', () => {
  for (const [path, seed] of Object.entries(seeds)) {
    test(`${path}: untouched, it is read`, () => {
      assert.notEqual(readCoherently(path, JSON.stringify(seed)), undefined);
    });

    test(`${path}: values replaced, keys renamed, members removed`, () => {
      const all = [...places(seed)];
      const change = fc.tuple(fc.constantFrom(...all), odd, fc.constantFrom('replace', 'rename', 'remove'));
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
          let document = seed;
          for (const [place, value, kind] of changes) document = altered(document, place, value, kind);
          readCoherently(path, JSON.stringify(document));
        }),
        { numRuns: 500 },
      );
    });

    test(`${path}: characters cut out and put in`, () => {
      const text = JSON.stringify(seed, null, 1);
      const edit = fc.tuple(
        fc.nat(text.length),
        fc.nat(20),
        fc.string({ unit: fc.constantFrom(...'{}[],:"\\/*\n@#~'.split(''), 'a', '1') }),
      );
      fc.assert(
        fc.property(edit, ([at, length, insert]) => {
          readCoherently(path, text.slice(0, at) + insert + text.slice(at + length));
        }),
        { numRuns: 500 },
      );
    });

    test(`${path}: keys in another order give the same entries`, () => {
      const shuffled = (value: Json, seedOfOrder: number): Json => {
        if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
        const members = Object.entries(value).map(([key, member]): [string, Json] => [
          key,
          shuffled(member, seedOfOrder),
        ]);
        return Object.fromEntries(members.toSorted(([a], [b]) => rank(a, seedOfOrder) - rank(b, seedOfOrder)));
      };
      const summary = (document: Json): unknown =>
        readCoherently(path, JSON.stringify(document))
          ?.entries.map(({ id, name, version, source, pin }) => JSON.stringify({ id, name, version, source, pin }))
          .toSorted();
      fc.assert(
        fc.property(fc.nat(), (order) => assert.deepEqual(summary(shuffled(seed, order)), summary(seed))),
        { numRuns: 50 },
      );
    });
  }
});

/** An arbitrary but fixed order of keys. */
function rank(key: string, order: number): number {
  return Array.from(key).reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0) + order) % 1009, 7);
}

describe('lockfiles made to be slow', () => {
  const many = (count: number, member: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => member(index)).join();
  const cases: readonly (readonly [why: string, path: string, text: string])[] = [
    [
      'a hundred thousand entries',
      'package-lock.json',
      `{"lockfileVersion":3,"packages":{${many(100_000, (i) => `"node_modules/a${i}":{"version":"1.0.0","dependencies":{"a${i + 1}":"*"}}`)}}}`,
    ],
    [
      'a chain of bundles',
      'package-lock.json',
      `{"lockfileVersion":3,"packages":{${many(80, (i) => `"${'node_modules/a/'.repeat(i)}node_modules/a":{"inBundle":true,"bundleDependencies":["a"],"dependencies":{${many(500, (d) => `"d${d}":"*"`)}}}`)}}}`,
    ],
    [
      'many tables at the end of many members',
      'bun.lock',
      `{"lockfileVersion":2,"workspaces":{},"packages":{${many(50_000, (i) => `"a${i}":["a${i}@1.0.0","",{"os":"x"},""]`)}}}`,
    ],
    [
      'many catalogs',
      'bun.lock',
      `{"lockfileVersion":2,"workspaces":{},"catalogs":{${many(50_000, (i) => `"c${i}":{}`)}},"packages":{}}`,
    ],
    ['many unknown members', 'deno.lock', `{"version":"5","npm":{"a@1.0.0":{${many(50_000, (i) => `"x${i}":0`)}}}}`],
    [
      'many nodes with platforms',
      'vlt-lock.json',
      `{"lockfileVersion":1,"nodes":{${many(50_000, (i) => `"~npm~a${i}@1.0.0":[0,"a${i}",null,null,null,null,null,{"os":"x"}]`)}},"edges":{}}`,
    ],
    [
      'markers that are none',
      'package-lock.json',
      `{"lockfileVersion":3,"packages":{"":{"name":"${'<'.repeat(1_000_000)}"}}}`,
    ],
    ['a long comment', 'bun.lock', `/*${'*'.repeat(1_000_000)}*/ //${'/'.repeat(1_000_000)}\n[]`],
  ];
  for (const [why, path, text] of cases) {
    test(why, { timeout: 20_000 }, () => {
      readCoherently(path, text);
    });
  }
});
