import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodeCollector } from '../../src/tarball/code-collector.ts';
import { readWhole } from '../../src/tarball/read-whole.ts';
import { ReadingPool } from '../../src/tarball/reading-pool.ts';
import type { WholeReader } from '../../src/tarball/reading.ts';
import { makePackage } from '../support/tarball.ts';

/** Bytes read on this thread after which others are started. */
const FIRST = 4_000_000;

const packageOf = (name: string): Buffer => makePackage([], { name, version: '1.0.0' });
/** Reads nothing, at once: what is told is which tarballs this thread was given. */
function recorder(): { readonly here: WholeReader; readonly read: Uint8Array[] } {
  const read: Uint8Array[] = [];
  const here: WholeReader = async (pieces, options) => {
    const bytes = Buffer.concat(pieces);
    read.push(bytes);
    return readWhole([bytes.length >= FIRST ? packageOf('first') : bytes], options);
  };
  return { here, read };
}

/** Reads more than pays for a thread, and waits until one has answered. */
async function started(pool: ReadingPool, read: readonly Uint8Array[]): Promise<void> {
  await pool.read([Buffer.alloc(FIRST)], {});
  for (;;) {
    const before = read.length;
    await Promise.all([packageOf('a'), packageOf('b'), packageOf('c')].map((bytes) => pool.read([bytes], {})));
    if (read.length - before < 3) return;
    await new Promise(setImmediate);
  }
}

describe('threads that read tarballs', () => {
  test('are not started for little, nor where there is but one core', async () => {
    for (const [threads, first] of [
      [2, FIRST / 2],
      [0, FIRST],
    ] as const) {
      const { here, read } = recorder();
      const pool = new ReadingPool(
        ([bytes = Buffer.alloc(0)], options) => here([bytes.length === first ? Buffer.alloc(FIRST) : bytes], options),
        threads,
      );
      await pool.read([Buffer.alloc(first)], {});
      await sleep(20);
      await Promise.all(Array.from({ length: 20 }, () => pool.read([packageOf('a')], {})));
      assert.equal(read.length, 21);
    }
  });

  test('answer what this thread would answer, for every option', async () => {
    const { here, read } = recorder();
    const pool = new ReadingPool(here, 2);
    await started(pool, read);
    const before = read.length;
    const asked = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].flatMap((name) => [
      { bytes: packageOf(name), options: {} },
      { bytes: packageOf(name), options: { extras: ['list'] as const, yarn: { name, cacheKeys: ['10c0'] } } },
    ]);
    const answers = await Promise.all(
      asked.map(({ bytes, options }) => pool.read([bytes.subarray(0, 9), bytes.subarray(9)], options)),
    );
    assert.deepEqual(answers, await Promise.all(asked.map(({ bytes, options }) => readWhole([bytes], options))));
    assert.ok(read.length - before < asked.length, 'some were read by threads');
  });

  test('leave it to this one to say what is wrong, and see no code', async () => {
    const { here, read } = recorder();
    const pool = new ReadingPool(here, 1);
    await started(pool, read);
    for (const bytes of [Buffer.from('garbage'), makePackage([{ path: 'package/package.json', body: '{' }])]) {
      const expected = await readWhole([bytes]).catch((error: unknown) => error);
      const asked = Array.from({ length: 5 }, () => pool.read([bytes], {}).catch((error: unknown) => error));
      for (const outcome of await Promise.all(asked)) {
        assert.ok(outcome instanceof Error && outcome.name === (expected as Error).name);
        assert.equal(outcome.message, (expected as Error).message);
      }
    }
    const code = new CodeCollector();
    await pool.read([makePackage([{ path: 'package/a.js', body: 'require("fs")' }])], { code });
    assert.deepEqual(code.finish()[0]?.modules, ['fs']);
  });

  for (const [what, script] of [
    ['die of what they are sent', 'parentPort.on("message", () => process.exit(1))'],
    ['fail at it', 'parentPort.on("message", () => { throw new Error("of the test") })'],
    ['are over before they begin', ''],
    ['cannot be loaded', 'import "no-such-module"'],
  ] as const) {
    test(`that ${what} leave it to this one`, async () => {
      const { here, read } = recorder();
      const source = `import { parentPort } from 'node:worker_threads'; ${script}`;
      const pool = new ReadingPool(here, 2, new URL(`data:text/javascript,${encodeURIComponent(source)}`));
      await pool.read([Buffer.alloc(FIRST)], {});
      for (let turn = 0; turn < 5; turn += 1) {
        const many = Array.from({ length: 10 }, () => pool.read([packageOf('a')], {}));
        assert.equal((await Promise.all(many)).length, 10);
        await sleep(5);
      }
      assert.equal(read.length, 51);
    });
  }

  test('are let go when nobody needs them, and started again when somebody does', async () => {
    const { here, read } = recorder();
    const pool = new ReadingPool(here, 1);
    await started(pool, read);
    await sleep(150);
    const before = read.length;
    const many = Array.from({ length: 10 }, () => pool.read([packageOf('a')], {}));
    await Promise.all(many);
    assert.equal(read.length - before, 10);
    await started(pool, read);
  });
});
