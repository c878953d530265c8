// What a power failure leaves of files: cut off anywhere, or of the right length with zeros from somewhere on, because
// the name was on the disk before the bytes were. Only time may be lost, and nothing is taken for what it was not.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { LocksealError } from '@lockseal/core';
import { cacheIn } from '../../packages/registry/test/support/cache.ts';
import { runs } from '../support/thorough.ts';
import { STATE_KINDS } from './support/state-kinds.ts';

/** Every so-many-th byte; a thorough run takes them all. */
const STEP = runs(17, 1);
const CONTENTS: ReadonlyMap<string, string> = new Map([
  ['a', 'one'.repeat(40)],
  ['b', 'two'.repeat(50)],
  ['c', 'three'.repeat(30)],
]);

const shapes: readonly (readonly [name: string, damage: (bytes: Buffer, at: number) => Buffer])[] = [
  ['cut off', (bytes, at) => bytes.subarray(0, at)],
  ['zeros from somewhere on', (bytes, at) => Buffer.concat([bytes.subarray(0, at), Buffer.alloc(bytes.length - at)])],
  [
    'a page of zeros in the middle',
    (bytes, at) =>
      Buffer.concat([bytes.subarray(0, at), Buffer.alloc(64), bytes.subarray(at + 64)]).subarray(0, bytes.length),
  ],
];

function folder(t: TestContext): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-power-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function fill(directory: string): void {
  const cache = cacheIn(directory);
  for (const [name, content] of CONTENTS) cache.put(name, Buffer.from(content), { etag: undefined, maxAgeMs: 0 });
  cache.close();
}

/** What the cache gives out, by name. */
function readAll(directory: string): ReadonlyMap<string, string | undefined> {
  const cache = cacheIn(directory);
  const found = [...CONTENTS.keys()].map((name): [string, string | undefined] => {
    const head = cache.head(name);
    return [name, head === undefined ? undefined : cache.content(head)?.toString()];
  });
  cache.close();
  return new Map(found);
}

describe('a segment of the cache', () => {
  for (const [shape, damage] of shapes) {
    test(`${shape}: what is given out is what was put, and what is not is put anew`, (t) => {
      const directory = folder(t);
      fill(directory);
      const records = path.join(directory, 'cache');
      const names = fs.readdirSync(records, { recursive: true, encoding: 'utf8' });
      const file = path.join(records, names.find((each) => each.endsWith('.segment')) ?? assert.fail());
      const whole = fs.readFileSync(file);
      let lost = 0;
      for (let at = 0; at < whole.length; at += STEP) {
        fs.writeFileSync(file, damage(whole, at));
        for (const [key, content] of readAll(directory)) {
          assert.ok(content === undefined || content === CONTENTS.get(key), `${key}, damaged at ${at}`);
          if (content === undefined) lost += 1;
        }
        fill(directory);
        assert.deepEqual(readAll(directory), CONTENTS, `after damage at ${at}`);
        fs.readdirSync(path.dirname(file)).forEach((each) => fs.rmSync(path.join(path.dirname(file), each)));
      }
      t.diagnostic(`${Math.ceil(whole.length / STEP)} places, ${lost} records had anew`);
      assert.ok(lost > 0);
    });
  }
});

describe("the cache's key", () => {
  const cases: readonly (readonly [why: string, damage: (key: Buffer) => Buffer])[] = [
    ['nothing', () => Buffer.alloc(0)],
    ['half of it', (key) => key.subarray(0, 16)],
    ['zeros, with which anybody could seal', (key) => Buffer.alloc(key.length)],
    ['half of it and zeros', (key) => Buffer.concat([key.subarray(0, 16), Buffer.alloc(16)])],
    ['zeros and half of it', (key) => Buffer.concat([Buffer.alloc(16), key.subarray(16)])],
  ];
  for (const [why, damage] of cases) {
    test(`${why}: the cache is done without, and a warning says so`, (t) => {
      const directory = folder(t);
      fill(directory);
      const file = path.join(directory, 'state', 'cache-key');
      fs.writeFileSync(file, damage(fs.readFileSync(file)));
      const warnings: string[] = [];
      const cache = cacheIn(directory, { onWarning: (message) => warnings.push(message) });
      assert.equal(cache.head('a'), undefined);
      cache.close();
      assert.match(warnings.join(), /is not a key/);
    });
  }
});

describe('files that are forced to the disk before they have their names', () => {
  // So that these shapes should not occur; where a disk lies, they are told.
  const files: Readonly<Record<string, string>> = { approvals: 'approvals.jsonl', pack: 'evidence.pack' };
  for (const [kindName, name] of Object.entries(files)) {
    for (const [shape, damage] of shapes) {
      test(`${name}, ${shape}: a coded error, or what was there before`, async (t) => {
        const directory = folder(t);
        const kind = STATE_KINDS.get(kindName) ?? assert.fail();
        await kind.write(directory, 0);
        await kind.write(directory, 1);
        const before = await kind.read(directory);
        const file = path.join(directory, name);
        const whole = fs.readFileSync(file);
        const step = Math.max(1, Math.floor(whole.length / runs(25, 1000)));
        for (let at = 0; at < whole.length - 1; at += step) {
          fs.writeFileSync(file, damage(whole, at));
          const outcome: unknown = await kind.read(directory).catch((thrown: unknown) => thrown);
          if (outcome instanceof LocksealError) continue;
          assert.ok(Array.isArray(outcome), `damaged at ${at}: ${String(outcome)}`);
          assert.deepEqual(outcome, before.slice(0, outcome.length));
        }
      });
    }
  }

  test('what TUF has told: as if it had told nothing', async (t) => {
    const directory = folder(t);
    const kind = STATE_KINDS.get('trust') ?? assert.fail();
    await kind.write(directory, 1);
    const trust = path.join(directory, 'trust');
    const file = path.join(trust, fs.readdirSync(trust)[0] ?? assert.fail());
    const whole = fs.readFileSync(file);
    for (const [, damage] of shapes) {
      for (let at = 0; at < whole.length; at += Math.floor(whole.length / runs(10, 500))) {
        fs.writeFileSync(file, damage(whole, at));
        await assert.rejects(kind.read(directory), /undefined/, `damaged at ${at}`);
      }
    }
    await kind.write(directory, 2);
    assert.deepEqual(await kind.read(directory), [2]);
  });
});
