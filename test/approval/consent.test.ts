// A person at a terminal is asked before anything is signed. Needs a pseudo-terminal, which Python's standard library has.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { access, rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { lockseal } from '../support/transcript.ts';
import { openWorkshop, REPOSITORY, type Workshop } from './support/workshop.ts';

const PROGRAM = path.join(import.meta.dirname, 'support', 'at-terminal.py');
const SIGINT = 2;
const run = promisify(execFile);

interface Ended {
  readonly shown: string;
  readonly asked: boolean;
  readonly exitCode?: number;
  readonly signal?: number;
}

let shop: Workshop;
before(async () => {
  shop = await openWorkshop(['ana'], (box) => void box.publish({ name: 'ms', version: '1.0.0' }));
  await shop.box.writeProject(shop.directory, { dependencies: { ms: '^1.0.0' } }, { registry: shop.registry.url });
});
after(() => shop.close());

async function answer(t: TestContext, text: string): Promise<Ended | undefined> {
  if (!hasPython()) {
    const reason = 'needs python3 with its module pty';
    if (process.env['LOCKSEAL_CI'] !== undefined && process.platform !== 'win32') assert.fail(reason);
    t.skip(reason);
    return undefined;
  }
  await rm(shop.approvals, { force: true });
  const approve = ['approve', '--no-cache', '--trusted-root=root.json', '--key=ana.pem', `--repository=${REPOSITORY}`];
  const { stdout } = await run('python3', [PROGRAM, '[y/N]', text, ...lockseal, ...approve], {
    cwd: shop.directory,
    env: { ...process.env, TERM: 'xterm', HOME: shop.directory },
    timeout: 60_000,
  });
  return JSON.parse(stdout) as Ended;
}

function hasPython(): boolean {
  try {
    execFileSync('python3', ['-c', 'import pty'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

const isStored = (): Promise<boolean> =>
  access(shop.approvals).then(
    () => true,
    () => false,
  );

describe('at a terminal, approving asks', { skip: process.platform === 'win32' && 'needs a pseudo-terminal' }, () => {
  test('and signs after y', async (t) => {
    const ended = await answer(t, 'y\\n');
    if (ended === undefined) return;
    assert.match(ended.shown, /Approve as security\? \[y\/N\]/);
    assert.equal(ended.exitCode, 0, ended.shown);
    assert.equal(await isStored(), true);
  });

  test('and signs nothing after n', async (t) => {
    const ended = await answer(t, 'n\\n');
    if (ended === undefined) return;
    assert.equal(ended.asked, true);
    assert.notEqual(ended.exitCode, 0, ended.shown);
    assert.match(ended.shown, /ERR_INTERRUPTED/);
    assert.equal(await isStored(), false);
  });

  test('and ends by the signal after Ctrl-C, so that a script stops as well', async (t) => {
    const ended = await answer(t, '\\x03');
    if (ended === undefined) return;
    assert.equal(ended.signal, SIGINT, ended.shown);
    assert.equal(await isStored(), false);
  });
});
