import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EdgeTarget, Lockfile, Project } from '@lockseal/core';
import { bindProject, loadProject, readLockfile } from '@lockseal/lockfile';
import { MemoryFiles } from '../support/memory.ts';

type Files = Readonly<Record<string, string | object>>;

async function bind(path: string, text: string, files: Files): Promise<{ lockfile: Lockfile; project: Project }> {
  const read = readLockfile(path, new TextEncoder().encode(text));
  const project = await loadProject(read, '.', new MemoryFiles(files));
  assert.ok(project !== undefined);
  return { lockfile: bindProject(read, project), project };
}

/** Where the edge `name` of an importer, or of an entry, leads. */
function follow({ importers, entries }: Lockfile, from: string, name: string): string {
  const node = importers.find(({ path }) => path === from) ?? entries.find(({ id }) => id === from);
  const target: EdgeTarget | undefined = node?.edges.find((edge) => edge.name === name)?.target;
  if (target === undefined) return 'no edge';
  return target.type === 'entry' ? target.id : target.type === 'none' ? 'none' : `${target.type} ${target.path}`;
}

const CLASSIC = `# yarn lockfile v1


debug@4.4.3:
  version "4.4.3"
  resolved "https://registry.yarnpkg.com/debug/-/debug-4.4.3.tgz#c6ae432d9bd9662582fce08709b038c58e9e3d6a"
  dependencies:
    ms "^2.1.3"

inherits@2.0.4, ms@^2.1.3, "ms@npm:inherits@2.0.4":
  version "2.0.4"
  resolved "https://registry.yarnpkg.com/inherits/-/inherits-2.0.4.tgz#0fa2c64f932917c3433a0ded55363aae37416b7c"
`;

describe('bindProject: Yarn 1', () => {
  const root = { dependencies: { debug: '4.4.3' }, workspaces: ['p/*'] };

  test('makes importers from the manifests, workspaces among themselves', async () => {
    const { lockfile } = await bind('yarn.lock', CLASSIC, {
      'package.json': root,
      'p/a/package.json': { name: 'a', devDependencies: { b: '^1.0.0', inherits: '2.0.4', gone: '1' } },
      'p/b/package.json': { name: 'b', version: '1.2.0' },
    });
    assert.deepEqual(
      lockfile.importers.map(({ path }) => path),
      ['.', 'p/a', 'p/b'],
    );
    assert.equal(follow(lockfile, '.', 'debug'), 'debug@4.4.3');
    assert.equal(follow(lockfile, 'p/a', 'b'), 'importer p/b');
    assert.equal(follow(lockfile, 'p/a', 'inherits'), 'inherits@2.0.4');
    assert.equal(follow(lockfile, 'p/a', 'gone'), 'none');
  });

  test('a workspace out of range is no answer', async () => {
    const { lockfile } = await bind('yarn.lock', CLASSIC, {
      'package.json': { ...root, dependencies: { b: '^2.0.0' } },
      'p/b/package.json': { name: 'b', version: '1.2.0' },
    });
    assert.equal(follow(lockfile, '.', 'b'), 'none');
  });

  test('two names in one block are settled by a declared resolution, and only by that', async () => {
    const declared = await bind('yarn.lock', CLASSIC, {
      'package.json': { ...root, resolutions: { ms: 'npm:inherits@2.0.4' } },
    });
    assert.deepEqual(
      declared.lockfile.observations.filter(({ code }) => code === 'name-mismatch'),
      [],
    );
    const undeclared = await bind('yarn.lock', CLASSIC, { 'package.json': root });
    assert.ok(undeclared.lockfile.observations.some(({ code }) => code === 'name-mismatch'));
  });
});

const BERRY = `__metadata:
  version: 8
  cacheKey: 10c0

"debug@npm:4.4.3":
  version: 4.4.3
  resolution: "debug@npm:4.4.3"
  dependencies:
    ms: "npm:^2.1.3"
  languageName: node
  linkType: hard

"ms@npm:2.0.0":
  version: 2.0.0
  resolution: "ms@npm:2.0.0"
  languageName: node
  linkType: hard

"ms@npm:^2.1.3":
  version: 2.1.3
  resolution: "ms@npm:2.1.3"
  languageName: node
  linkType: hard

"t@workspace:.":
  version: 0.0.0-use.local
  resolution: "t@workspace:."
  dependencies:
    debug: "npm:4.4.3"
  languageName: unknown
  linkType: soft
`;

describe('bindProject: Yarn Berry', () => {
  const root = { name: 't', dependencies: { debug: '4.4.3' } };
  const cases: readonly (readonly [why: string, resolutions: Readonly<Record<string, string>>, expected: string])[] = [
    ['the descriptor, without a resolution', {}, 'ms@npm:2.1.3'],
    ['what a resolution diverts to', { ms: '2.0.0' }, 'ms@npm:2.0.0'],
    ['what a resolution below debug diverts to', { 'debug/ms': '2.0.0' }, 'ms@npm:2.0.0'],
    ['what a resolution of this very specifier diverts to', { 'ms@npm:^2.1.3': '2.0.0' }, 'ms@npm:2.0.0'],
    ['the descriptor: the resolution is of another specifier', { 'ms@npm:^2.0.0': '2.0.0' }, 'ms@npm:2.1.3'],
    ['the descriptor: the resolution is below another package', { 'express/ms': '2.0.0' }, 'ms@npm:2.1.3'],
    ['the descriptor: nothing is locked for the replacement', { ms: '1.0.0' }, 'ms@npm:2.1.3'],
  ];
  for (const [why, asked, expected] of [
    ['what the catalog says', 'catalog:', 'debug@npm:4.4.3'],
    ['what the named catalog says', 'catalog:named', 'debug@npm:4.4.3'],
    ['nowhere: that catalog has no such package', 'catalog:other', 'none'],
    ['nowhere: there is no such catalog', 'catalog:gone', 'none'],
  ] as const) {
    test(`an edge by catalog leads to ${why}`, async () => {
      const { lockfile } = await bind('yarn.lock', BERRY.replace('debug: "npm:4.4.3"', `debug: "${asked}"`), {
        'package.json': { name: 't', dependencies: { debug: asked } },
        '.yarnrc.yml': 'catalog:\n  debug: 4.4.3\ncatalogs:\n  named:\n    debug: npm:4.4.3\n  other:\n    ms: 2.0.0\n',
      });
      assert.equal(follow(lockfile, '.', 'debug'), expected);
    });
  }

  for (const [why, selector, expected] of [
    ['leads to what is locked for it', 'ms@^2.1.0', 'debug@npm:4.4.3'],
    ['is not there for a version out of range', 'ms@^3.0.0', 'no edge'],
    ['is not there for another package', 'mss', 'no edge'],
  ] as const) {
    test(`an edge that a package extension adds ${why}`, async () => {
      const { lockfile } = await bind('yarn.lock', BERRY, {
        'package.json': root,
        '.yarnrc.yml': `packageExtensions:\n  '${selector}':\n    dependencies:\n      debug: 4.4.3\n`,
      });
      assert.equal(follow(lockfile, 'ms@npm:2.1.3', 'debug'), expected);
    });
  }

  for (const [why, resolutions, expected] of cases) {
    test(`an edge leads to ${why}`, async () => {
      const { lockfile } = await bind('yarn.lock', BERRY, { 'package.json': { ...root, resolutions } });
      assert.equal(follow(lockfile, 'debug@npm:4.4.3', 'ms'), expected);
    });
  }
});

describe('bindProject: npm version 1, Deno', () => {
  test('version 1 files by place what manifests ask for', async () => {
    const lock = {
      lockfileVersion: 1,
      dependencies: {
        ms: { version: '2.0.0' },
        a: { version: 'file:p/a', dependencies: { ms: { version: '2.1.3' } } },
      },
    };
    const { lockfile } = await bind('package-lock.json', JSON.stringify(lock), {
      'package.json': { workspaces: ['p/*'], dependencies: { ms: '2.0.0', a: '*' } },
      'p/a/package.json': { name: 'a', dependencies: { ms: '2.1.3' } },
    });
    assert.equal(follow(lockfile, '.', 'ms'), 'node_modules/ms');
    assert.equal(follow(lockfile, '.', 'a'), 'importer p/a');
    assert.equal(follow(lockfile, 'p/a', 'ms'), 'node_modules/a/node_modules/ms');
  });

  test('Deno’s real names and ranges get the names under which the manifest asks', async () => {
    const lock = {
      version: '5',
      specifiers: { 'npm:ms@2': '2.1.3', 'npm:inherits@2.0.4': '2.0.4' },
      npm: { 'ms@2.1.3': {}, 'inherits@2.0.4': {} },
      workspace: { packageJson: { dependencies: ['npm:ms@2', 'npm:inherits@2.0.4'] } },
    };
    const { lockfile } = await bind('deno.lock', JSON.stringify(lock), {
      'package.json': { dependencies: { ms: '^2.0.0', al: 'npm:inherits@2.0.4' } },
    });
    assert.equal(follow(lockfile, '.', 'ms'), 'npm:ms@2.1.3');
    assert.equal(follow(lockfile, '.', 'al'), 'npm:inherits@2.0.4');
    assert.equal(follow(lockfile, '.', 'inherits'), 'no edge');
  });

  test('finds what Deno leaves out: workspaces of the project, and nothing else', async () => {
    const lock = {
      version: '5',
      npm: { 'ms@2.1.3': {} },
      specifiers: { 'npm:ms@2': '2.1.3' },
      workspace: { packageJson: { dependencies: ['npm:ms@2'] } },
    };
    const { lockfile } = await bind('deno.lock', JSON.stringify(lock), {
      'package.json': { workspaces: ['p/*'], dependencies: { ms: '^2.0.0', b: 'workspace:*', gone: '^1.0.0' } },
      'p/b/package.json': { name: 'b', version: '1.2.0' },
    });
    assert.equal(follow(lockfile, '.', 'b'), 'importer p/b');
    assert.equal(follow(lockfile, '.', 'gone'), 'no edge');
  });

  test('without a project the lockfile stays as read', () => {
    const read = readLockfile('yarn.lock', new TextEncoder().encode(BERRY));
    assert.equal(bindProject(read, undefined), read);
  });
});
