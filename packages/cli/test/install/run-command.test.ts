import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, describe, test } from 'node:test';
import { LocksealError } from '@lockseal/core';
import { detectManager, type Family, type Manager } from '@lockseal/gate';
import type { ChosenCommand } from '../../src/install/choose-command.ts';
import { runCommand } from '../../src/install/run-command.ts';

const base = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-run-command-'));
after(() => fs.rmSync(base, { recursive: true, force: true }));

function managerOf(family: Family): Manager {
  return detectManager({ format: family, lockfile: path.join(base, 'lock'), manifest: undefined });
}

/** What a run came to, and what its program was started with, one line each. */
interface Outcome {
  readonly ended: unknown;
  readonly started: readonly string[];
}

/** @param says what `--version` prints; any other words are written down, and end with this code */
async function run(family: Family | undefined, says: string, code: number, signal?: AbortSignal): Promise<Outcome> {
  const cwd = fs.mkdtempSync(path.join(base, 'project-'));
  const folder = fs.mkdtempSync(path.join(base, 'run-'));
  const program = path.join(cwd, 'program');
  const log = path.join(cwd, 'log');
  const script = `#!/bin/sh\necho "$*" >> '${log}'\n[ "$1" = --version ] && { echo '${says}'; exit 0; }\nexit ${code}\n`;
  fs.writeFileSync(program, script, { mode: 0o755 });
  const manager = family === undefined ? undefined : managerOf(family);
  const words = [program, ...(manager?.frozen ?? ['own'])] as const;
  const chosen: ChosenCommand = { shown: words, words, families: [], manager, settings: [] };
  const signals = { on: () => undefined, off: () => undefined };
  const env = { PATH: process.env['PATH'] ?? '' };
  const guarded = { command: words, cwd, env, folder, signals, output: 'stderr' } as const;
  const ended = await runCommand(chosen, guarded, { signal: signal ?? new AbortController().signal }).catch(
    (error: unknown) => error,
  );
  return { ended, started: fs.readFileSync(log, 'utf8').trim().split('\n') };
}

const OTHERS: readonly { why: string; family: Family; says: string; found: string; expected: string }[] = [
  { why: 'Yarn 1 for Yarn 4', family: 'yarn-berry', says: '1.22.22', found: '1.22.22', expected: 'Yarn 4 or later' },
  { why: 'Yarn 0 for Yarn 4', family: 'yarn-berry', says: '0.27.5', found: '0.27.5', expected: 'Yarn 4 or later' },
  { why: 'Yarn 2 for Yarn 4', family: 'yarn-berry', says: '2.4.1', found: '2.4.1', expected: 'Yarn 4 or later' },
  { why: 'Yarn 3 for Yarn 4', family: 'yarn-berry', says: '3.8.7', found: '3.8.7', expected: 'Yarn 4 or later' },
  { why: 'Yarn 4 for Yarn 1', family: 'yarn-classic', says: '4.18.1', found: '4.18.1', expected: 'Yarn 1' },
  { why: 'Yarn 10 for Yarn 1', family: 'yarn-classic', says: '10.0.0', found: '10.0.0', expected: 'Yarn 1' },
  {
    why: 'a program without a version',
    family: 'yarn-berry',
    says: '',
    found: 'no version',
    expected: 'Yarn 4 or later',
  },
  { why: 'another program', family: 'yarn-classic', says: 'Hadoop 3', found: 'Hadoop 3', expected: 'Yarn 1' },
];

describe('a command that failed', () => {
  for (const { why, family, says, found, expected } of OTHERS) {
    test(`was the wrong one: ${why}`, async () => {
      const { ended, started } = await run(family, says, 1);
      assert.ok(ended instanceof LocksealError);
      assert.equal(ended.code, 'ERR_MANAGER');
      assert.deepEqual([ended.details.found, ended.details.expected], [found, expected]);
      assert.deepEqual(started, [managerOf(family).frozen.join(' '), '--version']);
    });
  }

  test('was the right one', async () => {
    const { ended, started } = await run('yarn-berry', '4.18.1', 3);
    assert.deepEqual(ended, { by: 'exit', code: 3 });
    assert.equal(started.length, 2);
  });

  test('is not asked where its name is of one program, or the words are the user’s own', async () => {
    for (const family of ['npm', 'bun', undefined] as const) {
      const { ended, started } = await run(family, '1.0.0', 1);
      assert.deepEqual(ended, { by: 'exit', code: 1 });
      assert.equal(started.length, 1);
    }
  });

  test('is not asked after an interruption', async () => {
    const { started } = await run('yarn-berry', '1.22.22', 1, AbortSignal.abort());
    assert.equal(started.length, 1);
  });
});

test('a command that succeeded is not asked for its version', async () => {
  const { ended, started } = await run('yarn-berry', '4.18.1', 0);
  assert.deepEqual(ended, { by: 'exit', code: 0 });
  assert.deepEqual(started, [managerOf('yarn-berry').frozen.join(' ')]);
});
