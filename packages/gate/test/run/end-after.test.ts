import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { describe, test } from 'node:test';
import { endAfter } from '@lockseal/gate';

const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;

function start(...script: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--eval', ...script], { stdio: 'ignore' });
}

describe('a child that is given time', () => {
  test('and takes longer is ended', async () => {
    const child = start('setTimeout(() => {}, 60_000)');
    endAfter(child, 50);
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGTERM']);
  });

  test('and takes longer is ended by the signal that was asked for', async () => {
    const child = start("process.on('SIGTERM', () => {}); setTimeout(() => {}, 60_000)");
    endAfter(child, 50, 'SIGKILL');
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
  });

  test('and takes less ends by itself, and nothing is waited for', async () => {
    const before = timers();
    const child = start('process.exitCode = 3');
    endAfter(child, 60_000);
    assert.deepEqual(await once(child, 'exit'), [3, null]);
    assert.equal(timers(), before);
  });

  test('and cannot be started is not waited for', async () => {
    const before = timers();
    const child = spawn('/nowhere/program');
    endAfter(child, 60_000);
    const [error] = (await once(child, 'error').catch((thrown: unknown) => [thrown])) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ENOENT');
    assert.equal(timers(), before);
  });
});
