import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  FINDING_CODES,
  checkManifestEdges,
  edgeContext,
  type Edge,
  type LockedPackage,
  type Lockfile,
  type LockfileFormat,
  type Project,
} from '@lockseal/core';
import { edge, entry, lockfile, manifest, override, project, type ManifestParts } from './support/make.ts';

interface Case {
  readonly why: string;
  /** The manifest of debug@4.4.3. */
  readonly manifest: ManifestParts;
  /** What the lockfile records for it. */
  readonly edges: readonly Edge[];
  readonly format?: LockfileFormat;
  readonly project?: Project;
  readonly entry?: Partial<LockedPackage>;
  readonly expected: readonly string[];
}

const others = [
  entry('ms@2.1.3'),
  entry('ms@2.0.0'),
  entry('inherits@2.0.4'),
  entry('node-gyp@12.0.0'),
  entry('supports-color@8.1.1'),
];

function check({ manifest: parts, edges, format = 'npm', project: own, entry: changes }: Case): string[] {
  const debug = entry('debug@4.4.3', { edges, ...changes });
  const lock: Lockfile = lockfile([], [debug, ...others], { format });
  const { observations } = checkManifestEdges(debug, manifest(parts), edgeContext(lock, own));
  const loud = observations.filter(({ code }) => FINDING_CODES[code].level !== 'note');
  return loud.map(({ code, dependency }) => `${code} ${dependency}`);
}

const MS: ManifestParts = { dependencies: { ms: '^2.1.3' } };
const nothing = project({ '.': {} });

describe('checkManifestEdges', () => {
  const cases: readonly Case[] = [
    { why: 'the manifest’s dependency', manifest: MS, edges: [edge('ms', '^2.1.3', 'ms@2.1.3')], expected: [] },
    {
      why: 'a resolution without a specifier (pnpm, Deno)',
      manifest: MS,
      edges: [edge('ms', undefined, 'ms@2.1.3')],
      format: 'pnpm',
      expected: [],
    },
    {
      why: 'Yarn Berry’s protocol before the range',
      manifest: MS,
      edges: [edge('ms', 'npm:^2.1.3', 'ms@2.1.3')],
      format: 'yarn-berry',
      expected: [],
    },
    {
      why: 'an alias that the manifest itself declares',
      manifest: { dependencies: { m: 'npm:ms@^2.0.0' } },
      edges: [edge('m', 'npm:ms@^2.0.0', 'ms@2.1.3')],
      expected: [],
    },
    {
      why: 'an optional dependency that is not locked',
      manifest: { optionalDependencies: { ms: '1' } },
      edges: [],
      expected: [],
    },
    {
      why: 'a name in both tables, recorded as optional',
      manifest: { dependencies: { ms: '^2.0.0' }, optionalDependencies: { ms: '^2.0.0' } },
      edges: [edge('ms', '^2.0.0', 'ms@2.1.3', 'optional')],
      expected: [],
    },
    {
      why: 'a bundled dependency that is not listed (pnpm)',
      manifest: { ...MS, bundleDependencies: ['ms'] },
      edges: [],
      format: 'pnpm',
      expected: [],
    },

    {
      why: 'a forged edge: the lockfile says npm:inherits, the manifest ms',
      manifest: MS,
      edges: [edge('ms', 'npm:inherits@2.0.4', 'inherits@2.0.4')],
      expected: ['edge-forged ms'],
    },
    {
      why: 'the same where no specifier is recorded',
      manifest: MS,
      edges: [edge('ms', undefined, 'inherits@2.0.4')],
      format: 'pnpm',
      expected: ['edge-forged ms'],
    },
    {
      why: 'the same in Deno',
      manifest: MS,
      edges: [edge('ms', undefined, 'inherits@2.0.4')],
      format: 'deno',
      expected: ['edge-forged ms'],
    },
    {
      why: 'the right specifier, another package',
      manifest: MS,
      edges: [edge('ms', '^2.1.3', 'inherits@2.0.4')],
      expected: ['edge-forged ms'],
    },
    { why: 'a widened range', manifest: MS, edges: [edge('ms', '*', 'ms@2.0.0')], expected: ['edge-forged ms'] },
    {
      why: 'a version out of the manifest’s range',
      manifest: MS,
      edges: [edge('ms', undefined, 'ms@2.0.0')],
      format: 'pnpm',
      expected: ['edge-unsatisfied ms'],
    },
    {
      why: 'a dependency that the manifest does not have',
      manifest: {},
      edges: [edge('inherits', '2.0.4', 'inherits@2.0.4')],
      expected: ['edge-forged inherits'],
    },
    {
      why: 'an optional one that the manifest does not have',
      manifest: {},
      edges: [edge('inherits', '2.0.4', 'inherits@2.0.4', 'optional')],
      expected: ['edge-forged inherits'],
    },
    { why: 'a dependency that is left out', manifest: MS, edges: [], expected: ['dependency-not-locked ms'] },
    {
      why: 'a dependency that leads nowhere',
      manifest: MS,
      edges: [edge('ms', '^2.1.3', '')],
      expected: ['dependency-not-locked ms'],
    },
    {
      why: 'a required dependency that the lockfile calls optional and leaves open',
      manifest: MS,
      edges: [edge('ms', '^2.1.3', '', 'optional')],
      expected: ['dependency-not-locked ms'],
    },
    {
      why: 'a required dependency that the lockfile passes off as a peer',
      manifest: MS,
      edges: [edge('ms', '^2.1.3', 'inherits@2.0.4', 'peer')],
      expected: ['dependency-not-locked ms'],
    },
    {
      why: 'a link for a published package',
      manifest: MS,
      edges: [edge('ms', '^2.1.3', '@@evil')],
      expected: ['link-replaces-registry ms'],
    },
    {
      why: 'a workspace of that name out of range',
      manifest: MS,
      edges: [edge('ms', '^2.1.3', '!m')],
      project: project({ '.': {}, m: { name: 'ms', version: '1.0.0' } }),
      expected: ['edge-unsatisfied ms'],
    },

    {
      why: 'an override that the project declares',
      manifest: MS,
      edges: [edge('ms', '^2.1.3', 'inherits@2.0.4')],
      project: project({ '.': {} }, { overrides: [override('ms', 'npm:inherits@2.0.4')] }),
      expected: [],
    },
    {
      why: 'an override whose replacement is what is recorded',
      manifest: MS,
      edges: [edge('ms', '2.0.0', 'ms@2.0.0')],
      project: project({ '.': {} }, { overrides: [override('ms', '2.0.0')] }),
      expected: [],
    },
    {
      why: 'an override of something else',
      manifest: MS,
      edges: [edge('ms', '^2.1.3', 'inherits@2.0.4')],
      project: project({ '.': {} }, { overrides: [override('ms', '2.0.0')] }),
      expected: ['edge-forged ms'],
    },
    {
      why: 'a removal',
      manifest: MS,
      edges: [],
      format: 'pnpm',
      project: project({ '.': {} }, { overrides: [override('ms', '-', 'debug')] }),
      expected: [],
    },
    {
      why: 'a removal for another dependent',
      manifest: MS,
      edges: [],
      format: 'pnpm',
      project: project({ '.': {} }, { overrides: [override('ms', '-', 'express')] }),
      expected: ['dependency-not-locked ms'],
    },
  ];
  for (const each of cases) {
    test(`${each.expected.length === 0 ? 'accepts' : 'finds'} ${each.why}`, () =>
      assert.deepEqual(check(each), each.expected));
  }

  const extension = (dependencies: Readonly<Record<string, string>>, range = '4'): Project =>
    project(
      { '.': {} },
      {
        packageExtensions: [
          {
            selector: { name: 'debug', range },
            dependencies: new Map(Object.entries(dependencies)),
            optionalDependencies: new Map(),
            peerDependencies: new Map(),
            origin: 'package.json',
          },
        ],
      },
    );
  const more: readonly Case[] = [
    {
      why: 'a dependency that a package extension adds',
      manifest: {},
      edges: [edge('inherits', '2.0.4', 'inherits@2.0.4')],
      project: extension({ inherits: '2.0.4' }),
      expected: [],
    },
    {
      why: 'an extension of other versions',
      manifest: {},
      edges: [edge('inherits', '2.0.4', 'inherits@2.0.4')],
      project: extension({ inherits: '2.0.4' }, '3'),
      expected: ['edge-forged inherits'],
    },
    {
      why: 'an extension with another range',
      manifest: {},
      edges: [edge('inherits', '*', 'inherits@2.0.4')],
      project: extension({ inherits: '2.0.4' }),
      expected: ['edge-forged inherits'],
    },
    {
      why: 'an extension that the lockfile leaves out',
      manifest: {},
      edges: [],
      project: extension({ inherits: '2.0.4' }),
      expected: ['dependency-not-locked inherits'],
    },
    {
      why: 'an extension over the manifest’s own word, which wins',
      manifest: MS,
      edges: [edge('ms', 'npm:inherits@2.0.4', 'inherits@2.0.4')],
      project: extension({ ms: 'npm:inherits@2.0.4' }),
      expected: ['edge-forged ms'],
    },

    {
      why: 'node-gyp, which Yarn Berry adds to what calls it',
      manifest: { scripts: { install: 'node-gyp rebuild' } },
      edges: [edge('node-gyp', 'npm:latest', 'node-gyp@12.0.0')],
      format: 'yarn-berry',
      expected: [],
    },
    {
      why: 'node-gyp for a package that does not call it',
      manifest: { scripts: { test: 'mocha' } },
      edges: [edge('node-gyp', 'npm:latest', 'node-gyp@12.0.0')],
      format: 'yarn-berry',
      expected: ['edge-forged node-gyp'],
    },
    {
      why: 'something else under the name of node-gyp',
      manifest: { scripts: { install: 'node-gyp rebuild' } },
      edges: [edge('node-gyp', 'npm:inherits@2.0.4', 'inherits@2.0.4')],
      format: 'yarn-berry',
      expected: ['edge-forged node-gyp'],
    },
    {
      why: 'node-gyp in npm, which adds none',
      manifest: { scripts: { install: 'node-gyp rebuild' } },
      edges: [edge('node-gyp', 'latest', 'node-gyp@12.0.0')],
      expected: ['edge-forged node-gyp'],
    },

    {
      why: 'what pnpm’s compatibility database adds',
      manifest: {},
      edges: [edge('supports-color', undefined, 'supports-color@8.1.1')],
      format: 'pnpm',
      entry: { version: '2.6.9' },
      expected: [],
    },
    {
      why: 'the same in npm, which has no such database',
      manifest: {},
      edges: [edge('supports-color', '*', 'supports-color@8.1.1')],
      entry: { version: '2.6.9' },
      expected: ['edge-forged supports-color'],
    },
    {
      why: 'the same for a version that the database does not name',
      manifest: {},
      edges: [edge('supports-color', undefined, 'supports-color@8.1.1')],
      format: 'pnpm',
      expected: ['edge-forged supports-color'],
    },

    {
      why: 'a peer with the manifest’s range',
      manifest: { peerDependencies: { ms: '^2.0.0' } },
      edges: [edge('ms', '^2.0.0', 'ms@2.1.3', 'peer')],
      expected: [],
    },
    {
      why: 'a resolved peer that pnpm and Deno record like a dependency',
      manifest: { peerDependencies: { ms: '^2.0.0' } },
      edges: [edge('ms', undefined, 'ms@2.1.3')],
      format: 'deno',
      expected: [],
    },
    {
      why: 'a peer out of range, which is installed with a warning',
      manifest: { peerDependencies: { ms: '^1.0.0' } },
      edges: [edge('ms', undefined, 'ms@2.1.3')],
      format: 'deno',
      expected: [],
    },
    {
      why: 'a name that is only in peerDependenciesMeta',
      manifest: { optionalPeers: ['supports-color'] },
      edges: [edge('supports-color', undefined, 'supports-color@8.1.1')],
      format: 'pnpm',
      expected: [],
    },
    {
      why: 'an alias of the root that answers a peer',
      manifest: { peerDependencies: { ms: '^2.0.0' } },
      edges: [edge('ms', '^2.0.0', 'inherits@2.0.4', 'peer')],
      project: project({ '.': { dependencies: { ms: 'npm:inherits@^2.0.0' } } }),
      expected: [],
    },
    {
      why: 'a restated peer range',
      manifest: { peerDependencies: { ms: '^2.0.0' } },
      edges: [edge('ms', '*', 'ms@2.1.3', 'peer')],
      expected: ['edge-forged ms'],
    },
    {
      why: 'a peer that the manifest does not have',
      manifest: {},
      edges: [edge('ms', '*', 'ms@2.1.3', 'peer')],
      expected: ['edge-forged ms'],
    },
    {
      why: 'a peer answered by another package',
      manifest: { peerDependencies: { ms: '^2.0.0' } },
      edges: [edge('ms', undefined, 'inherits@2.0.4')],
      format: 'pnpm',
      project: nothing,
      expected: ['edge-forged ms'],
    },
  ];
  for (const each of more) {
    test(`${each.expected.length === 0 ? 'accepts' : 'finds'} ${each.why}`, () =>
      assert.deepEqual(check(each), each.expected));
  }

  const elsewhere: readonly (readonly [why: string, other: LockedPackage, expected: readonly string[]])[] = [
    [
      'a peer answered by the alias that another package asks for',
      entry('a@1.0.0', { edges: [edge('ms', 'npm:inherits@2.0.4', 'inherits@2.0.4')] }),
      [],
    ],
    [
      'a peer answered by what another package has as its peer',
      entry('a@1.0.0', { edges: [edge('ms', '*', 'inherits@2.0.4', 'peer')] }),
      ['edge-forged ms'],
    ],
    [
      'a peer answered by what another package has under another name',
      entry('a@1.0.0', { edges: [edge('m', 'npm:inherits@2.0.4', 'inherits@2.0.4')] }),
      ['edge-forged ms'],
    ],
    [
      'a peer answered by an alias of a package that no manifest is held against',
      entry('a@1.0.0', {
        source: { type: 'bundled', parent: 'p' },
        edges: [edge('ms', 'npm:inherits@2.0.4', 'inherits@2.0.4')],
      }),
      ['edge-forged ms'],
    ],
    [
      'a peer answered by what is resolved, and nobody knows to what that answers',
      entry('a@1.0.0', { edges: [edge('ms', undefined, 'inherits@2.0.4')] }),
      ['edge-forged ms'],
    ],
  ];
  for (const [why, other, expected] of elsewhere) {
    test(`${expected.length === 0 ? 'accepts' : 'finds'} ${why}`, () => {
      const debug = entry('debug@4.4.3', { edges: [edge('ms', '*', 'inherits@2.0.4', 'peer')] });
      const context = edgeContext(lockfile([], [debug, other, ...others]), nothing);
      const { observations } = checkManifestEdges(debug, manifest({ peerDependencies: { ms: '*' } }), context);
      assert.deepEqual(
        observations.map(({ code, dependency }) => `${code} ${dependency}`),
        expected,
      );
    });
  }

  test('a binding.gyp is as good as a script that calls node-gyp', () => {
    const debug = entry('debug@4.4.3', { edges: [edge('node-gyp', 'npm:latest', 'node-gyp@12.0.0')] });
    const context = edgeContext(lockfile([], [debug, ...others], { format: 'yarn-berry' }), undefined);
    assert.deepEqual(checkManifestEdges(debug, manifest({}), context, true).observations, []);
  });

  test('counts what it compared, and says what was expected and found', () => {
    const debug = entry('debug@4.4.3', { edges: [edge('ms', 'npm:inherits@2.0.4', 'inherits@2.0.4')] });
    const found = checkManifestEdges(debug, manifest(MS), edgeContext(lockfile([], [debug, ...others]), undefined));
    assert.equal(found.compared, 1);
    const [forged] = found.observations;
    assert.deepEqual([forged?.entry, forged?.expected, forged?.found], ['debug@4.4.3', '^2.1.3', 'npm:inherits@2.0.4']);
  });

  test('a bundled entry is its parent’s affair: nothing is compared', () => {
    const bundled = entry('a@1.0.0', { source: { type: 'bundled', parent: 'p' } });
    const found = checkManifestEdges(bundled, manifest(MS), edgeContext(lockfile([], [bundled]), undefined));
    assert.deepEqual(found, { compared: 0, observations: [] });
  });
});
