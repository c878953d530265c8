import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { createFactsStore, type FactsStoreOptions } from '../../src/cache/settled-facts.ts';
import type { Cache } from '../../src/cache/store.ts';
import { cacheIn } from '../support/cache.ts';
import { tempDir } from '../support/config.ts';

const OFFLINE: FactsStoreOptions = { version: '1.0.0', scope: ['/project', undefined], offline: true };
const FACTS: ReadonlyMap<string, object> = new Map<string, object>([
  ['a', { checks: 'good', scripts: new Map([['install', 'x']]) }],
  ['b', { checks: 'good', scripts: new Map() }],
]);

/** One run: asks for the answers `a` and `b` and `absent`, which is not there, and puts what follows. */
function settle(folder: string, facts: ReadonlyMap<string, object> = FACTS, options = OFFLINE): void {
  inRun(folder, (cache) => {
    for (const key of ['a', 'b', 'absent']) cache.head(key);
    createFactsStore(cache, options).put('name', facts);
  });
}

function inRun<T>(folder: string, act: (cache: Cache) => T): T {
  const cache = cacheIn(folder);
  const result = act(cache);
  cache.close();
  return result;
}

function settled(folder: string, options = OFFLINE, name = 'name'): ReadonlyMap<string, unknown> | undefined {
  return inRun(folder, (cache) => createFactsStore(cache, options).get(name));
}

function answer(cache: Cache, key: string, text: string, maxAgeMs = 0): void {
  cache.put(key, Buffer.from(text), { etag: undefined, maxAgeMs });
}

/** A cache with the answers `a` and `b`, from one run, and what followed from them, from another. */
function filled(t: TestContext, maxAgeMs = 0): string {
  const folder = tempDir(t);
  inRun(folder, (cache) => {
    for (const key of ['a', 'b']) answer(cache, key, key, maxAgeMs);
  });
  settle(folder);
  return folder;
}

describe('facts in the cache', () => {
  test('come back as they were, Maps included, run after run', (t) => {
    const folder = filled(t);
    assert.deepEqual(settled(folder), FACTS);
    assert.deepEqual(settled(folder), FACTS);
  });

  test('come back from the run that fetched the answers', (t) => {
    const folder = tempDir(t);
    inRun(folder, (cache) => {
      for (const key of ['a', 'b']) {
        cache.head(key);
        answer(cache, key, key);
      }
      createFactsStore(cache, OFFLINE).put('name', FACTS);
    });
    assert.deepEqual(settled(folder), FACTS);
  });

  test('as many as there may be', (t) => {
    const many = new Map(Array.from({ length: 1234 }, (_, index) => [`package-${index}`, { index }]));
    const folder = filled(t);
    settle(folder, many);
    assert.deepEqual(settled(folder), many);
    settle(folder, FACTS);
    assert.deepEqual(settled(folder), FACTS);
    settle(folder, new Map());
    assert.deepEqual(settled(folder), new Map());
  });

  test('survive what concerns other answers', (t) => {
    const folder = filled(t);
    inRun(folder, (cache) => {
      answer(cache, 'c', 'c');
      cache.putRecord('verdict:of another', Buffer.from('x'));
    });
    assert.deepEqual(settled(folder), FACTS);
  });

  const changes: readonly (readonly [what: string, change: (cache: Cache) => void])[] = [
    ['an answer is another', (cache) => answer(cache, 'a', 'another')],
    ['an answer came again, for another time', (cache) => answer(cache, 'a', 'a', 60_000)],
    ['an answer is there that was not', (cache) => answer(cache, 'absent', 'now there')],
    ['there is no such answer any more', (cache) => cache.confirm('b', { digest: 'absent', etag: undefined }, 0)],
  ];
  for (const [what, change] of changes) {
    test(`${what}: nothing is settled`, (t) => {
      const folder = filled(t);
      inRun(folder, change);
      assert.equal(settled(folder), undefined);
    });

    test(`${what}, in the very run that settled: nothing is settled`, (t) => {
      const folder = tempDir(t);
      inRun(folder, (cache) => {
        for (const key of ['a', 'b']) answer(cache, key, key);
        for (const key of ['a', 'b', 'absent']) cache.head(key);
        createFactsStore(cache, OFFLINE).put('name', FACTS);
        change(cache);
      });
      assert.equal(settled(folder), undefined);
    });
  }

  test('follow from what the facts before them followed from', (t) => {
    const folder = filled(t);
    // Looks at nothing but what is new, and puts all.
    inRun(folder, (cache) => {
      const store = createFactsStore(cache, OFFLINE);
      assert.deepEqual(store.get('name'), FACTS);
      store.put('name', new Map([...FACTS, ['c', {}]]));
    });
    assert.equal(settled(folder)?.size, 3);
    inRun(folder, (cache) => answer(cache, 'a', 'another'));
    assert.equal(settled(folder), undefined);
  });

  test('are lost where segments are merged, which tells no more what came first', (t) => {
    const folder = filled(t);
    for (let run = 0; run < 10; run += 1) inRun(folder, (cache) => answer(cache, `other ${run}`, String(run)));
    assert.equal(settled(folder), undefined);
  });

  for (const [what, options, name] of [
    ['another version of lockseal', { ...OFFLINE, version: '1.0.1' }, 'name'],
    ['another project', { ...OFFLINE, scope: ['/other', undefined] }, 'name'],
    ['another registry for attestations', { ...OFFLINE, scope: ['/project', 'https://example.org/'] }, 'name'],
    ['another trusted root, other keys', OFFLINE, 'other name'],
  ] as const) {
    test(`${what} has settled nothing`, (t) => {
      assert.equal(settled(filled(t), options, name), undefined);
    });
  }

  test('online, hold as long as every answer they follow from', (t) => {
    const online = { ...OFFLINE, offline: false };
    assert.deepEqual(settled(filled(t, 60_000), online), FACTS);
    assert.equal(settled(filled(t), online), undefined);
    const folder = tempDir(t);
    inRun(folder, (cache) => {
      answer(cache, 'a', 'a', 60_000);
      createFactsStore(cache, OFFLINE).put('name', FACTS);
    });
    assert.deepEqual(settled(folder, online), FACTS);
    inRun(folder, (cache) => {
      cache.head('a');
      answer(cache, 'b', 'b', 0);
      createFactsStore(cache, OFFLINE).put('name', FACTS);
    });
    assert.equal(settled(folder, online), undefined);
    assert.deepEqual(settled(folder), FACTS);
  });

  test('changed by a bit anywhere: are not believed', (t) => {
    const folder = filled(t);
    const layout = path.join(folder, 'cache', 'v2');
    const kept = readdirSync(layout).map(
      (name) => [path.join(layout, name), readFileSync(path.join(layout, name))] as const,
    );
    const [file, bytes] = kept.find(([, content]) => content.includes('checks')) ?? assert.fail('no facts were kept');
    for (let at = 0; at < bytes.length; at += 7) {
      for (const [each, content] of kept) writeFileSync(each, content);
      const spoilt = Buffer.from(bytes);
      spoilt[at] = (spoilt[at] ?? 0) ^ 1;
      writeFileSync(file, spoilt);
      assert.ok([undefined, 2].includes(settled(folder)?.size), `byte ${at}`);
      if (settled(folder) !== undefined) assert.deepEqual(settled(folder), FACTS, `byte ${at}`);
    }
  });
});
