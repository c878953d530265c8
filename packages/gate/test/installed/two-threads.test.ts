// A comparison on two threads comes to what it comes to on one, whichever of them reads a file.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { compareInstalled, HashThread, type InstalledReport, type InstalledRequest } from '@lockseal/gate';
import { pack, unpack } from './support/packages.ts';
import { approvalOf, entryOf, lockfileOf, openDisk, toldOf, type Disk } from './support/project.ts';

const FILES = 200;
const PLACE = 'node_modules/wide';
const fileAt = (index: number): string => `${PLACE}/lib/${index}.js`;

/** A package with more files than a thread takes at once, and one large one. */
async function wideProject(t: TestContext): Promise<{ readonly disk: Disk; readonly request: InstalledRequest }> {
  const disk = openDisk(t);
  const names = Array.from({ length: FILES }, (_, index) => [`lib/${index}.js`, `module ${index};`] as const);
  const wide = await pack('wide', '1.0.0', { ...Object.fromEntries(names), 'large.bin': 'x'.repeat(3 * 1024 * 1024) });
  await unpack(wide, disk.at(PLACE), { asNpm: true });
  const lockfile = lockfileOf('npm', [entryOf(PLACE, wide)], { '.': { wide: PLACE } });
  const platform = { os: 'linux', cpu: 'x64' };
  return { disk, request: { root: disk.root, lockfile, platform, ...approvalOf({ [PLACE]: wide }) } };
}

/** On one thread, on two, and on one that has lost the other. */
async function reportsOf(t: TestContext, request: InstalledRequest): Promise<readonly InstalledReport[]> {
  const [thread, dead] = await Promise.all([HashThread.start(), HashThread.start()]);
  assert.ok(thread !== undefined && dead !== undefined);
  t.after(() => thread.close());
  dead.close();
  const reports: InstalledReport[] = [];
  for (const each of [undefined, thread, dead]) reports.push(await compareInstalled({ ...request, thread: each }));
  return reports;
}

/** The first files are the other thread's, the last ones this thread's. */
const cases: readonly (readonly [why: string, act: (disk: Disk) => void, told: readonly string[]])[] = [
  ['nothing', () => undefined, []],
  ['other bytes in every file', (disk) => touchAll(disk), [...everyFile(), `changed file ${PLACE}/large.bin`]],
  ['other bytes in the first', (disk) => touch(disk, 0), [`changed file ${fileAt(0)}`]],
  ['other bytes in the last', (disk) => touch(disk, 99), [`changed file ${fileAt(99)}`]],
  [
    'other bytes, and the time set back',
    (disk) => {
      const { atime, mtime } = fs.statSync(disk.at(fileAt(5)));
      touch(disk, 5);
      fs.utimesSync(disk.at(fileAt(5)), atime, mtime);
    },
    [`changed file ${fileAt(5)}`],
  ],
  [
    'another file, renamed over it',
    (disk) => {
      disk.write('other', 'MODULE 7;');
      fs.renameSync(disk.at('other'), disk.at(fileAt(7)));
    },
    [`changed file ${fileAt(7)}`],
  ],
  [
    'other bytes, written under another name of the file',
    (disk) => {
      fs.linkSync(disk.at(fileAt(8)), disk.at('store'));
      fs.writeFileSync(disk.at('store'), 'MODULE 8;');
    },
    [`changed file ${fileAt(8)}`],
  ],
];

function touch(disk: Disk, index: number): void {
  disk.write(fileAt(index), `MODULE ${index};`);
}

function touchAll(disk: Disk): void {
  for (let index = 0; index < FILES; index += 1) touch(disk, index);
  disk.write(`${PLACE}/large.bin`, 'y'.repeat(3 * 1024 * 1024));
}

function everyFile(): readonly string[] {
  return Array.from({ length: FILES }, (_, index) => `changed file ${fileAt(index)}`);
}

describe('the same is told on one thread, on two, and on one that has lost the other:', () => {
  for (const [why, act, told] of cases) {
    test(why, async (t) => {
      const { disk, request } = await wideProject(t);
      act(disk);
      const [first, ...others] = await reportsOf(t, request);
      assert.deepEqual(toldOf(first ?? assert.fail()), told.toSorted());
      for (const report of others) assert.deepEqual(report, first);
    });
  }
});
