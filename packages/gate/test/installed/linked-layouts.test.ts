// Layouts in which packages lie in a store inside `node_modules` and find each other through links.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
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

const PACKED: Promise<Readonly<Record<string, Packed>>> = packAll();

async function packAll(): Promise<Readonly<Record<string, Packed>>> {
  return {
    'alpha@1.0.0': await pack('alpha', '1.0.0', { 'cli.js': '#!/usr/bin/env node\n' }, { bin: 'cli.js' }),
    'beta@1.0.0': await pack('beta', '1.0.0', { 'index.js': 'one\n' }),
    'beta@2.0.0': await pack('beta', '2.0.0', { 'index.js': 'two\n' }),
  };
}

/** As pnpm does it: alpha finds beta 1 under the alias `b`, the project finds beta 2. */
async function pnpmProject(t: TestContext): Promise<{ readonly disk: Disk; readonly compare: Comparison }> {
  const packed = await PACKED;
  const disk = openDisk(t);
  for (const [id, each] of Object.entries(packed)) {
    await unpack(each, disk.at(`node_modules/.pnpm/${id}/node_modules/${each.name}`));
  }
  disk.link('node_modules/.pnpm/alpha@1.0.0/node_modules/b', '../../beta@1.0.0/node_modules/beta');
  disk.link('node_modules/.pnpm/node_modules/b', '../beta@1.0.0/node_modules/beta');
  disk.link('node_modules/alpha', '.pnpm/alpha@1.0.0/node_modules/alpha');
  disk.link('node_modules/beta', '.pnpm/beta@2.0.0/node_modules/beta');
  disk.write('node_modules/.pnpm/lock.yaml', '');
  disk.write('node_modules/.modules.yaml', '');
  disk.write('node_modules/.bin/alpha', script('../.pnpm/alpha@1.0.0/node_modules/alpha/cli.js'));
  const lockfile = lockfileOf(
    'pnpm',
    [
      entryOf('alpha@1.0.0', packed['alpha@1.0.0'], { edges: { b: 'beta@1.0.0' } }),
      entryOf('beta@1.0.0', packed['beta@1.0.0'], { aliases: ['b'] }),
      entryOf('beta@2.0.0', packed['beta@2.0.0']),
    ],
    { '.': { alpha: 'alpha@1.0.0', beta: 'beta@2.0.0' } },
  );
  const platform = { os: 'linux', cpu: 'x64' };
  return { disk, compare: comparisonOf({ root: disk.root, lockfile, platform, ...approvalOf(packed) }) };
}

function script(target: string): string {
  return `#!/bin/sh\nif [ -x "$basedir/node" ]; then\n  exec "$basedir/node"  "$basedir/${target}" "$@"\nelse\n  exec node  "$basedir/${target}" "$@"\nfi\n`;
}

test('a store and its links differ in nothing', async (t) => {
  const { compare } = await pnpmProject(t);
  const report = await compare();
  assert.deepEqual(toldOf(report), []);
  assert.deepEqual([report.counts.packages, report.counts.links, report.counts.programs], [3, 4, 1]);
});

interface Case {
  readonly why: string;
  readonly act: (disk: Disk) => void;
  readonly told: readonly string[];
}

const STORE = 'node_modules/.pnpm';

function relink(disk: Disk, place: string, target: string): void {
  fs.rmSync(disk.at(place));
  disk.link(place, target);
}

const cases: readonly Case[] = [
  {
    why: 'a dependent that finds another approved version',
    act: (disk) => relink(disk, `${STORE}/alpha@1.0.0/node_modules/b`, '../../beta@2.0.0/node_modules/beta'),
    told: [
      `changed dependency ${STORE}/alpha@1.0.0/node_modules/b`,
      `changed link ${STORE}/alpha@1.0.0/node_modules/b`,
    ],
  },
  {
    why: 'the project finding another approved version',
    act: (disk) => relink(disk, 'node_modules/beta', '.pnpm/beta@1.0.0/node_modules/beta'),
    told: ['changed dependency node_modules/beta'],
  },
  {
    why: 'two versions that changed places',
    act: (disk) => {
      fs.renameSync(disk.at(`${STORE}/beta@1.0.0`), disk.at(`${STORE}/x`));
      fs.renameSync(disk.at(`${STORE}/beta@2.0.0`), disk.at(`${STORE}/beta@1.0.0`));
      fs.renameSync(disk.at(`${STORE}/x`), disk.at(`${STORE}/beta@2.0.0`));
    },
    told: [
      `changed dependency ${STORE}/alpha@1.0.0/node_modules/b`,
      `changed link ${STORE}/alpha@1.0.0/node_modules/b`,
      `changed link ${STORE}/node_modules/b`,
      'changed dependency node_modules/beta',
    ],
  },
  {
    why: 'a nearer folder that hides the locked one',
    act: (disk) =>
      disk.link(
        `${STORE}/alpha@1.0.0/node_modules/alpha/node_modules/b`,
        '../../../../beta@1.0.0/node_modules/beta/..',
      ),
    told: [`changed link ${STORE}/alpha@1.0.0/node_modules/alpha/node_modules/b`],
  },
  {
    why: 'a link to a store outside of the project',
    act: (disk) => relink(disk, 'node_modules/beta', '/var/store/beta'),
    told: ['changed link node_modules/beta'],
  },
  {
    why: 'a link under a name that nothing has',
    act: (disk) => disk.link('node_modules/left-pad', '.pnpm/beta@1.0.0/node_modules/beta'),
    told: ['changed link node_modules/left-pad'],
  },
  {
    why: 'links that are gone',
    act: (disk) => {
      fs.rmSync(disk.at(`${STORE}/alpha@1.0.0/node_modules/b`));
      fs.rmSync(disk.at(`${STORE}/node_modules/b`));
    },
    told: [`missing package ${STORE}/alpha@1.0.0/node_modules/alpha/node_modules/b`],
  },
  {
    why: 'a folder of the store that is gone',
    act: (disk) => fs.rmSync(disk.at(`${STORE}/beta@2.0.0`), { recursive: true }),
    told: ['changed link node_modules/beta'],
  },
  {
    why: 'an extra package in the store',
    act: (disk) => disk.write(`${STORE}/evil@1.0.0/node_modules/evil/package.json`, '{"name":"evil"}'),
    told: [`extra package ${STORE}/evil@1.0.0/node_modules/evil`],
  },
  {
    why: 'an unlocked version in the store',
    act: (disk) =>
      disk.write(`${STORE}/beta@3.0.0/node_modules/beta/package.json`, '{"name":"beta","version":"3.0.0"}'),
    told: [`extra package ${STORE}/beta@3.0.0/node_modules/beta`],
  },
  {
    why: 'an approved package under the name of another',
    act: (disk) => {
      fs.rmSync(disk.at(`${STORE}/alpha@1.0.0/node_modules/alpha`), { recursive: true });
      fs.cpSync(disk.at(`${STORE}/beta@1.0.0/node_modules/beta`), disk.at(`${STORE}/alpha@1.0.0/node_modules/alpha`), {
        recursive: true,
      });
    },
    told: [`extra package ${STORE}/alpha@1.0.0/node_modules/alpha`, 'changed program node_modules/.bin/alpha'],
  },
  { why: 'a file in the store', act: (disk) => disk.write(`${STORE}/x.js`, ''), told: [`extra file ${STORE}/x.js`] },
  {
    why: 'a file beside a stored package',
    act: (disk) => disk.write(`${STORE}/beta@1.0.0/x.js`, ''),
    told: [`extra file ${STORE}/beta@1.0.0/x.js`],
  },
  {
    why: 'a start script of another program',
    act: (disk) => disk.write('node_modules/.bin/alpha', script('../.pnpm/beta@1.0.0/node_modules/beta/index.js')),
    told: ['changed program node_modules/.bin/alpha'],
  },
  {
    why: 'a start script that starts something outside',
    act: (disk) => disk.write('node_modules/.bin/alpha', script('../../../evil.js')),
    told: ['changed program node_modules/.bin/alpha'],
  },
  {
    why: 'a start script with a line of its own',
    act: (disk) =>
      disk.write('node_modules/.bin/alpha', `${script('../.pnpm/alpha@1.0.0/node_modules/alpha/cli.js')}curl evil\n`),
    told: ['? node_modules/.bin/alpha'],
  },
  {
    why: 'a start script under another interpreter than the program says',
    act: (disk) =>
      disk.write(
        'node_modules/.bin/alpha',
        script('../.pnpm/alpha@1.0.0/node_modules/alpha/cli.js').replaceAll('node  "', 'sh  "'),
      ),
    told: ['changed program node_modules/.bin/alpha'],
  },
  {
    why: 'a start script that loads something first',
    act: (disk) =>
      disk.write(
        'node_modules/.bin/alpha',
        script('../.pnpm/alpha@1.0.0/node_modules/alpha/cli.js').replace(
          'exec node ',
          'exec node --require=/tmp/x.js ',
        ),
      ),
    told: ['changed program node_modules/.bin/alpha'],
  },
];

describe('tells of', () => {
  for (const { why, act, told } of cases) {
    test(why, async (t) => {
      const { disk, compare } = await pnpmProject(t);
      act(disk);
      assert.deepEqual([...toldOf(await compare())].sort(), [...told].sort());
    });
  }
});

test('a link that is gone where Node finds the same package by another one is nothing', async (t) => {
  const { disk, compare } = await pnpmProject(t);
  fs.rmSync(disk.at(`${STORE}/alpha@1.0.0/node_modules/b`));
  assert.deepEqual(toldOf(await compare()), []);
});

test('a file that can be run, for it is the same file as a program elsewhere, is permitted under pnpm', async (t) => {
  const { disk, compare } = await pnpmProject(t);
  const file = disk.at(`${STORE}/beta@1.0.0/node_modules/beta/index.js`);
  fs.linkSync(file, disk.at('elsewhere.js'));
  fs.chmodSync(file, 0o755);
  const report = await compare();
  assert.deepEqual(toldOf(report), []);
  assert.deepEqual(
    report.permitted.filter(({ id }) => id === 'shared-bit'),
    [{ id: 'shared-bit', count: 1 }],
  );
});

test('a file with several names is read once', async (t) => {
  const { disk, compare } = await pnpmProject(t);
  const { filesRead } = (await compare()).counts;
  const [one, two] = ['beta@1.0.0', 'beta@2.0.0'].map((id) => disk.at(`${STORE}/${id}/node_modules/beta/index.js`));
  fs.rmSync(two ?? '');
  fs.linkSync(one ?? '', two ?? '');
  const report = await compare();
  assert.deepEqual(toldOf(report), [`changed file ${STORE}/beta@2.0.0/node_modules/beta/index.js`]);
  assert.equal(report.counts.filesRead, filesRead - 1);
});
