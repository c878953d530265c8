import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { runGuarded, type GuardedCommand, type SignalSource } from '../../src/run/guarded.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-guarded-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));

const silent: SignalSource = { on: () => undefined, off: () => undefined };
const env = { PATH: process.env['PATH'] ?? '' };

function shell(script: string, more: Partial<GuardedCommand> = {}): GuardedCommand {
  const run = fs.mkdtempSync(path.join(folder, 'run-'));
  return {
    command: ['/bin/sh', '-c', script],
    cwd: folder,
    env,
    folder: run,
    signals: silent,
    output: 'stderr',
    ...more,
  };
}

/** Whether the process is there and does anything: one that nobody has waited for yet does not. */
function isRunning(pid: number): boolean {
  const state = /^\d+ \(.*\) (\S)/s.exec(readIfThere(`/proc/${pid}/stat`))?.[1];
  return state !== undefined && state !== 'Z';
}

function readIfThere(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !condition(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 25));
  assert.ok(condition(), 'it did not come to that in ten seconds');
}

const onLinux = { skip: process.platform === 'linux' ? false : 'reads /proc' };

describe('a guarded command', () => {
  test('hands on its exit code', async () => {
    assert.deepEqual(await runGuarded(shell('exit 7')), { by: 'exit', code: 7 });
  });

  test('tells the signal that ended it', async () => {
    assert.deepEqual(await runGuarded(shell('kill -s ABRT $$')), { by: 'signal', signal: 'SIGABRT' });
  });

  test('takes its words as they are', async () => {
    const file = path.join(folder, 'words');
    const command = ['/bin/sh', '-c', `printf '%s|' "$@" > ${file}`, 'x', 'a b', '$HOME', '"', '-n', ''] as const;
    await runGuarded(shell('', { command }));
    assert.equal(fs.readFileSync(file, 'utf8'), 'a b|$HOME|"|-n||');
  });

  test('has nothing in its environment but what it is given, and not the pipe of the watcher', onLinux, async () => {
    const file = path.join(folder, 'seen');
    await runGuarded(shell(`{ env; ls /proc/$$/fd; } > ${file}`, { env: { ...env, ONLY: '1' } }));
    const seen = fs.readFileSync(file, 'utf8').split('\n');
    assert.ok(seen.includes('ONLY=1'));
    assert.ok(!seen.includes('3'), 'descriptor 3 is closed');
  });

  test('a program that is not there is an exit code, as in a shell', async () => {
    assert.deepEqual(await runGuarded(shell('', { command: [path.join(folder, 'absent')] })), {
      by: 'exit',
      code: 127,
    });
  });

  test('a folder that is not there is an error', async () => {
    await assert.rejects(runGuarded(shell('true', { cwd: path.join(folder, 'absent') })), { code: 'ERR_MANAGER' });
  });

  test('is sent the signals that lockseal gets, with all of its processes', onLinux, async () => {
    const listeners = new Map<string, () => void>();
    const signals: SignalSource = {
      on: (signal, listener) => listeners.set(signal, listener),
      off: (signal) => listeners.delete(signal),
    };
    const pids = path.join(folder, 'signalled');
    const running = runGuarded(shell(`sleep 60 & echo $! > ${pids}; trap 'exit 3' TERM; wait`, { signals }));
    await until(() => readIfThere(pids).endsWith('\n'));
    listeners.get('SIGTERM')?.();
    assert.deepEqual(await running, { by: 'exit', code: 3 });
    await until(() => !isRunning(Number(readIfThere(pids))));
    assert.equal(listeners.size, 0);
  });

  test('leaves nothing running in the background', onLinux, async () => {
    const pids = path.join(folder, 'left');
    await runGuarded(shell(`sleep 60 >/dev/null 2>&1 & echo $! > ${pids}`));
    await until(() => !isRunning(Number(readIfThere(pids))));
  });

  test('ends with everything it started, and its folder is removed, when lockseal is killed', onLinux, async () => {
    const pids = path.join(folder, 'killed');
    const run = shell(`sleep 60 & echo "$! $$" > ${pids}; wait`);
    const module = pathToFileURL(path.join(import.meta.dirname, '../../src/run/guarded.ts')).href;
    const code = `import { runGuarded } from ${JSON.stringify(module)};
      await runGuarded({ ...${JSON.stringify(run)}, signals: { on() {}, off() {} } });`;
    const parent = spawn(
      process.execPath,
      [...process.execArgv, '--conditions=@lockseal/source', '--input-type=module', '-e', code],
      {
        stdio: 'ignore',
      },
    );
    await until(() => readIfThere(pids).endsWith('\n'));
    const [child = 0, leader = 0] = readIfThere(pids).trim().split(' ').map(Number);
    assert.ok(isRunning(child) && isRunning(leader));
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await until(() => !isRunning(child) && !isRunning(leader) && !fs.existsSync(run.folder));
  });
});
