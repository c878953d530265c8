import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LockedPackage, Lockfile } from '@lockseal/core';
import type { InstalledFolder, ScriptPermit, ScriptPlan } from '../../src/index.ts';
import { planScripts } from '../../src/scripts/plan.ts';
import { scriptsIn } from '../../src/scripts/read-scripts.ts';
import { edgeTo, lockedPackage } from './support/lockfile.ts';

const COMMIT = 'c'.repeat(40);
const git = { type: 'git', repository: 'https://x.test/a.git', commit: COMMIT, path: undefined } as const;

const digestOf = (json: object): string => scriptsIn(json, 'package.json', false).scripts.sha256 ?? '';
const permit = (more: Partial<ScriptPermit>): ScriptPermit => ({
  sha256: undefined,
  commit: undefined,
  network: [],
  outputs: undefined,
  env: [],
  timeout: 1,
  memory: 1,
  ...more,
});

interface Setting {
  readonly entries: readonly LockedPackage[];
  /** package.json by folder; a folder lies at `/<entry>` or `/<entry>/<n>`. */
  readonly manifests: Readonly<Record<string, object>>;
  readonly permits?: Readonly<Record<string, readonly ScriptPermit[]>>;
}

async function plan({ entries, manifests, permits = {} }: Setting): Promise<ScriptPlan> {
  const folders = Object.keys(manifests).map((directory): InstalledFolder => ({
    entry: directory.split('/')[1] ?? '',
    directory,
  }));
  return planScripts({
    lockfile: { entries, importers: [] } as unknown as Lockfile,
    folders,
    permitsFor: (name) => permits[name] ?? [],
    pathTo: (entry) => ['.', entry],
    read: async (directory) => scriptsIn(manifests[directory], directory, false),
  });
}

const INSTALL = { scripts: { install: 'make' } };
const shown = ({ approved, held }: ScriptPlan): readonly string[] => [
  ...approved.map(({ directory }) => `approved ${directory}`),
  ...held.map(({ directory, why }) => `${why} ${directory}`),
];

describe('which scripts run', () => {
  test('those whose digest the policy lists; others are held, and why', async () => {
    const made = await plan({
      entries: ['a', 'b', 'c', 'd'].map((name) => lockedPackage(name)),
      manifests: { '/a': INSTALL, '/b': INSTALL, '/c': INSTALL, '/d': {} },
      permits: { a: [permit({ sha256: digestOf(INSTALL) })], b: [permit({ sha256: 'f'.repeat(64) })] },
    });
    assert.deepEqual(shown(made), ['approved /a', 'changed /b', 'unlisted /c']);
  });

  test('of several entries for one package the first that fits counts', async () => {
    const sha256 = digestOf(INSTALL);
    const permits = [
      permit({ sha256: 'f'.repeat(64) }),
      permit({ sha256, timeout: 7 }),
      permit({ sha256, timeout: 9 }),
    ];
    const { approved } = await plan({
      entries: [lockedPackage('a')],
      manifests: { '/a': INSTALL },
      permits: { a: permits },
    });
    assert.equal(approved[0]?.permit.timeout, 7);
  });

  test('every folder of a package, after those of what it depends on, in a fixed order', async () => {
    const sha256 = digestOf(INSTALL);
    const made = await plan({
      entries: [lockedPackage('a', { edges: [edgeTo('b')] }), lockedPackage('b')],
      manifests: { '/a/2': INSTALL, '/a/1': INSTALL, '/b': INSTALL },
      permits: { a: [permit({ sha256 })], b: [permit({ sha256 })] },
    });
    assert.deepEqual(shown(made), ['approved /b', 'approved /a/1', 'approved /a/2']);
  });

  test('a git dependency by its commit; preparing it is held even so', async () => {
    const manifest = { scripts: { install: 'x', prepare: 'tsc' } };
    const made = await plan({
      entries: [lockedPackage('a', { source: git }), lockedPackage('b', { source: git })],
      manifests: { '/a': manifest, '/b': manifest },
      permits: { a: [permit({ commit: COMMIT })], b: [permit({ commit: 'd'.repeat(40) })] },
    });
    assert.deepEqual(shown(made), ['approved /a', 'prepare /a', 'prepare /b', 'changed /b']);
  });

  test('a commit approves nothing of a registry package, and no commit is no commit', async () => {
    const made = await plan({
      entries: [lockedPackage('a'), lockedPackage('b', { source: { ...git, commit: undefined } })],
      manifests: { '/a': INSTALL, '/b': INSTALL },
      permits: { a: [permit({ commit: COMMIT })], b: [permit({})] },
    });
    assert.deepEqual(shown(made), ['changed /a', 'changed /b']);
  });

  test("the project's own folders are nobody's packages", async () => {
    const made = await plan({
      entries: [
        lockedPackage('w', { source: { type: 'workspace', path: 'w' } }),
        lockedPackage('l', { source: { type: 'link', path: '../l' } }),
      ],
      manifests: { '/w': INSTALL, '/l': INSTALL },
    });
    assert.deepEqual(shown(made), []);
  });

  test('what lies in a zip is held, approved or not, and why', async () => {
    const sha256 = digestOf(INSTALL);
    const of = (entry: string, json: object) => ({
      entry,
      file: `/${entry}.zip`,
      found: scriptsIn(json, entry, false),
    });
    const permits: Readonly<Record<string, readonly ScriptPermit[]>> = { a: [permit({ sha256 })], b: [permit({})] };
    const made = await planScripts({
      lockfile: {
        entries: ['a', 'b', 'c', 'd'].map((name) => lockedPackage(name)),
        importers: [],
      } as unknown as Lockfile,
      folders: [],
      zipped: [of('a', INSTALL), of('b', INSTALL), of('c', INSTALL), of('d', {})],
      permitsFor: (name) => permits[name] ?? [],
      pathTo: (entry) => ['.', entry],
    });
    assert.deepEqual(shown(made), ['zipped /a.zip', 'changed /b.zip', 'unlisted /c.zip']);
  });

  test('a folder of an entry that is not locked is a fault of ours', async () => {
    await assert.rejects(plan({ entries: [], manifests: { '/a': INSTALL } }), { code: 'ERR_INTERNAL' });
  });

  test('what is found tells where it comes from', async () => {
    const { held } = await plan({ entries: [lockedPackage('a')], manifests: { '/a': INSTALL } });
    assert.deepEqual(held[0]?.path, ['.', 'a']);
    assert.deepEqual(held[0]?.steps, [{ name: 'install', event: 'install', text: 'make' }]);
  });
});
