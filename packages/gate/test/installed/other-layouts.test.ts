// What only one package manager does, made by hand: permitted for that one, and a finding where it goes further.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import type { LockedPackage, LockfileFormat, Source } from '@lockseal/core';
import type { InstalledRequest } from '@lockseal/gate';
import { pack, unpack, type Packed } from './support/packages.ts';
import {
  approvalOf,
  comparisonOf,
  entryOf,
  lockfileOf,
  openDisk,
  toldOf,
  type Comparison,
  type Disk,
  type Edges,
  type EntryFacts,
} from './support/project.ts';

interface Placed {
  readonly place: string;
  readonly of: Packed;
  readonly facts?: EntryFacts;
}

/** A project whose packages lie where they are said to lie; the lockfile calls each `name@version`. */
async function project(
  t: TestContext,
  format: LockfileFormat,
  placed: readonly Placed[],
  { edges = {}, entries = [] }: { readonly edges?: Edges; readonly entries?: readonly LockedPackage[] } = {},
): Promise<{ readonly disk: Disk; readonly compare: Comparison }> {
  const disk = openDisk(t);
  for (const { place, of } of placed) await unpack(of, disk.at(place));
  const packed = Object.fromEntries(placed.map(({ of }) => [idOf(of), of]));
  const own = placed.map(({ of, facts }) => entryOf(idOf(of), of, facts));
  const request: InstalledRequest = {
    root: disk.root,
    lockfile: lockfileOf(format, [...own, ...entries], { '.': edges }),
    platform: { os: 'linux', cpu: 'x64' },
    ...approvalOf(packed),
  };
  return { disk, compare: comparisonOf(request) };
}

const idOf = ({ name, version }: Packed): string => `${name}@${version}`;
const permitted = async (compare: Comparison): Promise<readonly string[]> =>
  (await compare()).permitted.map(({ id }) => id);

const BUNDLER = pack('bundler', '1.0.0', {
  'index.js': '1\n',
  'node_modules/inner/package.json': '{"name":"inner","version":"1.0.0"}\n',
  'node_modules/inner/index.js': 'bundled\n',
});
const INNER = pack('inner', '1.0.0', { 'index.js': 'published\n', 'README.md': 'published\n' });

describe('Yarn 1 lays a locked package over a bundled one:', () => {
  const PLACE = 'node_modules/bundler/node_modules/inner';
  const merged = async (t: TestContext): ReturnType<typeof project> => {
    const made = await project(t, 'yarn-classic', [
      { place: 'node_modules/bundler', of: await BUNDLER },
      { place: 'node_modules/inner', of: await INNER },
    ]);
    made.disk.write(`${PLACE}/README.md`, 'published\n');
    return made;
  };

  test('its files may lie there', async (t) => {
    const { disk, compare } = await merged(t);
    assert.deepEqual(toldOf(await compare()), []);
    disk.write(`${PLACE}/index.js`, 'published\n');
    assert.deepEqual(toldOf(await compare()), []);
    assert.deepEqual(await permitted(compare), ['bundled-merged']);
  });

  test('other files, or others of the same name, may not', async (t) => {
    const { disk, compare } = await merged(t);
    disk.write(`${PLACE}/README.md`, 'PUBLISHED\n');
    disk.write(`${PLACE}/index.js`, 'evil\n');
    disk.write(`${PLACE}/evil.js`, 'evil\n');
    assert.deepEqual(
      toldOf(await compare()),
      [
        'changed file node_modules/bundler/node_modules/inner/index.js',
        'extra file node_modules/bundler/node_modules/inner/README.md',
        'extra file node_modules/bundler/node_modules/inner/evil.js',
      ].sort((a, b) => (a.slice(a.indexOf('inner/')) < b.slice(b.indexOf('inner/')) ? -1 : 1)),
    );
  });

  test('under npm none of it may', async (t) => {
    const disk = openDisk(t);
    await unpack(await BUNDLER, disk.at('node_modules/bundler'));
    disk.write(`${PLACE}/README.md`, 'published\n');
    const lockfile = lockfileOf('npm', [entryOf('node_modules/bundler', await BUNDLER)], {});
    const platform = { os: 'linux', cpu: 'x64' };
    const compare = comparisonOf({
      root: disk.root,
      lockfile,
      platform,
      ...approvalOf({ 'node_modules/bundler': await BUNDLER }),
    });
    assert.deepEqual(toldOf(await compare()), [`extra file ${PLACE}/README.md`]);
  });
});

describe("Yarn 4's node-modules linker", () => {
  test('leaves out what is bundled, and puts locked packages there', async (t) => {
    const { disk, compare } = await project(t, 'yarn-berry', [{ place: 'node_modules/bundler', of: await BUNDLER }]);
    fs.rmSync(disk.at('node_modules/bundler/node_modules'), { recursive: true });
    assert.deepEqual(toldOf(await compare()), []);
    assert.deepEqual(await permitted(compare), ['bundled-elsewhere']);
  });

  test('may not put anything else there', async (t) => {
    const { disk, compare } = await project(t, 'yarn-berry', [{ place: 'node_modules/bundler', of: await BUNDLER }]);
    assert.deepEqual(toldOf(await compare()), ['extra package node_modules/bundler/node_modules/inner']);
    fs.rmSync(disk.at('node_modules/bundler/node_modules/inner'), { recursive: true });
    disk.write('node_modules/bundler/node_modules/x.js', 'evil');
    assert.deepEqual(toldOf(await compare()), ['extra file node_modules/bundler/node_modules/x.js']);
  });
});

describe("Yarn 4's pnpm linker", () => {
  const PLACE = 'node_modules/.store/native-npm-1.0.0-aaaaaaaaaa/package';
  const placeholder = JSON.stringify({ name: 'native', mocked: true }, null, 2);
  const cases: readonly (readonly [why: string, files: Readonly<Record<string, string>>, isPermitted: boolean])[] = [
    ['a package.json with its name', { 'package.json': `${placeholder}\n` }, true],
    ['another name', { 'package.json': placeholder.replace('native', 'other') }, false],
    ['a program beside it', { 'package.json': placeholder, 'index.js': 'evil' }, false],
    ['a main file', { 'package.json': placeholder.replace('true', 'true,\n  "main": "/tmp/x.js"') }, false],
    ['a script', { 'package.json': placeholder.replace('true', 'true,\n  "scripts": {}') }, false],
  ];
  for (const [why, files, isPermitted] of cases) {
    test(`${isPermitted ? 'may' : 'may not'} put in the place of a package for another platform: ${why}`, async (t) => {
      const { disk, compare } = await project(t, 'yarn-berry', [
        {
          place: PLACE,
          of: await pack('native', '1.0.0', { 'index.js': '1\n' }),
          facts: { flags: { os: ['darwin'] } },
        },
      ]);
      fs.rmSync(disk.at(PLACE), { recursive: true });
      for (const [file, text] of Object.entries(files)) disk.write(`${PLACE}/${file}`, text);
      assert.equal(toldOf(await compare()).length === 0, isPermitted);
    });
  }
});

describe("Yarn 4's pnpm linker, where a package is for this platform", () => {
  const PLACE = 'node_modules/.store/native-npm-1.0.0-aaaaaaaaaa/package';
  const cases = [
    ['nothing says that it is for another', {}, false],
    ['it is for this one', { os: ['linux'], cpu: ['x64'] }, false],
    ['its C library may be another', { os: ['linux'], libc: ['musl'] }, true],
  ] as const;
  for (const [why, flags, isPermitted] of cases) {
    test(`${isPermitted ? 'may' : 'may not'} put nothing in its place: ${why}`, async (t) => {
      const of = await pack('native', '1.0.0', { 'index.js': '1\n' });
      const { disk, compare } = await project(t, 'yarn-berry', [{ place: PLACE, of, facts: { flags } }]);
      fs.rmSync(disk.at(PLACE), { recursive: true });
      disk.write(`${PLACE}/package.json`, JSON.stringify({ name: 'native', mocked: true }, null, 2));
      assert.equal(toldOf(await compare()).length === 0, isPermitted);
    });
  }
});

describe("a workspace beside the lockfile's folder", () => {
  const compareWith = async (t: TestContext, file: string): Promise<readonly string[]> => {
    const disk = openDisk(t);
    disk.write('shop/package.json', '{}');
    disk.write(file, 'evil');
    const lockfile = lockfileOf('pnpm', [], { '.': {}, '../shared': {} });
    const platform = { os: 'linux', cpu: 'x64' };
    const report = await comparisonOf({ root: disk.at('shop'), lockfile, platform, ...approvalOf({}) })();
    return report.undecided.map(({ place }) => place);
  };

  test('whose modules are not looked at is "could not decide"', async (t) => {
    assert.deepEqual(await compareWith(t, 'shared/node_modules/x/index.js'), ['../shared/node_modules']);
  });

  test('without modules of its own hides nothing', async (t) => {
    assert.deepEqual(await compareWith(t, 'shared/index.js'), []);
  });
});

describe('bun', () => {
  const tool = pack('tool', '1.0.0', { 'bin/tool': '#!/usr/bin/env node\n' }, { bin: { tool: 'bin/tool' } });
  const native = pack('tool-linux', '1.0.0', { 'bin/tool': 'program\n', 'bin/other': 'program\n' });
  const tools = async (t: TestContext, target: string): ReturnType<typeof project> => {
    const made = await project(t, 'bun', [
      {
        place: 'node_modules/tool',
        of: await tool,
        facts: { edges: { 'tool-linux': ['tool-linux@1.0.0', 'optional'] } },
      },
      { place: 'node_modules/tool-linux', of: await native },
    ]);
    made.disk.link('node_modules/.bin/tool', target);
    return made;
  };

  test("may start the platform's program of the same path", async (t) => {
    const { compare } = await tools(t, '../tool-linux/bin/tool');
    assert.deepEqual(toldOf(await compare()), []);
    assert.deepEqual(await permitted(compare), ['native-program']);
  });

  test('may not start another file of that package', async (t) => {
    const { compare } = await tools(t, '../tool-linux/bin/other');
    assert.deepEqual(toldOf(await compare()), ['changed program node_modules/.bin/tool']);
  });

  const tags: readonly (readonly [why: string, file: string, text: string, source: Source, isPermitted: boolean])[] = [
    ['in a local tarball', '.bun-tag', 'sha512-abc==\n', { type: 'file', path: 'x.tgz' }, true],
    ['in a package of the registry', '.bun-tag', 'sha512-abc==', entryOf('x', undefined).source, false],
    ['of two lines', '.bun-tag', 'a\nb\n', { type: 'file', path: 'x.tgz' }, false],
    ['of a patch, in a package that has none', '.bun-tag-0123456789abcdef', '', { type: 'file', path: 'x.tgz' }, false],
  ];
  for (const [why, file, text, source, isPermitted] of tags) {
    test(`${isPermitted ? 'may' : 'may not'} leave a tag ${why}`, async (t) => {
      const { disk, compare } = await project(t, 'bun', [
        { place: 'node_modules/inner', of: await INNER, facts: { source } },
      ]);
      disk.write(`node_modules/inner/${file}`, text);
      assert.deepEqual(toldOf(await compare()), isPermitted ? [] : [`extra file node_modules/inner/${file}`]);
    });
  }
});

describe('a copy of a folder of the project', () => {
  const entries = [
    entryOf('local@file:local', undefined, { name: 'local', source: { type: 'directory', path: './local' } }),
  ];
  const copied = async (t: TestContext): ReturnType<typeof project> => {
    const made = await project(t, 'bun', [], { entries, edges: { local: 'local@file:local' } });
    for (const folder of ['local', 'node_modules/local']) {
      made.disk.write(`${folder}/package.json`, '{"name":"local","version":"1.0.0"}\n');
      made.disk.write(`${folder}/index.js`, 'mine\n');
    }
    made.disk.write('local/test/index.js', 'mine\n');
    return made;
  };

  test('may leave files out', async (t) => {
    const { compare } = await copied(t);
    assert.deepEqual(toldOf(await compare()), []);
    assert.deepEqual(await permitted(compare), ['left-out']);
  });

  test('may neither change nor add any', async (t) => {
    const { disk, compare } = await copied(t);
    disk.write('node_modules/local/index.js', 'evil\n');
    disk.write('node_modules/local/evil.js', 'evil\n');
    assert.deepEqual(toldOf(await compare()), [
      'extra file node_modules/local/evil.js',
      'changed file node_modules/local/index.js',
    ]);
  });

  test('is not decided where the folder is not there, or is a link', async (t) => {
    const { disk, compare } = await copied(t);
    fs.renameSync(disk.at('local'), disk.at('elsewhere'));
    assert.deepEqual(toldOf(await compare()), ['? node_modules/local']);
    disk.link('local', 'elsewhere');
    assert.deepEqual(toldOf(await compare()), ['? node_modules/local']);
  });
});

describe('a git dependency', () => {
  const source: Source = {
    type: 'git',
    repository: 'https://example.com/x.git',
    commit: 'a'.repeat(40),
    path: undefined,
  };
  const entries = [entryOf('tool@git', undefined, { name: 'tool', version: '1.0.0', source })];
  const fetched = async (t: TestContext): ReturnType<typeof project> => {
    const made = await project(t, 'pnpm', [], { entries, edges: { tool: 'tool@git' } });
    made.disk.write('node_modules/tool/package.json', '{"name":"tool","version":"1.0.0"}\n');
    return made;
  };

  test('is not decided by itself', async (t) => {
    const { compare } = await fetched(t);
    const report = await compare();
    assert.deepEqual(toldOf(report), ['? node_modules/tool']);
    assert.deepEqual(report.asFetched, []);
  });

  test('is taken as it was fetched where the caller says so, which is reported', async (t) => {
    const { compare } = await fetched(t);
    const report = await compare({ asFetched: new Set(['tool@git']) });
    assert.deepEqual(toldOf(report), []);
    assert.deepEqual(report.asFetched, [{ package: 'tool@1.0.0', place: 'node_modules/tool' }]);
  });

  test('is missed if it is not there', async (t) => {
    const { disk, compare } = await fetched(t);
    fs.rmSync(disk.at('node_modules/tool'), { recursive: true });
    assert.deepEqual(toldOf(await compare({ asFetched: new Set(['tool@git']) })), [
      'missing package node_modules/tool',
    ]);
  });

  test('does not make a package with an approved tarball one that is taken', async (t) => {
    const { disk, compare } = await project(t, 'pnpm', [{ place: 'node_modules/inner', of: await INNER }]);
    disk.write('node_modules/inner/index.js', 'evil\n');
    const report = await compare({ asFetched: new Set(['inner@1.0.0']) });
    assert.deepEqual(toldOf(report), ['changed file node_modules/inner/index.js']);
  });
});

describe('two packages of one name and version', () => {
  test('are told apart by their bytes', async (t) => {
    const mine = await pack('twin', '1.0.0', { 'index.js': 'mine\n' }, { description: 'mine' });
    const theirs = await pack('twin', '1.0.0', { 'index.js': 'theirs\n' }, { description: 'theirs' });
    const disk = openDisk(t);
    await unpack(mine, disk.at('node_modules/.pnpm/one/node_modules/twin'));
    await unpack(theirs, disk.at('node_modules/.pnpm/two/node_modules/twin'));
    const lockfile = lockfileOf('pnpm', [entryOf('one', mine), entryOf('two', theirs)], {});
    const platform = { os: 'linux', cpu: 'x64' };
    const compare = comparisonOf({ root: disk.root, lockfile, platform, ...approvalOf({ one: mine, two: theirs }) });
    assert.deepEqual(toldOf(await compare()), []);
    disk.write('node_modules/.pnpm/two/node_modules/twin/index.js', 'mine\n');
    assert.deepEqual(toldOf(await compare()), ['changed file node_modules/.pnpm/two/node_modules/twin/index.js']);
  });

  test('a manifest that spells its version otherwise is known by its bytes', async (t) => {
    const odd = await pack('odd', 'v1.0.0', { 'index.js': '1\n' });
    const { compare } = await project(t, 'pnpm', [{ place: 'node_modules/odd', of: { ...odd, version: '1.0.0' } }]);
    assert.deepEqual(toldOf(await compare()), []);
  });
});

describe('a patched package', () => {
  const patch = { path: 'p.patch', hash: undefined };
  const bytes = Buffer.from(
    '--- a/index.js\n+++ b/index.js\n@@ -1 +1 @@\n-published\n+patched\n--- a/README.md\n+++ /dev/null\n@@ -1 +0,0 @@\n-published\n',
  );
  const patched = async (t: TestContext): ReturnType<typeof project> => {
    const made = await project(t, 'pnpm', [{ place: 'node_modules/inner', of: await INNER, facts: { patch } }]);
    made.disk.write('node_modules/inner/index.js', 'patched\n');
    fs.rmSync(made.disk.at('node_modules/inner/README.md'));
    return made;
  };

  test('is what the patch makes of it', async (t) => {
    const { compare } = await patched(t);
    const report = await compare({ patch: async () => bytes });
    assert.deepEqual(toldOf(report), []);
    assert.deepEqual(report.permitted, [{ id: 'patched', count: 2 }]);
  });

  test('is nothing else', async (t) => {
    const { disk, compare } = await patched(t);
    disk.write('node_modules/inner/index.js', 'evil\n');
    disk.write('node_modules/inner/new.js', 'evil\n');
    assert.deepEqual(toldOf(await compare({ patch: async () => bytes })), [
      'changed file node_modules/inner/index.js',
      'extra file node_modules/inner/new.js',
    ]);
  });

  test('without its patch is changed too', async (t) => {
    const { disk, compare } = await patched(t);
    disk.write('node_modules/inner/index.js', 'published\n');
    assert.deepEqual(toldOf(await compare({ patch: async () => bytes })), ['changed file node_modules/inner/index.js']);
  });

  test('is not decided where the patch is not known or cannot be read', async (t) => {
    const { compare } = await patched(t);
    const undecided = ['? node_modules/inner/README.md', '? node_modules/inner/index.js'];
    assert.deepEqual(toldOf(await compare()), undecided);
    assert.deepEqual(toldOf(await compare({ patch: async () => Buffer.from('rename from a\n') })), undecided);
  });
});

describe('what Yarn patches by itself', () => {
  const PLACE = 'node_modules/typescript';
  const digest = (files: Iterable<{ readonly path: string; readonly bytes: Uint8Array | undefined }>): string =>
    [...files]
      .map(({ path, bytes }) => `${path}=${bytes === undefined ? '' : Buffer.from(bytes).toString()}`)
      .join('|');
  const patched = async (t: TestContext): ReturnType<typeof project> => {
    const of = await pack('typescript', '5.0.0', { 'lib/tsc.js': 'tsc\n', 'a.js': 'a\n' });
    const entry = entryOf('typescript@patch', of, {
      source: { type: 'patched', inner: 'typescript@5.0.0' },
      pin: {
        kind: 'yarn-checksum',
        cacheKey: '10c0',
        lockfileCacheKey: '10c0',
        sha512: 'a.js=a\n|lib=|lib/tsc.js=patched\n|package.json={"name":"typescript","version":"5.0.0"}\n',
      },
    });
    const made = await project(t, 'yarn-berry', [{ place: PLACE, of }], { entries: [entry] });
    made.disk.write(`${PLACE}/lib/tsc.js`, 'patched\n');
    return made;
  };
  const yarnZip: InstalledRequest['yarnZip'] = (cacheKey, name, files) =>
    cacheKey === '10c0' && name === 'typescript' ? digest(files) : undefined;

  test('has the checksum that the lockfile records', async (t) => {
    const { compare } = await patched(t);
    const report = await compare({ yarnZip });
    assert.deepEqual(toldOf(report), []);
    assert.deepEqual(report.permitted, [{ id: 'patched', count: 1 }]);
  });

  const cases: readonly (readonly [why: string, act: (disk: Disk) => void])[] = [
    ['one byte more', (disk) => disk.write(`${PLACE}/lib/tsc.js`, 'patched\n ')],
    ['another file', (disk) => disk.write(`${PLACE}/x.js`, '')],
    ['a file less', (disk) => fs.rmSync(disk.at(`${PLACE}/a.js`))],
    ['an empty folder', (disk) => fs.mkdirSync(disk.at(`${PLACE}/x`))],
  ];
  for (const [why, act] of cases) {
    test(`is not decided with ${why}`, async (t) => {
      const { disk, compare } = await patched(t);
      act(disk);
      const report = await compare({ yarnZip });
      assert.ok(report.undecided.length > 0);
      assert.ok(report.undecided.every(({ place }) => place.startsWith(PLACE)));
    });
  }

  test('is not excused from bits and links', async (t) => {
    const { disk, compare } = await patched(t);
    fs.chmodSync(disk.at(`${PLACE}/a.js`), 0o755);
    disk.link(`${PLACE}/x`, '/etc');
    assert.deepEqual(toldOf(await compare({ yarnZip })), [`changed file ${PLACE}/a.js`, `extra file ${PLACE}/x`]);
  });

  test('is not decided where nothing rebuilds zips', async (t) => {
    const { compare } = await patched(t);
    assert.deepEqual(toldOf(await compare()), [`? ${PLACE}/lib/tsc.js`]);
  });
});
