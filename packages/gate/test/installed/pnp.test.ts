// Yarn's Plug'n'Play: a map that every program loads, zips, and folders unpacked beside them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { LocksealError } from '@lockseal/core';
import { readPnpMap } from '../../src/installed/pnp/map.ts';
import { StrangeZip, zipFiles } from '../../src/installed/pnp/zip-files.ts';
import type { CommitFile } from '../../src/installed/run.ts';
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
} from './support/project.ts';
import { packZip, type ZipEntry } from './support/zip.ts';

const ALPHA_ZIP = '.yarn/cache/alpha-npm-1.0.0-aaaaaaaaaa-bbbbbbbbbb.zip';
const NATIVE = '.yarn/unplugged/native-npm-1.0.0-cccccccccc/node_modules/native';

/** What the map holds, as Yarn writes it. */
interface MapFacts {
  readonly packages: readonly (readonly [
    name: string | null,
    reference: string | null,
    location: string,
    dependencies: object,
  ])[];
  readonly fallbackPool: readonly (readonly [string, string])[];
}

const MAP: MapFacts = {
  packages: [
    [null, null, './', { alpha: 'virtual:abc#npm:1.0.0', native: 'npm:1.0.0', shop: 'workspace:.' }],
    ['shop', 'workspace:.', './', { alpha: 'virtual:abc#npm:1.0.0', native: 'npm:1.0.0', shop: 'workspace:.' }],
    ['alpha', 'npm:1.0.0', `./${ALPHA_ZIP}/node_modules/alpha/`, { alpha: 'npm:1.0.0', b: ['beta', 'npm:1.0.0'] }],
    [
      'alpha',
      'virtual:abc#npm:1.0.0',
      './.yarn/__virtual__/alpha-virtual-abc/0/cache/alpha-npm-1.0.0-aaaaaaaaaa-bbbbbbbbbb.zip/node_modules/alpha/',
      { alpha: 'virtual:abc#npm:1.0.0', b: ['beta', 'npm:1.0.0'], native: 'npm:1.0.0', '@types/x': null },
    ],
    [
      'beta',
      'npm:1.0.0',
      './.yarn/cache/beta-npm-1.0.0-dddddddddd-eeeeeeeeee.zip/node_modules/beta/',
      { beta: 'npm:1.0.0' },
    ],
    ['native', 'npm:1.0.0', `./${NATIVE}/`, { native: 'npm:1.0.0' }],
  ],
  fallbackPool: [],
};

function mapText({ packages, fallbackPool }: MapFacts): string {
  const data = packages.map(([name, reference, packageLocation, dependencies]) => [
    name,
    [[reference, { packageLocation, packageDependencies: Object.entries(dependencies), linkType: 'HARD' }]],
  ]);
  const json = JSON.stringify({ fallbackPool, packageRegistryData: data }, null, 2);
  const literal = json.replaceAll(/[\\']/g, '\\$&').replaceAll('\n', '\\\n');
  return `#!/usr/bin/env node\n"use strict";\n\nconst RAW_RUNTIME_STATE =\n'${literal}';\n\nprogram();\n`;
}

const PACKED: Promise<Readonly<Record<string, Packed>>> = packAll();

async function packAll(): Promise<Readonly<Record<string, Packed>>> {
  return {
    'alpha@npm:1.0.0': await pack('alpha', '1.0.0', { 'index.js': 'alpha\n', 'run.sh': { content: 'x', mode: 0o755 } }),
    'beta@npm:1.0.0': await pack('beta', '1.0.0', { 'index.js': 'beta\n' }),
    'native@npm:1.0.0': await pack('native', '1.0.0', { 'index.js': 'native\n' }),
  };
}

const ALPHA: readonly ZipEntry[] = [
  { path: 'node_modules/' },
  { path: 'node_modules/alpha/' },
  { path: 'node_modules/alpha/package.json', content: '{"name":"alpha","version":"1.0.0"}\n' },
  { path: 'node_modules/alpha/index.js', content: 'alpha\n', deflated: true },
  { path: 'node_modules/alpha/run.sh', content: 'x', mode: 0o100755 },
];
const BETA: readonly ZipEntry[] = [
  { path: 'node_modules/beta/package.json', content: '{"name":"beta","version":"1.0.0"}\n' },
  { path: 'node_modules/beta/index.js', content: 'beta\n' },
];

async function pnpProject(
  t: TestContext,
  { map = MAP, alpha = ALPHA }: { readonly map?: MapFacts; readonly alpha?: readonly ZipEntry[] } = {},
): Promise<{ readonly disk: Disk; readonly compare: Comparison }> {
  const packed = await PACKED;
  const disk = openDisk(t);
  disk.write('.pnp.cjs', mapText(map));
  disk.write(ALPHA_ZIP, packZip(alpha));
  disk.write('.yarn/cache/beta-npm-1.0.0-dddddddddd-eeeeeeeeee.zip', packZip(BETA));
  const [native] = Object.values(packed).filter(({ name }) => name === 'native');
  assert.ok(native !== undefined);
  await unpack(native, disk.at(NATIVE));
  disk.write(`${NATIVE}/.ready`, '');
  const lockfile = lockfileOf(
    'yarn-berry',
    [
      entryOf('alpha@npm:1.0.0', packed['alpha@npm:1.0.0'], { edges: { b: 'beta@npm:1.0.0' } }),
      entryOf('beta@npm:1.0.0', packed['beta@npm:1.0.0'], { aliases: ['b'] }),
      entryOf('native@npm:1.0.0', native, { flags: { os: ['linux'] } }),
      entryOf('shop@workspace:.', undefined, { name: 'shop', source: { type: 'workspace', path: '.' } }),
    ],
    { '.': { alpha: 'alpha@npm:1.0.0', native: 'native@npm:1.0.0' } },
  );
  const platform = { os: 'linux', cpu: 'x64' };
  return { disk, compare: comparisonOf({ root: disk.root, lockfile, platform, ...approvalOf(packed) }) };
}

/** The program around the map is of no Yarn: that is told once, and left out here. */
const told = async (compare: Comparison): Promise<readonly string[]> =>
  toldOf(await compare()).filter((line) => line !== '? .pnp.cjs');

test('map, zips and folders differ in nothing, but no known Yarn has written the program', async (t) => {
  const { compare } = await pnpProject(t);
  const report = await compare();
  assert.deepEqual(toldOf(report), ['? .pnp.cjs']);
  assert.match(report.undecided[0]?.reason ?? '', /no version of Yarn/);
  assert.equal(report.counts.packages, 3);
});

test('the report tells where packages lie, what they find, and what runs when they are installed', async (t) => {
  const manifest = { name: 'alpha', version: '1.0.0', bin: { alpha: './index.js' } };
  const packed = { path: 'node_modules/alpha/package.json', content: JSON.stringify(manifest) };
  const alpha = [...ALPHA.filter(({ path }) => path !== packed.path), packed];
  const { compare } = await pnpProject(t, {
    alpha: [...alpha, { path: 'node_modules/alpha/Binding.GYP', content: '' }],
  });
  const { pnp = [] } = await compare();
  const shown = pnp.map(({ entry, place, folder, dependencies, zipped }) => ({
    entry,
    place,
    folder,
    dependencies: [...dependencies],
    scripts: zipped && [zipped.manifest?.length, zipped.hasBindingGyp, ...zipped.programs],
  }));
  assert.deepEqual(shown, [
    {
      entry: 'alpha@npm:1.0.0',
      place: ALPHA_ZIP,
      folder: 'node_modules/alpha',
      dependencies: ['beta@npm:1.0.0', 'native@npm:1.0.0'],
      scripts: [packed.content.length, true, ['alpha', 'index.js']],
    },
    {
      entry: 'beta@npm:1.0.0',
      place: '.yarn/cache/beta-npm-1.0.0-dddddddddd-eeeeeeeeee.zip',
      folder: 'node_modules/beta',
      dependencies: [],
      scripts: [35 - 1, false],
    },
    { entry: 'native@npm:1.0.0', place: NATIVE, folder: undefined, dependencies: [], scripts: undefined },
  ]);
});

test('a map beside packages in folders keeps nobody from looking at what the folders lead to', async (t) => {
  const { disk, compare } = await pnpProject(t);
  const { 'native@npm:1.0.0': native } = await PACKED;
  assert.ok(native !== undefined);
  await unpack(native, disk.at('node_modules/native'));
  assert.deepEqual(await told(compare), ['missing package node_modules/alpha']);
});

describe('a zip with', () => {
  const INDEX = 'node_modules/alpha/index.js';
  const without = (path: string): readonly ZipEntry[] => ALPHA.filter((entry) => entry.path !== path);
  const cases: readonly (readonly [why: string, alpha: readonly ZipEntry[], told: readonly string[]])[] = [
    ['another file', [...ALPHA, { path: 'node_modules/alpha/x.js', content: 'x' }], [`extra file ${ALPHA_ZIP}/x.js`]],
    ['a file less', without(INDEX), [`missing file ${ALPHA_ZIP}/index.js`]],
    ['other bytes', [...without(INDEX), { path: INDEX, content: 'alphb\n' }], [`changed file ${ALPHA_ZIP}/index.js`]],
    ['a file twice', [...ALPHA, { path: INDEX, content: 'alpha\n' }], [`extra file ${ALPHA_ZIP}/${INDEX}`]],
    [
      'a link',
      [...without(INDEX), { path: INDEX, content: '/etc/passwd', mode: 0o120777 }],
      [`changed file ${ALPHA_ZIP}/index.js`],
    ],
    [
      "another package's file",
      [...ALPHA, { path: 'node_modules/beta/index.js', content: 'x' }],
      [`extra file ${ALPHA_ZIP}/node_modules/beta/index.js`],
    ],
    [
      'a file that can be run',
      [...without(INDEX), { path: INDEX, content: 'alpha\n', mode: 0o100755 }],
      [`changed file ${ALPHA_ZIP}/index.js`],
    ],
    [
      'two names for an entry',
      [...without(INDEX), { path: INDEX, localPath: 'node_modules/alpha/other.js', content: 'alpha\n' }],
      [`changed file ${ALPHA_ZIP}`],
    ],
    [
      'another size than it says',
      [...without(INDEX), { path: INDEX, content: 'alpha\n', size: 3 }],
      [`changed file ${ALPHA_ZIP}`],
    ],
    [
      'a bomb',
      [...without(INDEX), { path: INDEX, content: 'a'.repeat(100_000), size: 6, deflated: true }],
      [`changed file ${ALPHA_ZIP}`],
    ],
    [
      'an encrypted entry',
      [...without(INDEX), { path: INDEX, content: 'alpha\n', flags: 1 }],
      [`changed file ${ALPHA_ZIP}`],
    ],
  ];
  for (const [why, alpha, expected] of cases) {
    test(why, async (t) => {
      const { compare } = await pnpProject(t, { alpha });
      const found = (await told(compare)).map((line) =>
        line.startsWith(`changed file ${ALPHA_ZIP}`) && !line.endsWith('.js') ? `changed file ${ALPHA_ZIP}` : line,
      );
      assert.deepEqual(found, expected);
    });
  }
});

describe('a map in which', () => {
  const change = (
    name: string | null,
    to: (facts: MapFacts['packages'][number]) => MapFacts['packages'][number],
  ): MapFacts => ({
    ...MAP,
    packages: MAP.packages.map((each) => (each[0] === name ? to(each) : each)),
  });
  const cases: readonly (readonly [why: string, map: MapFacts, count: number])[] = [
    [
      'a dependency is another approved package',
      change('alpha', ([n, r, l, d]) => [n, r, l, { ...d, b: ['native', 'npm:1.0.0'] }]),
      2,
    ],
    [
      'a dependency is one that nobody locked',
      change('alpha', ([n, r, l, d]) => [n, r, l, { ...d, b: ['evil', 'npm:1.0.0'] }]),
      2,
    ],
    ['a dependency is left out', change('alpha', ([n, r, l]) => [n, r, l, {}]), 2],
    ['a package has a dependency more', change('beta', ([n, r, l]) => [n, r, l, { native: 'npm:1.0.0' }]), 1],
    ['the project has a dependency more', change(null, ([n, r, l, d]) => [n, r, l, { ...d, beta: 'npm:1.0.0' }]), 1],
    ['a package lies among the sources', change('beta', ([n, r, , d]) => [n, r, './src/beta/', d]), 1],
    ['a package lies outside', change('native', ([n, r, , d]) => [n, r, '../../../../etc/', d]), 1],
    ['the project lies elsewhere', change(null, ([n, r, , d]) => [n, r, './evil/', d]), 1],
    ['a package is not locked', { ...MAP, packages: [...MAP.packages, ['evil', 'npm:1.0.0', './evil/', {}]] }, 1],
    ['everybody finds what nobody locked', { ...MAP, fallbackPool: [['evil', 'npm:1.0.0']] }, 1],
  ];
  for (const [why, map, count] of cases) {
    test(why, async (t) => {
      const { compare } = await pnpProject(t, { map });
      const found = await told(compare);
      assert.equal(found.filter((line) => line === 'changed dependency .pnp.cjs').length, count, found.join('\n'));
      assert.equal(found.length, count, found.join('\n'));
    });
  }
});

describe('an unpacked package', () => {
  test('is compared file by file', async (t) => {
    const { disk, compare } = await pnpProject(t);
    disk.write(`${NATIVE}/build.node`, 'x');
    disk.write(`${NATIVE}/.ready`, 'evil');
    assert.deepEqual(await told(compare), [`extra file ${NATIVE}/.ready`, `extra file ${NATIVE}/build.node`]);
  });

  test('is missing if this platform needs it', async (t) => {
    const { disk, compare } = await pnpProject(t);
    fs.rmSync(disk.at(NATIVE), { recursive: true });
    assert.deepEqual(await told(compare), ['changed dependency .pnp.cjs']);
    const report = await compare({ platform: { os: 'darwin', cpu: 'arm64' } });
    assert.deepEqual(report.differences, []);
    assert.deepEqual(report.absent, [{ package: 'native@1.0.0', why: 'platform' }]);
  });

  test('is not followed through a link', async (t) => {
    const { disk, compare } = await pnpProject(t);
    fs.renameSync(disk.at('.yarn/unplugged'), disk.at('elsewhere'));
    disk.link('.yarn/unplugged', '../elsewhere');
    assert.ok((await told(compare)).includes('changed dependency .pnp.cjs'));
  });
});

describe('the zip of a patched package', () => {
  const zip = packZip([{ path: 'node_modules/alpha/index.js', content: 'patched\n' }]);
  const patched = async (t: TestContext, sha512: string): Promise<Comparison> => {
    const { disk, compare } = await pnpProject(t);
    disk.write(ALPHA_ZIP, zip);
    const packed = await PACKED;
    const pin = { kind: 'yarn-checksum', cacheKey: '10c0', lockfileCacheKey: '10c0', sha512 } as const;
    const source = { type: 'patched', inner: 'inner' } as const;
    const lockfile = lockfileOf(
      'yarn-berry',
      [
        entryOf('alpha@npm:1.0.0', packed['alpha@npm:1.0.0'], { edges: { b: 'beta@npm:1.0.0' }, source, pin }),
        entryOf('beta@npm:1.0.0', packed['beta@npm:1.0.0'], { aliases: ['b'] }),
        entryOf('native@npm:1.0.0', packed['native@npm:1.0.0']),
        entryOf('shop@workspace:.', undefined, { name: 'shop', source: { type: 'workspace', path: '.' } }),
      ],
      { '.': { alpha: 'alpha@npm:1.0.0', native: 'native@npm:1.0.0' } },
    );
    return (change) => compare({ lockfile, ...change });
  };

  test('has the checksum of the lockfile', async (t) => {
    const compare = await patched(t, createHash('sha512').update(zip).digest('hex'));
    assert.deepEqual(await told(compare), []);
  });

  test('or is not decided', async (t) => {
    const compare = await patched(t, createHash('sha512').update('other').digest('hex'));
    assert.deepEqual(await told(compare), [`? ${ALPHA_ZIP}`]);
  });
});

test('a missing zip is not decided', async (t) => {
  const { disk, compare } = await pnpProject(t);
  fs.rmSync(disk.at(ALPHA_ZIP));
  assert.deepEqual(await told(compare), [`? ${ALPHA_ZIP}`]);
});

describe('is no map:', () => {
  const good = mapText(MAP);
  const cases: readonly (readonly [why: string, text: string])[] = [
    ['nothing', ''],
    ['a program without one', 'program();\n'],
    [
      'an escape that means something else to JavaScript',
      good.replace('"packageLocation": "./"', '"packageLocation": "\\x2e/"'),
    ],
    ['a string that never ends', `const RAW_RUNTIME_STATE =\n'${'a\\\n'.repeat(20_000)}`],
    ['a string that ends early', good.replace('"fallbackPool"', "'+evil+'")],
    ['a key twice', good.replace('"fallbackPool": []', '"fallbackPool": [],\\\n  "fallbackPool": []')],
    ['other JSON', "const RAW_RUNTIME_STATE =\n'[]';\n"],
  ];
  for (const [why, text] of cases) test(why, () => assert.equal(readPnpMap(text), undefined));

  test('but the text around it counts as the program', () => {
    const [one, two] = [good, good.replace('program()', 'evil()')].map((text) => readPnpMap(text)?.program);
    assert.ok(one !== undefined && two !== undefined && one !== two);
  });
});

describe('is no zip of Yarn:', () => {
  const good = packZip(ALPHA);
  const cases: readonly (readonly [why: string, zip: Buffer])[] = [
    ['nothing', Buffer.alloc(0)],
    ['a text', Buffer.from('hello, this is a longer text than the end of a zip')],
    ['with something behind it', Buffer.concat([good, Buffer.from('x')])],
    ['with something in front of it', Buffer.concat([Buffer.from('x'), good])],
    ['with a comment', packZip(ALPHA, { comment: 'hello' })],
    ['cut short', good.subarray(0, -30)],
    ['without the mark of its first file', Buffer.concat([Buffer.alloc(4), packZip(ALPHA.slice(2)).subarray(4)])],
  ];
  for (const [why, zip] of cases) test(why, () => assert.throws(() => [...zipFiles(zip)], StrangeZip));
});

describe('a git dependency', () => {
  const ZIP = '.yarn/cache/forked-https-aaaaaaaaaa-bbbbbbbbbb.zip';
  const ID = `forked@https://example.com/x#commit=${'a'.repeat(40)}`;
  const map: MapFacts = {
    packages: [
      [null, null, './', { forked: ID.slice('forked@'.length) }],
      ['forked', ID.slice('forked@'.length), `./${ZIP}/node_modules/forked/`, { forked: ID.slice('forked@'.length) }],
    ],
    fallbackPool: [],
  };
  const fileOf = (file: string, text: string): CommitFile => {
    const sha256 = createHash('sha256').update(text).digest('hex');
    return { path: file, size: text.length, sha256, executable: false, bytes: Buffer.from(text) };
  };
  const COMMITTED = [
    fileOf('package.json', '{"name":"forked","version":"1.0.0","bin":"run.js"}\n'),
    fileOf('run.js', 'run\n'),
    fileOf('notes.md', 'left out\n'),
  ];
  const PACKED_MANIFEST = '{\n  "name": "forked",\n  "version": "1.0.0",\n  "bin": "run.js"\n}';
  const ZIPPED: readonly ZipEntry[] = [
    { path: 'node_modules/forked/' },
    { path: 'node_modules/forked/package.json', content: PACKED_MANIFEST },
    { path: 'node_modules/forked/run.js', content: 'run\n', mode: 0o100755 },
  ];
  const asFetched = new Set([ID]);
  const commitFiles = async (): Promise<readonly CommitFile[]> => COMMITTED;

  const forked = (t: TestContext, zipped: readonly ZipEntry[] = ZIPPED): Comparison => {
    const disk = openDisk(t);
    disk.write('.pnp.cjs', mapText(map));
    disk.write(ZIP, packZip(zipped));
    const source = {
      type: 'git',
      repository: 'https://example.com/x',
      commit: 'a'.repeat(40),
      path: undefined,
    } as const;
    const entries = [entryOf(ID, undefined, { name: 'forked', version: '1.0.0', source })];
    const lockfile = lockfileOf('yarn-berry', entries, { '.': { forked: ID } });
    return comparisonOf({ root: disk.root, lockfile, platform: { os: 'linux', cpu: 'x64' }, ...approvalOf({}) });
  };
  const toldWith = async (compare: Comparison, change: Parameters<Comparison>[0]): Promise<readonly string[]> =>
    toldOf(await compare(change)).filter((line) => line !== '? .pnp.cjs');

  test('is compared with its commit as Yarn packs it, which is told', async (t) => {
    const report = await forked(t)({ asFetched, commitFiles });
    assert.deepEqual(toldOf(report), ['? .pnp.cjs']);
    assert.deepEqual(report.byCommit, [{ package: 'forked@1.0.0', place: ZIP }]);
    const expected = [
      { id: 'left-out', count: 1 },
      { id: 'packed-manifest', count: 1 },
    ];
    assert.deepEqual(report.permitted, expected);
  });

  test('is taken as it was fetched where nobody fetches commits, and is not decided where nobody takes it', async (t) => {
    const compare = forked(t);
    const report = await compare({ asFetched });
    assert.deepEqual(toldOf(report), ['? .pnp.cjs']);
    assert.deepEqual(report.asFetched, [{ package: 'forked@1.0.0', place: ZIP }]);
    assert.deepEqual(await toldWith(compare, {}), [`? ${ZIP}`]);
    assert.deepEqual(await toldWith(compare, { commitFiles }), [`? ${ZIP}`]);
  });

  test('is not decided where its commit cannot be had', async (t) => {
    const failing = async (): Promise<never> => {
      throw new LocksealError('ERR_INSTALLED', 'there is no git');
    };
    assert.deepEqual(await toldWith(forked(t), { asFetched, commitFiles: failing }), [`? ${ZIP}`]);
  });

  const changes: readonly (readonly [why: string, entry: ZipEntry, told: string])[] = [
    ['other bytes', { path: 'node_modules/forked/run.js', content: 'evil' }, `changed file ${ZIP}/run.js`],
    ['a file of no commit', { path: 'node_modules/forked/x.js', content: '' }, `extra file ${ZIP}/x.js`],
    [
      'a program that the commit does not declare',
      { path: 'node_modules/forked/notes.md', content: 'left out\n', mode: 0o100755 },
      `changed file ${ZIP}/notes.md`,
    ],
    [
      'a package.json that says something else',
      { path: 'node_modules/forked/package.json', content: PACKED_MANIFEST.replace('run.js', 'evil') },
      `changed file ${ZIP}/package.json`,
    ],
  ];
  for (const [why, entry, line] of changes) {
    test(`with ${why} is told`, async (t) => {
      const zipped = [...ZIPPED.filter(({ path: file }) => file !== entry.path), entry];
      assert.deepEqual(await toldWith(forked(t, zipped), { asFetched, commitFiles }), [line]);
    });
  }
});
