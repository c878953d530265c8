import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  LocksealError,
  NO_FLAGS,
  type LockedPackage,
  type LockfileFormat,
  type Project,
  type Source,
} from '@lockseal/core';
import { loadProject } from '@lockseal/lockfile';
import { emptyLockfile } from '../support/lockfile.ts';
import { MemoryFiles } from '../support/memory.ts';

type Files = Readonly<Record<string, string | object>>;

async function load(format: LockfileFormat, files: Files, entries: readonly LockedPackage[] = []): Promise<Project> {
  const project = await loadProject(emptyLockfile(format, entries), '.', new MemoryFiles(files));
  assert.ok(project !== undefined);
  return project;
}

/** `a@1 > b = 2`, in order. */
async function overrides(format: LockfileFormat, files: Files): Promise<string[]> {
  const project = await load(format, files);
  const show = ({ name, range }: { readonly name: string; readonly range: string | undefined }): string =>
    range === undefined ? name : `${name}@${range}`;
  return project.overrides.map(
    ({ parents, target, replacement }) => `${[...parents, target].map(show).join(' > ')} = ${replacement}`,
  );
}

function entry(source: Source, patch?: LockedPackage['patch']): LockedPackage {
  return {
    id: 'x',
    name: 'ms',
    version: '2.1.3',
    aliases: [],
    source,
    pin: { kind: 'none' },
    edges: [],
    flags: NO_FLAGS,
    hasInstallScript: undefined,
    patch,
    bundles: [],
    deprecated: undefined,
    position: undefined,
  };
}

describe('loadProject', () => {
  test('there is no project without a package.json', async () => {
    assert.equal(await loadProject(emptyLockfile('npm'), '.', new MemoryFiles({ 'yarn.lock': '' })), undefined);
  });

  test('paths begin with the lockfile’s directory', async () => {
    const files = new MemoryFiles({
      'web/package.json': { name: 'a', workspaces: ['p/*'] },
      'web/p/b/package.json': { name: 'b' },
    });
    const project = await loadProject(emptyLockfile('npm'), 'web', files);
    assert.deepEqual([...(project?.manifests.keys() ?? [])], ['.', 'p/b']);
    assert.ok(
      files.asked.every((path) => path.startsWith('web')),
      files.asked.join(' '),
    );
  });

  const overrideCases: readonly (readonly [
    why: string,
    format: LockfileFormat,
    files: Files,
    expected: readonly string[],
  ])[] = [
    [
      'npm: a flat one',
      'npm',
      { 'package.json': { overrides: { ms: '2.0.0', 'a@1': '1.2.3' } } },
      ['ms = 2.0.0', 'a@1 = 1.2.3'],
    ],
    [
      'npm: nested ones, with the package itself as "."',
      'npm',
      { 'package.json': { overrides: { a: { '.': '1.0.0', b: { 'c@^1': '2' } } } } },
      ['a = 1.0.0', 'a > b > c@^1 = 2'],
    ],
    [
      'npm: a reference to a direct dependency',
      'npm',
      { 'package.json': { dependencies: { ms: '^2.0.0' }, overrides: { ms: '$ms' } } },
      ['ms = ^2.0.0'],
    ],
    ['npm: an empty text is any version', 'npm', { 'package.json': { overrides: { ms: '' } } }, ['ms = *']],
    [
      'npm reads neither resolutions nor pnpm’s',
      'npm',
      { 'package.json': { resolutions: { ms: '1' }, pnpm: { overrides: { ms: '2' } } } },
      [],
    ],
    [
      'pnpm: from every place that it reads',
      'pnpm',
      {
        'package.json': { overrides: { ms: '0' }, resolutions: { ms: '1' }, pnpm: { overrides: { 'a@1>b@2': '3' } } },
        'pnpm-workspace.yaml': 'overrides:\n  c: "-"\n  d: "catalog:"\ncatalog:\n  d: 4.0.0\n',
      },
      ['ms = 1', 'a@1 > b@2 = 3', 'c = -', 'd = 4.0.0'],
    ],
    [
      'Yarn 1: paths',
      'yarn-classic',
      { 'package.json': { resolutions: { '**/a': '1', 'b/**/c': '2', '@s/d/e': '3' } } },
      ['a = 1', 'b > c = 2', '@s/d > e = 3'],
    ],
    [
      'Yarn Berry: the specifier asked for',
      'yarn-berry',
      { 'package.json': { resolutions: { 'a@npm:1.0.0': 'npm:2.0.0' } } },
      ['a@1.0.0 = npm:2.0.0'],
    ],
    [
      'bun: both spellings',
      'bun',
      { 'package.json': { resolutions: { a: '1' }, overrides: { b: '2' } } },
      ['a = 1', 'b = 2'],
    ],
    ['vlt: modifiers', 'vlt', { 'package.json': {}, 'vlt.json': { modifiers: { '#a': '1' } } }, ['a = 1']],
  ];
  for (const [why, format, files, expected] of overrideCases) {
    test(`overrides of ${why}`, async () => assert.deepEqual(await overrides(format, files), expected));
  }

  test('package extensions of npm, pnpm and Yarn Berry, each from its own file', async () => {
    const extension = { 'ms@2': { dependencies: { inherits: '2.0.4' } } };
    const yaml = 'packageExtensions:\n  ms@2:\n    dependencies:\n      inherits: 2.0.4\n';
    const places: readonly (readonly [LockfileFormat, Files])[] = [
      ['npm', { 'package.json': { packageExtensions: extension } }],
      ['pnpm', { 'package.json': { pnpm: { packageExtensions: extension } } }],
      ['pnpm', { 'package.json': {}, 'pnpm-workspace.yaml': yaml }],
      ['yarn-berry', { 'package.json': {}, '.yarnrc.yml': yaml }],
    ];
    for (const [format, files] of places) {
      const [found] = (await load(format, files)).packageExtensions;
      assert.deepEqual(found?.selector, { name: 'ms', range: '2' });
      assert.deepEqual(found?.dependencies, new Map([['inherits', '2.0.4']]));
    }
    assert.deepEqual(
      (await load('yarn-classic', { 'package.json': { packageExtensions: extension } })).packageExtensions,
      [],
    );
  });

  test('catalogs of pnpm, Yarn Berry and bun; the unnamed one is `default`', async () => {
    const yaml = 'catalog:\n  ms: 2.1.3\ncatalogs:\n  old:\n    ms: 1.0.0\n';
    const tables = { catalog: { ms: '2.1.3' }, catalogs: { old: { ms: '1.0.0' } } };
    const places: readonly (readonly [LockfileFormat, Files])[] = [
      ['pnpm', { 'package.json': {}, 'pnpm-workspace.yaml': yaml }],
      ['yarn-berry', { 'package.json': {}, '.yarnrc.yml': yaml }],
      ['bun', { 'package.json': tables }],
      ['bun', { 'package.json': { workspaces: { packages: [], ...tables } } }],
    ];
    for (const [format, files] of places) {
      const { catalogs } = await load(format, files);
      assert.equal(catalogs.get('default')?.get('ms'), '2.1.3', format);
      assert.equal(catalogs.get('old')?.get('ms'), '1.0.0', format);
    }
  });

  test('patches with their files; a file outside the project is never read', async () => {
    const files = new MemoryFiles({
      'package.json': {
        patchedDependencies: { 'ms@2.1.3': 'patches/ms.patch', a: 'gone.patch', b: '../b.patch', c: '/etc/passwd' },
      },
      'patches/ms.patch': 'a\r\nb\n',
    });
    const patches = (await loadProject(emptyLockfile('npm'), '.', files))?.patches ?? [];
    assert.deepEqual(
      patches.map(({ selector, file }) => [selector.name, file?.length]),
      [
        ['ms', 5],
        ['a', undefined],
        ['b', undefined],
        ['c', undefined],
      ],
    );
    assert.notEqual(patches[0]?.file?.sha256, patches[0]?.file?.sha256LF);
    assert.ok(!files.asked.some((path) => path.includes('..') || path.startsWith('/')), files.asked.join(' '));
  });

  test('Yarn Berry declares patches in dependencies and resolutions, relative to the one or the other', async () => {
    const locked = entry({ type: 'patched', inner: 'ms@npm:2.1.3' }, { path: 'p/a.patch', hash: undefined });
    const project = await load(
      'yarn-berry',
      {
        'package.json': {
          workspaces: ['w'],
          resolutions: { x: 'patch:x@npm%3A1.0.0#./p/x.patch', f: 'patch:f@1#optional!builtin<compat/f>' },
        },
        'w/package.json': { dependencies: { ms: 'patch:ms@npm%3A2.1.3#~/p/a.patch', n: 'patch:n@1#./n.patch' } },
        'p/a.patch': 'no patch',
        'w/n.patch': 'x',
      },
      [locked],
    );
    const found = project.patches.map(({ selector, path, file }) => [selector.name, path, file !== undefined]);
    assert.deepEqual(found, [
      ['ms', 'p/a.patch', true],
      ['n', 'w/n.patch', true],
      ['x', 'p/x.patch', false],
    ]);
  });

  test('config dependencies and ignored optional ones of pnpm', async () => {
    const project = await load('pnpm', {
      'package.json': { pnpm: { ignoredOptionalDependencies: ['a'] } },
      'pnpm-workspace.yaml':
        'configDependencies:\n  c: 1.0.0+sha512-x\n  d:\n    tarball: https://h.example/d.tgz\n    integrity: 2.0.0+sha512-y\n',
    });
    assert.deepEqual(
      project.configDependencies,
      new Map([
        ['c', '1.0.0+sha512-x'],
        ['d', '2.0.0+sha512-y'],
      ]),
    );
    assert.deepEqual(project.ignoredOptionalDependencies, ['a']);
  });

  test('local tarballs that the lockfile names; one outside the project is never read', async () => {
    const files = new MemoryFiles({ 'package.json': {}, 'v/x.tgz': 'abc' });
    const lockfile = emptyLockfile('npm', [
      entry({ type: 'file', path: './v/x.tgz' }),
      entry({ type: 'file', path: 'gone.tgz' }),
      entry({ type: 'file', path: '../../secret.tgz' }),
    ]);
    const project = await loadProject(lockfile, '.', files);
    assert.deepEqual([...(project?.localTarballs.keys() ?? [])], ['./v/x.tgz']);
    assert.equal(project?.localTarballs.get('./v/x.tgz')?.sha1, 'a9993e364706816aba3e25717850c26c9cd0d89d');
    assert.ok(!files.asked.some((path) => path.includes('secret')));
  });

  test('any other lockfile in the directory is one that some command reads', async () => {
    const files = {
      'package.json': {},
      'some.lock': '',
      'yarn.lock': '',
      'bun.lockb': '',
      'pnpm-lock.feature.yaml': '',
      'flake.lock': '',
    };
    assert.deepEqual((await load('npm', files)).otherLockfiles, ['bun.lockb', 'pnpm-lock.feature.yaml', 'yarn.lock']);
  });

  test('a directory that only the lockfile calls a workspace is none', async () => {
    const lockfile = { ...emptyLockfile('npm'), importers: [{ path: 'evil', edges: [], position: undefined }] };
    const project = await loadProject(
      lockfile,
      '.',
      new MemoryFiles({ 'package.json': {}, 'evil/package.json': { name: 'ms' } }),
    );
    assert.deepEqual([...(project?.manifests.keys() ?? [])], ['.']);
  });

  const broken: readonly (readonly [why: string, format: LockfileFormat, files: Files])[] = [
    ['JSON that is none', 'npm', { 'package.json': '{' }],
    [
      'a key twice, of which managers read the last',
      'npm',
      { 'package.json': '{"overrides":{"ms":"1"},"overrides":{}}' },
    ],
    ['a key twice, one of them escaped', 'npm', { 'package.json': '{"dependencies":{"ms":"1","m\\u0073":"2"}}' }],
    ['no object', 'npm', { 'package.json': '[]' }],
    ['a workspace with a broken manifest', 'npm', { 'package.json': { workspaces: ['a'] }, 'a/package.json': '{' }],
    ['workspaces that are a text', 'npm', { 'package.json': { workspaces: 'a' } }],
    ['a dependency that is a number', 'npm', { 'package.json': { dependencies: { ms: 2 } } }],
    ['an override that is a number', 'npm', { 'package.json': { overrides: { ms: 2 } } }],
    ['an override that refers to nothing', 'npm', { 'package.json': { overrides: { ms: '$ms' } } }],
    ['a resolution that is an object', 'yarn-classic', { 'package.json': { resolutions: { ms: {} } } }],
    ['YAML that is none', 'pnpm', { 'package.json': {}, 'pnpm-workspace.yaml': 'a: [' }],
    ['YAML with a key twice', 'pnpm', { 'package.json': {}, 'pnpm-workspace.yaml': 'overrides: {}\noverrides: {}\n' }],
    ['YAML with a merge key', 'pnpm', { 'package.json': {}, 'pnpm-workspace.yaml': 'overrides:\n  <<: {a: 1}\n' }],
    ['YAML that holds itself', 'pnpm', { 'package.json': {}, 'pnpm-workspace.yaml': 'a: &a\n  b: *a\n' }],
    ['YAML that is a list', 'yarn-berry', { 'package.json': {}, '.yarnrc.yml': '- a\n' }],
    ['bytes that are no UTF-8', 'npm', { 'package.json': '\u0000' }],
  ];
  for (const [why, format, files] of broken) {
    test(`cannot decide: ${why}`, async () => {
      await assert.rejects(load(format, files), (thrown) => {
        assert.ok(thrown instanceof LocksealError, String(thrown));
        assert.equal(thrown.code, 'ERR_PROJECT_UNREADABLE');
        assert.ok(thrown.details.file !== undefined);
        return true;
      });
    });
  }
});
