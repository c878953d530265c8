import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { limitSetter, limitsOf, type Limits } from '../../../src/scripts/sandbox/limits.ts';

const limits: Limits = {
  timeout: 60,
  memory: 1024 ** 3,
  processes: 64,
  fileSize: 1024 ** 2,
  disk: 1024 ** 2,
  files: 100,
  openFiles: 128,
};

describe('limits', () => {
  test('time and memory are those of the policy', () => {
    const { timeout, memory } = limitsOf({ timeout: 5, memory: 7 } as Parameters<typeof limitsOf>[0]);
    assert.deepEqual({ timeout, memory }, { timeout: 5, memory: 7 });
  });

  test('prlimit(1) sets all of them, with no core', () => {
    const { command, shell, unset } = limitSetter(limits, '/usr/bin/prlimit');
    assert.deepEqual(command.slice(0, 1), ['/usr/bin/prlimit']);
    for (const option of ['--cpu=60', '--nproc=64', '--fsize=1048576', '--nofile=128', '--core=0', '--']) {
      assert.ok(command.includes(option), option);
    }
    assert.deepEqual([shell, unset], [[], []]);
  });

  test('without it the shell sets what shells can, and the rest is told', () => {
    const { command, shell, unset } = limitSetter(limits, undefined);
    assert.deepEqual(command, []);
    const printed = spawnSync('/bin/sh', ['-c', [...shell, 'ulimit -t; ulimit -n; ulimit -f'].join('\n')], {
      encoding: 'utf8',
    });
    assert.equal(printed.stdout, '60\n128\n2048\n');
    assert.equal(unset.length, 1);
  });
});
