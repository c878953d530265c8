import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../support/gate.ts';

/** `npm run test:state` sets it. */
const IS_THOROUGH = process.env['LOCKSEAL_THOROUGH'] !== undefined;
const PROCESSES = IS_THOROUGH ? 50 : 2;
const VICTIMS = IS_THOROUGH ? 50 : 1;
const ROUNDS = 6;

test(`${PROCESSES} processes read and write the same entries at once, and ${VICTIMS} are killed in the middle`, async (t) => {
  const folder = temporaryFolder(t);
  const program = path.join(import.meta.dirname, '..', 'support', 'store-process.ts');
  const start = (seed: number): ReturnType<typeof run> => run([program, folder, String(ROUNDS), String(seed)]);
  const outcomes = Array.from({ length: PROCESSES }, (_, seed) => start(seed).outcome);
  for (let index = 0; index < VICTIMS; index++) {
    const victim = start(2);
    await Promise.race([victim.outcome, sleep(Math.random() * 400)]);
    victim.kill();
    await victim.outcome;
  }
  for (const { code, text } of await Promise.all(outcomes)) assert.deepEqual([code, text], [0, 'good']);
  assert.deepEqual(await start(0).outcome, { code: 0, text: 'good' });
  const entries = fs.readdirSync(path.join(folder, 'tarballs-v1'));
  assert.deepEqual(
    entries.filter((name) => !/^[0-9a-f]{128}$/.test(name)),
    [],
  );
  assert.equal(entries.length, 4);
});

interface Outcome {
  readonly code: number | null;
  readonly text: string;
}

function run(args: readonly string[]): { readonly outcome: Promise<Outcome>; readonly kill: () => void } {
  const child = spawn(process.execPath, ['--conditions=@lockseal/source', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.on('close', (code) => resolve({ code, text }));
  return { outcome: promise, kill: () => child.kill('SIGKILL') };
}
