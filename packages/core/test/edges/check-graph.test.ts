import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  FINDING_CODES,
  NO_FLAGS,
  checkGraph,
  type Edge,
  type LocalFile,
  type LockedPackage,
  type Lockfile,
  type LockfileFormat,
  type Observation,
  type Pin,
  type Project,
  type Source,
} from '@lockseal/core';
import { edge, entry, lockfile, override, project } from './support/make.ts';

/** `code dependency` or `code` of what is found at error level or above a note, in order. */
function alarms(observations: readonly Observation[]): string[] {
  const loud = observations.filter(({ code }) => FINDING_CODES[code].level !== 'note');
  return loud.map(({ code, dependency }) => (dependency === undefined ? code : `${code} ${dependency}`));
}

function codes(observations: readonly Observation[]): string[] {
  return observations.map(({ code }) => code);
}

interface Case {
  readonly why: string;
  readonly lockfile: Lockfile;
  readonly project?: Project;
  readonly expected: readonly string[];
}

function run(cases: readonly Case[]): void {
  for (const { why, lockfile: lock, project: own, expected } of cases) {
    test(`${expected.length === 0 ? 'accepts' : 'finds'} ${why}`, () => {
      assert.deepEqual(alarms(checkGraph(lock, own)), expected);
    });
  }
}

const ms = entry('ms@2.1.3');
const inherits = entry('inherits@2.0.4');
const asksMs = project({ '.': { dependencies: { ms: '2.1.3' } } });

describe('checkGraph: the project’s own dependencies', () => {
  const debug = entry('debug@4.4.3', { edges: [edge('ms', '^2.1.3', 'ms@2.1.3')] });
  const asks = (dependencies: Readonly<Record<string, string>>): Project => project({ '.': { dependencies } });
  run([
    {
      why: 'what the manifest asks for',
      lockfile: lockfile([edge('ms', '2.1.3', 'ms@2.1.3')], [ms]),
      project: asksMs,
      expected: [],
    },
    {
      why: 'an alias that the manifest declares',
      lockfile: lockfile([edge('al', 'npm:ms@^2.0.0', 'ms@2.1.3')], [ms]),
      project: asks({ al: 'npm:ms@^2.0.0' }),
      expected: [],
    },
    {
      why: 'a dist-tag answered by some version',
      lockfile: lockfile([edge('ms', 'latest', 'ms@2.1.3')], [ms]),
      project: asks({ ms: 'latest' }),
      expected: [],
    },
    {
      why: 'a prerelease for *, which npm takes where there is nothing else',
      lockfile: lockfile([edge('a', '*', 'a@1.0.0-rc.1')], [entry('a@1.0.0-rc.1')]),
      project: asks({ a: '*' }),
      expected: [],
    },
    {
      why: 'a name in two groups with the specifier of one of them',
      lockfile: lockfile([edge('ms', '^2.0.0', 'ms@2.1.3')], [ms]),
      project: project({ '.': { dependencies: { ms: '^2.0.0' }, devDependencies: { ms: '*' } } }),
      expected: [],
    },
    {
      why: 'a peer that the package manager installs',
      lockfile: lockfile([edge('ms', '^2.0.0', 'ms@2.1.3')], [ms]),
      project: project({ '.': { peerDependencies: { ms: '^2.0.0' } } }),
      expected: [],
    },
    {
      why: 'a specifier that the lockfile restates',
      lockfile: lockfile([edge('ms', '2.0.0', 'ms@2.1.3')], [ms]),
      project: asksMs,
      expected: ['specifier-mismatch ms'],
    },
    {
      why: 'a dependency that only the lockfile knows',
      lockfile: lockfile(
        [edge('ms', '2.1.3', 'ms@2.1.3'), edge('inherits', '2.0.4', 'inherits@2.0.4')],
        [ms, inherits],
      ),
      project: asksMs,
      expected: ['specifier-mismatch inherits'],
    },
    {
      why: 'a dependency without an edge',
      lockfile: lockfile([], []),
      project: asksMs,
      expected: ['dependency-not-locked ms'],
    },
    {
      why: 'a dev dependency without an edge',
      lockfile: lockfile([], []),
      project: project({ '.': { devDependencies: { ms: '2.1.3' } } }),
      expected: ['dependency-not-locked ms'],
    },
    {
      why: 'an optional dependency of the root that leads nowhere: every platform is locked',
      lockfile: lockfile([edge('fsevents', '^2.3.3', '', 'optional')], []),
      project: project({ '.': { optionalDependencies: { fsevents: '^2.3.3' } } }),
      expected: ['dependency-not-locked fsevents'],
    },
    {
      why: 'a workspace that the lockfile does not know',
      lockfile: lockfile([], []),
      project: project({ '.': {}, 'packages/a': { dependencies: { ms: '2.1.3' } } }),
      expected: ['dependency-not-locked ms'],
    },
    {
      why: 'a directory that only the lockfile calls a workspace',
      lockfile: lockfile([], [], {
        importers: [
          { path: '.', edges: [], position: undefined },
          { path: 'evil', edges: [], position: undefined },
        ],
      }),
      project: project({ '.': {} }),
      expected: ['specifier-mismatch'],
    },
    {
      why: 'a package of another name at the place of the one asked for',
      lockfile: lockfile([edge('ms', '2.1.3', 'inherits@2.1.3')], [entry('inherits@2.1.3')]),
      project: asksMs,
      expected: ['name-mismatch ms'],
    },
    {
      why: 'an edge that pnpm writes to another package',
      lockfile: lockfile([edge('ms', '2.1.3', 'inherits@2.0.4')], [inherits], { format: 'pnpm' }),
      project: asksMs,
      expected: ['edge-forged ms'],
    },
    {
      why: 'a dependency that the lockfile passes off as a peer, answered by another package',
      lockfile: lockfile([edge('ms', '2.1.3', 'inherits@2.0.4', 'peer')], [inherits]),
      project: asksMs,
      expected: ['name-mismatch ms'],
    },
    {
      why: 'a version outside the range',
      lockfile: lockfile([edge('ms', '2.1.3', 'ms@2.0.0')], [entry('ms@2.0.0')]),
      project: asksMs,
      expected: ['edge-unsatisfied ms'],
    },
    {
      why: 'a prerelease that the range does not name',
      lockfile: lockfile([edge('ms', '^2.0.0', 'ms@2.2.0-rc.1')], [entry('ms@2.2.0-rc.1')]),
      project: asks({ ms: '^2.0.0' }),
      expected: ['edge-unsatisfied ms'],
    },
    {
      why: 'an edge to an entry that is not there',
      lockfile: lockfile([edge('ms', '2.1.3', 'ms@2.1.3')], []),
      project: asksMs,
      expected: ['dependency-not-locked ms'],
    },
    {
      why: 'an unknown kind of specifier, answered by anything',
      lockfile: lockfile([edge('ms', 'what is: this?', 'ms@2.1.3')], [ms]),
      project: asks({ ms: 'what is: this?' }),
      expected: ['edge-unsatisfied ms'],
    },
    {
      why: 'another registry than the one named (pnpm)',
      lockfile: lockfile(
        [edge('ms', '2.1.3', 'ms@2.1.3')],
        [entry('ms@2.1.3', { source: { type: 'registry', url: undefined, namedRegistry: 'work' } })],
        { format: 'pnpm' },
      ),
      project: asksMs,
      expected: ['edge-forged ms'],
    },
    {
      why: 'another registry than the one named, by its URL (pnpm)',
      lockfile: lockfile(
        [edge('ms', '2.1.3', 'ms@2.1.3')],
        [entry('ms@2.1.3', { source: { type: 'registry', url: undefined, namedRegistry: 'https://r.example.com/' } })],
        { format: 'pnpm' },
      ),
      project: asksMs,
      expected: ['edge-forged ms'],
    },
    {
      why: 'a registry that vlt names by its URL: the registry check holds it against the configuration',
      lockfile: lockfile(
        [edge('ms', '2.1.3', 'ms@2.1.3')],
        [entry('ms@2.1.3', { source: { type: 'registry', url: undefined, namedRegistry: 'https://r.example.com/' } })],
        { format: 'vlt' },
      ),
      project: asksMs,
      expected: [],
    },
    {
      why: 'a catalog that pins another version',
      lockfile: lockfile([edge('ms', 'catalog:', 'ms@2.1.3')], [ms], { format: 'pnpm' }),
      project: project(
        { '.': { dependencies: { ms: 'catalog:' } } },
        { catalogs: new Map([['default', new Map([['ms', '2.0.0']])]]) },
      ),
      expected: ['edge-unsatisfied ms'],
    },
    {
      why: 'a version out of range deeper down, by the recorded specifier',
      lockfile: lockfile(
        [edge('debug', '4.4.3', 'debug@4.4.3')],
        [{ ...debug, edges: [edge('ms', '^2.1.3', 'ms@2.0.0')] }, entry('ms@2.0.0')],
      ),
      project: asks({ debug: '4.4.3' }),
      expected: ['edge-unsatisfied ms'],
    },
    {
      why: 'a required dependency of an entry that leads nowhere',
      lockfile: lockfile([edge('debug', '4.4.3', 'debug@4.4.3')], [{ ...debug, edges: [edge('ms', '^2.1.3', '')] }]),
      project: asks({ debug: '4.4.3' }),
      expected: ['dependency-not-locked ms'],
    },
    {
      why: 'an optional dependency and a peer of an entry that lead nowhere',
      lockfile: lockfile(
        [edge('debug', '4.4.3', 'debug@4.4.3')],
        [
          {
            ...debug,
            edges: [edge('a', '1', '', 'optional'), edge('b', '1', '', 'peer'), edge('c', '1', '', 'optional-peer')],
          },
        ],
      ),
      project: asks({ debug: '4.4.3' }),
      expected: [],
    },
    {
      why: 'a peer out of its range, which every package manager installs',
      lockfile: lockfile(
        [edge('debug', '4.4.3', 'debug@4.4.3'), edge('ms', '2.1.3', 'ms@2.1.3')],
        [{ ...debug, edges: [edge('ms', '^1.0.0', 'ms@2.1.3', 'peer')] }, ms],
      ),
      project: asks({ debug: '4.4.3', ms: '2.1.3' }),
      expected: [],
    },
    {
      why: 'a peer answered by another package that nobody aliased',
      lockfile: lockfile(
        [edge('debug', '4.4.3', 'debug@4.4.3'), edge('inherits', '2.0.4', 'inherits@2.0.4')],
        [{ ...debug, edges: [edge('ms', '^2.0.0', 'inherits@2.0.4', 'peer')] }, inherits],
      ),
      project: asks({ debug: '4.4.3', inherits: '2.0.4' }),
      expected: ['name-mismatch ms'],
    },
    {
      why: 'a peer answered by the alias that the root installs',
      lockfile: lockfile(
        [edge('debug', '4.4.3', 'debug@4.4.3'), edge('ms', 'npm:inherits@2.0.4', 'inherits@2.0.4')],
        [{ ...debug, edges: [edge('ms', '^2.0.0', 'inherits@2.0.4', 'peer')] }, inherits],
      ),
      project: asks({ debug: '4.4.3', ms: 'npm:inherits@2.0.4' }),
      expected: [],
    },
  ]);
});

describe('checkGraph: workspaces and local directories', () => {
  const members = (spec: string): Project =>
    project({ '.': { dependencies: { a: spec } }, 'packages/a': { name: 'a', version: '1.2.0' } });
  const linked = (spec: string, to = '!packages/a', changes: Partial<Lockfile> = {}): Lockfile =>
    lockfile([edge('a', spec, to)], [], {
      importers: [
        { path: '.', edges: [edge('a', spec, to)], position: undefined },
        { path: 'packages/a', edges: [], position: undefined },
      ],
      ...changes,
    });
  run([
    {
      why: 'a workspace asked for as such',
      lockfile: linked('workspace:*'),
      project: members('workspace:*'),
      expected: [],
    },
    {
      why: 'a workspace whose version is in range',
      lockfile: linked('^1.0.0'),
      project: members('^1.0.0'),
      expected: [],
    },
    {
      why: 'a workspace by path',
      lockfile: linked('file:packages/a'),
      project: members('file:packages/a'),
      expected: [],
    },
    {
      why: 'a workspace out of range',
      lockfile: linked('^2.0.0'),
      project: members('^2.0.0'),
      expected: ['edge-unsatisfied a'],
    },
    {
      why: 'a registry package where a workspace is asked for (dependency confusion)',
      lockfile: linked('workspace:*', 'a@1.2.0', { entries: [entry('a@1.2.0')] }),
      project: members('workspace:*'),
      expected: ['edge-forged a'],
    },
    {
      why: 'a directory where a registry package is asked for',
      lockfile: lockfile([edge('ms', '2.1.3', '@@evil')], []),
      project: asksMs,
      expected: ['link-replaces-registry ms'],
    },
    {
      why: 'a copied directory where a registry package is asked for',
      lockfile: lockfile(
        [edge('ms', '2.1.3', 'evil')],
        [entry('ms@2.1.3', { id: 'evil', source: { type: 'directory', path: 'evil' } })],
      ),
      project: asksMs,
      expected: ['link-replaces-registry ms'],
    },
    {
      why: 'a directory that the lockfile calls a workspace and the project does not',
      lockfile: lockfile([], [], {
        importers: [
          { path: '.', edges: [edge('ms', '2.1.3', '!evil')], position: undefined },
          { path: 'evil', edges: [], position: undefined },
        ],
      }),
      project: asksMs,
      expected: ['link-replaces-registry ms', 'specifier-mismatch'],
    },
    {
      why: 'a link that the manifest declares',
      lockfile: lockfile([edge('l', 'file:./l', '@@l')], []),
      project: project({ '.': { dependencies: { l: 'file:./l' } } }),
      expected: [],
    },
    {
      why: 'a link to another directory than the declared one',
      lockfile: lockfile([edge('l', 'file:./l', '@@evil')], []),
      project: project({ '.': { dependencies: { l: 'file:./l' } } }),
      expected: ['edge-forged l'],
    },
    {
      why: 'a path relative to the workspace that asks',
      lockfile: lockfile([], [], {
        importers: [
          { path: '.', edges: [], position: undefined },
          { path: 'packages/a', edges: [edge('l', 'link:../../l', '@@l')], position: undefined },
        ],
      }),
      project: project({ '.': {}, 'packages/a': { dependencies: { l: 'link:../../l' } } }),
      expected: [],
    },
    {
      why: 'a link that pnpm is told to leave out',
      lockfile: lockfile([], [], { format: 'pnpm' }),
      project: project({ '.': { dependencies: { l: 'link:./l' } } }),
      expected: [],
    },
  ]);
});

describe('checkGraph: reachability', () => {
  run([
    {
      why: 'an entry that nothing asks for',
      lockfile: lockfile([edge('ms', '2.1.3', 'ms@2.1.3')], [ms, inherits]),
      project: asksMs,
      expected: ['unlisted-dependency'],
    },
    {
      why: 'a ring that nothing outside leads to',
      lockfile: lockfile(
        [],
        [
          entry('a@1.0.0', { edges: [edge('b', '1.0.0', 'b@1.0.0')] }),
          entry('b@1.0.0', { edges: [edge('a', '1.0.0', 'a@1.0.0')] }),
        ],
      ),
      project: project({ '.': {} }),
      expected: ['unlisted-dependency', 'unlisted-dependency'],
    },
    {
      why: 'a bundled entry of a parent that is itself unreachable',
      lockfile: lockfile([], [entry('a@1.0.0'), entry('b@1.0.0', { source: { type: 'bundled', parent: 'a@1.0.0' } })]),
      project: project({ '.': {} }),
      expected: ['unlisted-dependency', 'unlisted-dependency'],
    },
    {
      why: 'entries behind peers, bundles and patches, without a project too',
      lockfile: lockfile(
        [edge('a', '1.0.0', 'a@1.0.0')],
        [
          entry('a@1.0.0', { edges: [edge('b', '1.0.0', 'b@1.0.0', 'peer'), edge('p', '1.0.0', 'p-patched')] }),
          entry('b@1.0.0'),
          entry('c@1.0.0', { source: { type: 'bundled', parent: 'b@1.0.0' } }),
          entry('p@1.0.0', { id: 'p-patched', source: { type: 'patched', inner: 'p@1.0.0' } }),
          entry('p@1.0.0'),
        ],
      ),
      expected: [],
    },
    {
      why: 'a peer of npm’s version 1, which does not record who needs it',
      lockfile: lockfile([], [entry('a@1.0.0', { flags: { ...NO_FLAGS, peer: true } })], { formatVersion: '1' }),
      project: project({ '.': {} }),
      expected: [],
    },
    {
      why: 'the same flag in version 3, which does',
      lockfile: lockfile([], [entry('a@1.0.0', { flags: { ...NO_FLAGS, peer: true } })]),
      project: project({ '.': {} }),
      expected: ['unlisted-dependency'],
    },
  ]);
});

describe('checkGraph: overrides', () => {
  const tree = (target: LockedPackage): Lockfile =>
    lockfile(
      [edge('debug', '4.4.3', 'debug@4.4.3')],
      [entry('debug@4.4.3', { edges: [edge('ms', '^2.1.3', target.id)] }), target],
    );
  const own = (...overrides: readonly ReturnType<typeof override>[]): Project =>
    project({ '.': { dependencies: { debug: '4.4.3' } } }, { overrides });
  const old = entry('ms@2.0.0');
  run([
    {
      why: 'a version that an override explains',
      lockfile: tree(old),
      project: own(override('ms', '2.0.0')),
      expected: [],
    },
    {
      why: 'another package that an override explains',
      lockfile: tree(inherits),
      project: own(override('ms', 'npm:inherits@2.0.4')),
      expected: [],
    },
    {
      why: 'an override below the right package',
      lockfile: tree(old),
      project: own(override('ms', '2.0.0', 'debug')),
      expected: [],
    },
    {
      why: 'an override below the right version',
      lockfile: tree(old),
      project: own(override('ms', '2.0.0', 'debug@^4.0.0')),
      expected: [],
    },
    {
      why: 'an override of specifiers that meet its range',
      lockfile: tree(old),
      project: own(override('ms@2', '2.0.0')),
      expected: [],
    },
    {
      why: 'an override that asks for another package still',
      lockfile: tree(old),
      project: own(override('ms', 'npm:inherits@2.0.4')),
      expected: ['edge-unsatisfied ms'],
    },
    {
      why: 'an override below another package',
      lockfile: tree(old),
      project: own(override('ms', '2.0.0', 'express')),
      expected: ['edge-unsatisfied ms'],
    },
    {
      why: 'an override below another version',
      lockfile: tree(old),
      project: own(override('ms', '2.0.0', 'debug@^3.0.0')),
      expected: ['edge-unsatisfied ms'],
    },
    {
      why: 'an override of another dependency',
      lockfile: tree(old),
      project: own(override('debug', '2.0.0')),
      expected: ['edge-unsatisfied ms'],
    },
    {
      why: 'an override of another range',
      lockfile: tree(old),
      project: own(override('ms@1', '2.0.0')),
      expected: ['edge-unsatisfied ms'],
    },
    {
      why: 'a lockfile that does not follow an override, though the version is in range',
      lockfile: tree(entry('ms@2.1.4')),
      project: own(override('ms', '2.1.3')),
      expected: ['edge-unsatisfied ms'],
    },
    {
      why: 'a dependency that pnpm is told to remove',
      lockfile: { ...tree(ms), format: 'pnpm', entries: [entry('debug@4.4.3', { edges: [edge('ms', '^2.1.3', '')] })] },
      project: own(override('ms', '-')),
      expected: [],
    },
    {
      why: 'a removed dependency that is locked all the same',
      lockfile: { ...tree(ms), format: 'pnpm' },
      project: own(override('ms', '-')),
      expected: ['edge-unsatisfied ms'],
    },
    {
      why: 'an override that only the lockfile claims',
      lockfile: {
        ...tree(inherits),
        format: 'bun',
        claims: { ...tree(ms).claims, overrides: new Map([['ms', 'npm:inherits@2.0.4']]) },
      },
      project: own(),
      expected: ['name-mismatch ms', 'override-undeclared ms'],
    },
    {
      why: 'a claim that says something else than the project',
      lockfile: {
        ...tree(ms),
        format: 'pnpm',
        claims: { ...tree(ms).claims, overrides: new Map([['debug>ms', '2.0.0']]) },
      },
      project: own(override('ms', '2.1.3', 'debug')),
      expected: ['override-undeclared ms'],
    },
    {
      why: 'an extension that only the lockfile claims',
      lockfile: { ...tree(ms), claims: { ...tree(ms).claims, packageExtensions: ['ms@2'] } },
      project: own(),
      expected: ['override-undeclared ms'],
    },
    {
      why: 'a catalog that the lockfile restates',
      lockfile: {
        ...tree(ms),
        format: 'pnpm',
        claims: { ...tree(ms).claims, catalogs: new Map([['default', new Map([['ms', '2.1.3']])]]) },
      },
      project: own(),
      expected: ['specifier-mismatch ms'],
    },
  ]);

  test('npm: an override is in force anywhere below its parent, in pnpm for the direct dependent alone', () => {
    const deep = lockfile(
      [edge('a', '1.0.0', 'a@1.0.0')],
      [
        entry('a@1.0.0', { edges: [edge('debug', '4.4.3', 'debug@4.4.3')] }),
        entry('debug@4.4.3', { edges: [edge('ms', '^2.1.3', 'ms@2.0.0')] }),
        old,
      ],
    );
    const declares = project({ '.': { dependencies: { a: '1.0.0' } } }, { overrides: [override('ms', '2.0.0', 'a')] });
    assert.deepEqual(alarms(checkGraph(deep, declares)), []);
    assert.deepEqual(alarms(checkGraph({ ...deep, format: 'pnpm' }, declares)), ['edge-unsatisfied ms']);
  });

  test('an override in force is listed', () => {
    assert.deepEqual(codes(checkGraph(tree(old), own(override('ms', '2.0.0')))), ['override-applied']);
  });

  test('without a project the lockfile’s claims are taken at its word, and a note says that nothing was checked', () => {
    const claims = { ...tree(ms).claims, overrides: new Map([['ms', 'npm:inherits@2.0.4']]) };
    const found = checkGraph({ ...tree(inherits), format: 'bun', claims }, undefined);
    assert.deepEqual(codes(found), ['project-missing', 'override-applied']);
  });
});

describe('checkGraph: sources', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  const git = (repository: string, pin: string | undefined = commit): Source => ({
    type: 'git',
    repository,
    commit: pin,
    path: undefined,
  });
  const of = (spec: string, source: Source, asked = spec): [Lockfile, Project] => [
    lockfile([edge('x', spec, 'x')], [entry('x@1.0.0', { id: 'x', source })]),
    project({ '.': { dependencies: { x: asked } } }),
  ];
  const cases: readonly (readonly [why: string, pair: [Lockfile, Project], expected: readonly string[]])[] = [
    ['a pinned commit of the declared repository', of('github:a/x#v1', git('git+ssh://git@github.com/a/x.git')), []],
    ['the commit that the manifest itself names', of(`a/x#${commit}`, git('git@github.com:a/x.git')), []],
    [
      'the host’s archive of a declared repository',
      of('a/x', { type: 'tarball', url: `https://codeload.github.com/a/x/tar.gz/${commit}` }),
      [],
    ],
    ['a declared tarball', of('https://h.example/x.tgz', { type: 'tarball', url: 'https://h.example/x.tgz#abc' }), []],
    ['no commit', of('a/x', git('git+https://github.com/a/x.git', '')), ['git-unpinned']],
    ['a short commit', of('a/x', git('git+https://github.com/a/x.git', '0123456')), ['git-unpinned']],
    ['a branch for a commit', of('a/x', git('git+https://github.com/a/x.git', 'main')), ['git-unpinned']],
    ['another repository', of('a/x', git('git+https://github.com/evil/x.git')), ['edge-forged x']],
    ['another host', of('a/x', git('git+https://evil.example/a/x.git')), ['edge-forged x']],
    [
      'another commit than the one named',
      of(`a/x#${'f'.repeat(40)}`, git('git+https://github.com/a/x.git')),
      ['edge-forged x'],
    ],
    [
      'another tarball',
      of('https://h.example/x.tgz', { type: 'tarball', url: 'https://evil.example/x.tgz' }),
      ['edge-forged x'],
    ],
    ['git for a registry package', of('^1.0.0', git('git+https://github.com/a/x.git')), ['non-registry-source x']],
    [
      'a tarball for a registry package',
      of('^1.0.0', { type: 'tarball', url: 'https://h.example/x.tgz' }),
      ['non-registry-source x'],
    ],
    [
      'a registry package for git',
      of('a/x', { type: 'registry', url: undefined, namedRegistry: undefined }),
      ['edge-forged x'],
    ],
    ['a file outside the project', of('file:../x', { type: 'directory', path: '../x' }), ['path-outside-project']],
    ['an absolute path', of('file:/x', { type: 'directory', path: '/x' }), ['path-outside-project']],
    [
      'a path with backslashes',
      of('file:a', { type: 'directory', path: 'a\\..\\..\\x' }),
      ['edge-forged x', 'path-outside-project'],
    ],
    ['an entry of no known kind', of('^1.0.0', { type: 'unknown', reason: 'odd' }), ['unknown-class']],
  ];
  for (const [why, [lock, own], expected] of cases) {
    test(`${expected.length === 0 ? 'accepts' : 'finds'} ${why}`, () => {
      assert.deepEqual(alarms(checkGraph(lock, own)), expected);
    });
  }

  test('a registry entry without a version', () => {
    const lock = lockfile([edge('ms', '2.1.3', 'ms')], [entry('ms')]);
    assert.deepEqual(alarms(checkGraph(lock, asksMs)), ['version-missing']);
  });

  for (const type of ['git', 'tarball', 'file', 'directory', 'link'] as const) {
    test(`finds a ${type} that only a registry package asks for`, () => {
      const source: Source = {
        git: git('git+https://github.com/a/x.git'),
        tarball: { type: 'tarball', url: 'https://h.example/x.tgz' } as const,
        file: { type: 'file', path: 'x.tgz' } as const,
        directory: { type: 'directory', path: 'x' } as const,
        link: { type: 'link', path: 'x' } as const,
      }[type];
      const spec = {
        git: 'a/x',
        tarball: 'https://h.example/x.tgz',
        file: 'file:x.tgz',
        directory: 'file:x',
        link: 'link:x',
      }[type];
      const lock = lockfile(
        [edge('ms', '2.1.3', 'ms@2.1.3')],
        [entry('ms@2.1.3', { edges: [edge('x', spec, 'x')] }), entry('x@1.0.0', { id: 'x', source })],
      );
      const found = checkGraph(lock, asksMs).map(({ code }) => code);
      assert.ok(found.includes('undeclared-source'), found.join(', '));
    });
  }

  test('a source is declared if the project’s own directory, or an override, asks for it', () => {
    const x = entry('x@1.0.0', { id: 'x', source: git('git+https://github.com/a/x.git') });
    const local = lockfile(
      [edge('l', 'file:l', 'l')],
      [entry('l@1.0.0', { id: 'l', source: { type: 'directory', path: 'l' }, edges: [edge('x', 'a/x', 'x')] }), x],
    );
    assert.deepEqual(alarms(checkGraph(local, project({ '.': { dependencies: { l: 'file:l' } } }))), []);
    const overridden = lockfile(
      [edge('ms', '2.1.3', 'ms@2.1.3')],
      [entry('ms@2.1.3', { edges: [edge('x', '^1.0.0', 'x')] }), x],
    );
    assert.deepEqual(alarms(checkGraph(overridden, { ...asksMs, overrides: [override('x', 'a/x')] })), []);
  });
});

const bytes: LocalFile = {
  length: 3,
  md5: '900150983cd24fb0d6963f7d28e17f72',
  sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
  sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  sha256LF: 'lf',
  sha512: `ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f`,
  md5LF: 'md5lf',
};

describe('checkGraph: local tarballs', () => {
  const pin = (text: string): Pin => ({ kind: 'integrity', text, of: 'tarball' });
  const good = `sha512-${Buffer.from(bytes.sha512, 'hex').toString('base64')}`;
  const of = (own: Pin): Lockfile =>
    lockfile(
      [edge('x', 'file:x.tgz', 'x')],
      [entry('x@1.0.0', { id: 'x', source: { type: 'file', path: 'x.tgz' }, pin: own })],
    );
  const there = project({ '.': { dependencies: { x: 'file:x.tgz' } } }, { localTarballs: new Map([['x.tgz', bytes]]) });
  run([
    { why: 'the file that the lockfile records', lockfile: of(pin(good)), project: there, expected: [] },
    {
      why: 'a sha1 of it (Yarn 1 has no other)',
      lockfile: of(pin('sha1-qZk+NkcGgWq6PiVxeFDCbJzQ2J0=')),
      project: there,
      expected: [],
    },
    { why: 'no pin, which is another check’s affair', lockfile: of({ kind: 'none' }), project: there, expected: [] },
    {
      why: 'another file',
      lockfile: of(pin(`sha512-${'A'.repeat(86)}==`)),
      project: there,
      expected: ['local-tarball-mismatch'],
    },
    {
      why: 'one hash of two',
      lockfile: of(pin(`${good} sha512-${'A'.repeat(86)}==`)),
      project: there,
      expected: ['local-tarball-mismatch'],
    },
    {
      why: 'an algorithm that nobody knows',
      lockfile: of(pin('sha999-AAAA')),
      project: there,
      expected: ['local-tarball-mismatch'],
    },
    {
      why: 'no file',
      lockfile: of(pin(good)),
      project: { ...there, localTarballs: new Map() },
      expected: ['local-tarball-missing'],
    },
  ]);
});

describe('checkGraph: patches', () => {
  const declared = {
    selector: { name: 'ms', range: '2.1.3' },
    path: 'patches/ms.patch',
    file: bytes,
    origin: 'package.json',
  };
  const patched = (patch: LockedPackage['patch']): Lockfile =>
    lockfile([edge('ms', '2.1.3', 'ms@2.1.3')], [entry('ms@2.1.3', { patch })]);
  const own = (patches: Project['patches']): Project => ({ ...asksMs, patches });
  const path = 'patches/ms.patch';
  run([
    {
      why: 'npm’s sha512',
      lockfile: patched({ path, hash: { algorithm: 'sha512', value: bytes.sha512 } }),
      project: own([declared]),
      expected: [],
    },
    {
      why: 'pnpm’s hash of the text with LF',
      lockfile: patched({ path: undefined, hash: { algorithm: 'sha256', value: 'lf' } }),
      project: own([declared]),
      expected: [],
    },
    {
      why: 'pnpm 9’s md5',
      lockfile: patched({ path, hash: { algorithm: 'md5', value: 'md5lf' } }),
      project: own([declared]),
      expected: [],
    },
    {
      why: 'bun’s path without a hash',
      lockfile: patched({ path, hash: undefined }),
      project: own([declared]),
      expected: [],
    },
    {
      why: 'Yarn’s 24 bits',
      lockfile: patched({ path, hash: { algorithm: 'hex-prefix', value: 'c956ca' } }),
      project: own([{ ...declared, yarnHash: 'c956ca' }]),
      expected: [],
    },
    {
      why: 'Yarn’s own compatibility patch',
      lockfile: patched({ path: undefined, hash: { algorithm: 'hex-prefix', value: 'df0bf1' } }),
      project: own([]),
      expected: [],
    },
    {
      why: 'another file than npm recorded',
      lockfile: patched({ path, hash: { algorithm: 'sha512', value: '00' } }),
      project: own([declared]),
      expected: ['patch-mismatch'],
    },
    {
      why: 'another file than pnpm recorded',
      lockfile: patched({ path, hash: { algorithm: 'sha256', value: '00' } }),
      project: own([declared]),
      expected: ['patch-mismatch'],
    },
    {
      why: 'a patch that Yarn could not parse',
      lockfile: patched({ path, hash: { algorithm: 'hex-prefix', value: 'c956ca' } }),
      project: own([declared]),
      expected: ['patch-mismatch'],
    },
    {
      why: 'a patch file that is not there',
      lockfile: patched({ path, hash: undefined }),
      project: own([{ ...declared, file: undefined }]),
      expected: ['patch-missing'],
    },
    {
      why: 'a patch that the project does not declare',
      lockfile: patched({ path, hash: undefined }),
      project: own([]),
      expected: ['override-undeclared'],
    },
    {
      why: 'a patch declared for another version',
      lockfile: patched({ path: undefined, hash: { algorithm: 'sha256', value: 'lf' } }),
      project: own([{ ...declared, selector: { name: 'ms', range: '1.0.0' } }]),
      expected: ['override-undeclared'],
    },
    {
      why: 'a patch declared for another package',
      lockfile: patched({ path, hash: undefined }),
      project: own([{ ...declared, selector: { name: 'inherits', range: undefined } }]),
      expected: ['override-undeclared'],
    },
    {
      why: 'a patch file outside the project',
      lockfile: patched({ path: '../ms.patch', hash: undefined }),
      project: own([{ ...declared, path: '../ms.patch', file: undefined }]),
      expected: ['path-outside-project'],
    },
    {
      why: 'a claim that no entry bears out',
      lockfile: {
        ...patched(undefined),
        claims: {
          ...patched(undefined).claims,
          patches: new Map([['ms@2.1.3', { path: undefined, hash: { algorithm: 'sha256', value: '00' } }]]),
        },
      },
      project: own([declared]),
      expected: ['patch-mismatch ms'],
    },
  ]);

  test('a declared patch in force is listed', () => {
    const lock = patched({ path, hash: undefined });
    assert.deepEqual(codes(checkGraph(lock, own([declared]))), ['patch-applied']);
  });
});

describe('checkGraph: config dependencies', () => {
  const config = entry('is-odd@3.0.1', { flags: { ...NO_FLAGS, config: true } });
  const lock = (spec: string, to = config): Lockfile =>
    lockfile([edge('is-odd', spec, to.id, 'dev')], [to], { format: 'pnpm' });
  const declares = (spec: string): Project => project({ '.': {} }, { configDependencies: new Map([['is-odd', spec]]) });
  run([
    { why: 'one that the project declares', lockfile: lock('3.0.1'), project: declares('3.0.1'), expected: [] },
    {
      why: 'one that is declared with its integrity',
      lockfile: lock('3.0.1'),
      project: declares('3.0.1+sha512-abc=='),
      expected: [],
    },
    {
      why: 'one that nothing declares',
      lockfile: lock('3.0.1'),
      project: project({ '.': {} }),
      expected: ['specifier-mismatch is-odd'],
    },
    {
      why: 'another version',
      lockfile: lock('3.0.1'),
      project: declares('3.0.0'),
      expected: ['edge-unsatisfied is-odd'],
    },
    {
      why: 'another package',
      lockfile: lock('3.0.1', { ...config, id: 'e', name: 'evil' }),
      project: declares('3.0.1'),
      expected: ['edge-forged is-odd'],
    },
  ]);
});

describe('checkGraph: edges straight to a directory', () => {
  run([
    {
      why: 'a link out of the project, though the manifest declares it',
      lockfile: lockfile([edge('l', 'link:../l', '@@../l')], [], { format: 'pnpm' }),
      project: project({ '.': { dependencies: { l: 'link:../l' } } }),
      expected: ['path-outside-project l'],
    },
    {
      why: 'a registry package that leads to a directory of the project',
      lockfile: lockfile(
        [edge('ms', '2.1.3', 'ms@2.1.3')],
        [entry('ms@2.1.3', { edges: [edge('x', undefined, '@@x')] })],
        {
          format: 'pnpm',
        },
      ),
      project: asksMs,
      expected: ['undeclared-source x'],
    },
    {
      why: 'the same by a declared override',
      lockfile: lockfile(
        [edge('ms', '2.1.3', 'ms@2.1.3')],
        [entry('ms@2.1.3', { edges: [edge('x', undefined, '@@x')] })],
        {
          format: 'pnpm',
        },
      ),
      project: { ...asksMs, overrides: [override('x', 'link:./x')] },
      expected: [],
    },
  ]);
});

test('checkGraph ends on anything that a lockfile can say, and finds the same each time', () => {
  const text = fc.oneof(
    fc.constantFrom('ms', 'a', '^1.0.0', '*', '', 'npm:ms@1', 'workspace:*', 'file:../x', 'a/b#c', 'catalog:', '-'),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const id = fc.constantFrom('e0', 'e1', 'e2', '!.', '!w', '@@x', '');
  const edges = fc.array(
    fc.tuple(text, fc.option(text, { nil: undefined }), id, fc.constantFrom<Edge['kind']>('prod', 'peer', 'optional')),
    { maxLength: 4 },
  );
  const source: fc.Arbitrary<Source> = fc.oneof(
    text.map((url) => ({ type: 'tarball', url }) as const),
    fc.tuple(text, text).map(([repository, commit]) => ({ type: 'git', repository, commit, path: undefined }) as const),
    text.map((path) => ({ type: 'link', path }) as const),
    text.map((path) => ({ type: 'workspace', path }) as const),
    fc.constantFrom('e0', 'e1').map((inner) => ({ type: 'patched', inner }) as const),
    fc.constantFrom('e0', 'e1').map((parent) => ({ type: 'bundled', parent }) as const),
    fc.constant({ type: 'registry', url: undefined, namedRegistry: undefined } as const),
  );
  const own = project(
    { '.': { name: 't', dependencies: { ms: '^1.0.0' } }, w: { name: 'a' } },
    { overrides: [override('ms', '1', 'a')] },
  );
  fc.assert(
    fc.property(
      edges,
      fc.array(fc.tuple(text, text, source, edges), { minLength: 3, maxLength: 3 }),
      fc.constantFrom<LockfileFormat>('npm', 'pnpm', 'yarn-classic', 'yarn-berry', 'bun', 'deno', 'vlt'),
      (root, all, format) => {
        const lock = lockfile(
          root.map((parts) => edge(...parts)),
          all.map(([name, version, from, to], index) =>
            entry(`e${index}`, { name, version, source: from, edges: to.map((parts) => edge(...parts)) }),
          ),
          { format },
        );
        for (const each of [own, undefined]) assert.deepEqual(checkGraph(lock, each), checkGraph(lock, each));
      },
    ),
  );
});

test('checkGraph reports lockfiles that shadow this one', () => {
  const found = checkGraph(lockfile([], []), project({ '.': {} }, { otherLockfiles: ['yarn.lock'] }));
  assert.deepEqual(found, [{ code: 'shadowing-lockfile', found: 'yarn.lock' }]);
});
