// What lockseal keeps on disk, in a world where processes are killed, disks are full and clocks are wrong: what was said
// to be written is there, what is there is whole, and the next run works.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runs } from '../support/thorough.ts';
import { cacheIn } from '../../packages/registry/test/support/cache.ts';
import { STATE_KINDS, type StateKind } from './support/state-kinds.ts';

const WRITER = path.join(import.meta.dirname, 'support', 'state-writer.ts');
const CACHE_WRITER = path.join(import.meta.dirname, '../../packages/registry/test/support/cache-writer.ts');
/** Of each kind; a thorough run tries 200 times in all. */
const KILLS = runs(1, 40);
/** After its first turn a process has so long to live, at most. */
const LIFE_MS = 120;

function folder(t: TestContext): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-state-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Lets a process write until it is killed at some moment. @returns the last turn that it said was done */
async function killWhileWriting(name: string, directory: string): Promise<number> {
  const args = ['--conditions=@lockseal/source', '--no-warnings', WRITER, name, directory];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  await sleep(Math.random() * LIFE_MS);
  child.kill('SIGKILL');
  assert.deepEqual(await closed, [null, 'SIGKILL']);
  return said.lastIndexOf('\n') === -1 ? -1 : Number(said.trimEnd().split('\n').at(-1));
}

/** A lock that nobody renews is taken over after twenty seconds; here they have passed. */
function letLocksGrowOld(directory: string): void {
  for (const name of fs.readdirSync(directory).filter((each) => each.endsWith('.lock'))) {
    fs.utimesSync(path.join(directory, name), 0, 0);
  }
}

/** What a run that was not killed would have cleared away. */
function leftovers(directory: string): readonly string[] {
  const names = fs.readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /\.(?:tmp|unfinished|lock)$/.test(name));
}

async function assertNothingLost(kind: StateKind, directory: string, said: number): Promise<number> {
  const turns = await kind.read(directory);
  const last = turns.at(-1) ?? -1;
  assert.ok(last === said || last === said + 1, `it said ${said}, and ${last} is there`);
  if (kind.keeps === 'all') assert.deepEqual(turns, [...Array(last + 1).keys()]);
  return last;
}

describe('killed while it writes', { concurrency: 2 }, () => {
  for (const [name, kind] of STATE_KINDS) {
    test(`${name}: nothing is lost or half-written, and the next run works`, { timeout: 600_000 }, async (t) => {
      let inTheMiddle = 0;
      for (let kill = 0; kill < KILLS; kill += 1) {
        const directory = folder(t);
        const said = await killWhileWriting(name, directory);
        if (leftovers(directory).length > 0) inTheMiddle += 1;
        const last = await assertNothingLost(kind, directory, said);
        letLocksGrowOld(directory);
        await kind.write(directory, last + 1);
        assert.equal((await kind.read(directory)).at(-1), last + 1);
      }
      t.diagnostic(`${inTheMiddle} of ${KILLS} killed in the middle of a write`);
    });
  }
});

const PROCESSES = runs(8, 200);

describe('many processes at once', () => {
  test(`${PROCESSES} on one cache: none warns, and each finds what it wrote`, { timeout: 1_200_000 }, async (t) => {
    const directory = folder(t);
    const atOnce = Math.min(PROCESSES, 40);
    const numbers = [...Array(PROCESSES).keys()];
    for (let start = 0; start < PROCESSES; start += atOnce) {
      const ends = await Promise.all(
        numbers.slice(start, start + atOnce).map((index) => writeToCache(directory, index)),
      );
      assert.deepEqual(ends, Array(ends.length).fill([0, null]));
    }
    const cache = cacheIn(directory);
    const read = (key: string): string | undefined => {
      const head = cache.head(key);
      return head === undefined ? undefined : cache.content(head)?.toString();
    };
    for (let key = 0; key < 20; key += 1) {
      assert.match(read(`shared-${key}`) ?? '', new RegExp(`^(\\d+) wrote ${key} (?:\\1){1000}$`));
      for (const index of numbers) assert.equal(read(`own-${index}-${key}`), `own ${key}`, `${index}, ${key}`);
    }
  });
});

function writeToCache(directory: string, index: number): Promise<unknown[]> {
  const args = ['--conditions=@lockseal/source', '--no-warnings', CACHE_WRITER, directory, String(index)];
  return once(spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }), 'exit');
}
