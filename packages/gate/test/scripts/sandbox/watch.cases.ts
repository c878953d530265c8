// What no limit of a single process bounds.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import type { Limits } from '../../../src/scripts/sandbox/limits.ts';
import { watchProcess } from '../../../src/scripts/sandbox/watch.ts';
import { bubblewrap } from '../support/project.ts';

const GENEROUS: Limits = {
  timeout: 60,
  memory: 2 ** 40,
  processes: 1000,
  fileSize: 2 ** 40,
  disk: 2 ** 40,
  files: 1000,
  openFiles: 1000,
};

/** What is in the folder before. */
const EMPTY = { files: 0, bytes: 0 };

/** Runs a shell script under watch until it is stopped. @returns the reason */
async function stopped(
  t: TestContext,
  script: string,
  limits: Partial<Limits>,
  before: readonly string[] = [],
): Promise<string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-watch-'));
  const [program, ...args] = [...before, '/bin/sh', '-c', script];
  const child = spawn(program, args, { cwd: folder, detached: true, stdio: 'ignore' });
  const pid = child.pid ?? assert.fail('it did not start');
  t.after(() => {
    process.kill(-pid, 'SIGKILL');
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return new Promise((resolve, reject) => {
    const watched = { pid, limits: { ...GENEROUS, ...limits }, writable: [folder], before: EMPTY, stop: resolve };
    watchProcess(watched).then((watch) => {
      assert.deepEqual(watch.unset, []);
      t.after(() => watch.end());
    }, reject);
  });
}

describe('a watched process', { skip: process.platform !== 'linux' && 'reads proc(5)' }, () => {
  const cases: readonly (readonly [why: string, script: string, limits: Partial<Limits>, reason: RegExp])[] = [
    ['forks', 'for i in 1 2 3 4 5 6 7 8; do sleep 60 & done; wait', { processes: 5 }, /more than 5 processes/],
    [
      'uses memory, each process a little',
      'for i in 1 2 3 4; do sleep 60 & done; wait',
      { memory: 1_000_000 },
      /more than 1000000 bytes of memory/,
    ],
    ['fills the disk', 'head -c 3000000 /dev/zero > a; sleep 60', { disk: 1_000_000 }, /wrote more than 1000000 bytes/],
    [
      'fills it with empty files',
      'i=0; while [ $i -lt 40 ]; do : > $i; i=$((i+1)); done; sleep 60',
      { files: 20 },
      /more than 20 files/,
    ],
    ['takes its time', 'sleep 60', { timeout: 1 }, /ran longer than 1 s/],
  ];
  for (const [why, script, limits, reason] of cases) {
    test(`that ${why} is stopped`, async (t) => assert.match(await stopped(t, script, limits), reason));
  }

  test('that forks from forks whose parents are gone is stopped: in a sandbox they stay below it', async (t) => {
    const sandbox = await bubblewrap(t);
    if (sandbox?.kind !== 'bubblewrap') return;
    const before = [
      sandbox.program,
      '--unshare-user',
      '--unshare-pid',
      '--die-with-parent',
      '--ro-bind',
      '/',
      '/',
      '--dev',
      '/dev',
    ];
    const script = '(sleep 60 &) ; (sleep 60 &) ; (sleep 60 &) ; (sleep 60 &) ; sleep 60';
    assert.match(await stopped(t, script, { processes: 5 }, before), /more than 5 processes/);
  });
});
