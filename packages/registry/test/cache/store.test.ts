import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { serialize } from 'node:v8';
import { describe, test, type TestContext } from 'node:test';
import { defaultCacheDirectory } from '../../src/cache/directory.ts';
import { Cache } from '../../src/cache/store.ts';
import { getTarballFacts, putTarballFacts } from '../../src/cache/tarball-facts.ts';
import { readTarball } from '../../src/tarball/read.ts';
import { tempDir } from '../support/config.ts';
import { makePackage } from '../support/tarball.ts';

function open(directory: string): { readonly cache: Cache; readonly warnings: string[] } {
  const warnings: string[] = [];
  return { cache: new Cache({ directory, onWarning: (message) => void warnings.push(message) }), warnings };
}

/** All files below a folder. */
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((name) => statSync(name).isFile());

describe('the cache', () => {
  test('gives back what was put, with its entity tag', async (t) => {
    const { cache, warnings } = open(tempDir(t));
    assert.equal(await cache.get('a'), undefined);
    await cache.put('a', Buffer.from('one'), '"1"');
    await cache.put('a', Buffer.from('two'), undefined);
    await cache.put('b', Buffer.from('three'), '"3"');
    assert.deepEqual(await cache.get('a'), { bytes: Buffer.from('two'), etag: undefined });
    assert.deepEqual(await cache.get('b'), { bytes: Buffer.from('three'), etag: '"3"' });
    assert.deepEqual(warnings, []);
  });

  for (const [what, spoil] of [
    ['changed', (file: string) => writeFileSync(file, 'oNe')],
    ['cut short', (file: string) => writeFileSync(file, 'o')],
    ['grown', (file: string) => appendFileSync(file, 'more')],
  ] as const) {
    test(`content that was ${what} is not given out, and is replaced`, async (t) => {
      const folder = tempDir(t);
      const { cache, warnings } = open(folder);
      await cache.put('a', Buffer.from('one'), undefined);
      const content = filesBelow(folder).filter((name) => name.includes('content-v'));
      assert.equal(content.length, 1);
      chmodSync(content[0] ?? '', 0o644);
      spoil(content[0] ?? '');
      assert.equal(await cache.get('a'), undefined);
      await cache.put('a', Buffer.from('one'), undefined);
      assert.equal((await cache.get('a'))?.bytes.toString(), 'one');
      assert.deepEqual(warnings, []);
    });
  }

  test('a spoilt index is an empty one', async (t) => {
    const folder = tempDir(t);
    const { cache } = open(folder);
    await cache.put('a', Buffer.from('one'), undefined);
    for (const name of filesBelow(folder).filter((file) => file.includes('index-v'))) writeFileSync(name, 'garbage');
    assert.equal(await cache.get('a'), undefined);
  });

  // Root may write anywhere, so a file stands where the folder should be: the disk refuses as it would for others.
  test('a cache that cannot be written warns once, and fails nothing', async (t) => {
    const folder = path.join(tempDir(t), 'file');
    writeFileSync(folder, '');
    const { cache, warnings } = open(folder);
    await cache.put('a', Buffer.from('one'), undefined);
    await cache.put('b', Buffer.from('two'), undefined);
    assert.equal(await cache.get('a'), undefined);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /cannot be written \((?:ENOTDIR|EEXIST)\); going on without it/);
  });

  test('a read-only folder warns once, and fails nothing', async (t) => {
    const parent = tempDir(t);
    chmodSync(parent, 0o755);
    const folder = path.join(parent, 'cache');
    mkdirSync(folder, { mode: 0o555 });
    await asNobody(async () => {
      const { cache, warnings } = open(folder);
      await cache.put('a', Buffer.from('one'), undefined);
      assert.equal(await cache.get('a'), undefined);
      assert.equal(warnings.length, 1);
    });
  });

  test('several processes may use it at once', async (t) => {
    const folder = tempDir(t);
    await Promise.all(Array.from({ length: 3 }, (_, index) => runWriter(t, folder, index)));
    const { cache, warnings } = open(folder);
    for (let key = 0; key < 20; key++) {
      const shared = (await cache.get(`shared-${key}`))?.bytes.toString() ?? '';
      assert.match(shared, new RegExp(`^(\\d) wrote ${key} (?:\\1){1000}$`));
      for (const index of [0, 1, 2])
        assert.equal((await cache.get(`own-${index}-${key}`))?.bytes.toString(), `own ${key}`);
    }
    assert.deepEqual(warnings, []);
  });

  /** Root may write anywhere, so what root tests is done as nobody. */
  async function asNobody(act: () => Promise<void>): Promise<void> {
    if (process.geteuid?.() !== 0) return act();
    process.seteuid?.(65_534);
    try {
      await act();
    } finally {
      process.seteuid?.(0);
    }
  }

  async function runWriter(t: TestContext, folder: string, index: number): Promise<void> {
    const child = fork(new URL('../support/cache-writer.ts', import.meta.url), [folder, String(index)], {
      execArgv: ['--conditions=@lockseal/source'],
    });
    t.after(() => child.kill());
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  }
});

describe('tarball facts', () => {
  test('come back as they were, Maps and Sets included', async (t) => {
    const { cache } = open(tempDir(t));
    const run = { path: 'package/run', body: '#!/bin/sh', mode: 0o755 };
    const tgz = makePackage([run, { path: 'package/größe.txt', body: 'x' }], {
      name: 'a',
      version: '1.0.0',
      dependencies: { __proto__x: '1', b: '^1.0.0' },
    });
    const facts = await readTarball(streamOf(tgz), { yarn: { name: 'a', cacheKeys: ['10c0'] } });
    await putTarballFacts(cache, facts);
    assert.deepEqual(await getTarballFacts(cache, facts.sha512), facts);
    assert.equal(await getTarballFacts(cache, '0'.repeat(128)), undefined);
    assert.equal(await getTarballFacts(undefined, facts.sha512), undefined);
  });

  test('of an older reader, which kept no list of files, are read again, never taken for "no files"', async (t) => {
    const { cache } = open(tempDir(t));
    const { list, ...older } = await readTarball(streamOf(makePackage()));
    assert.equal(list?.length, 1);
    for (const reader of ['r2', 'r3'])
      await cache.put(`tarball-facts:${reader}:${older.sha512}`, serialize(older), undefined);
    assert.equal(await getTarballFacts(cache, older.sha512), undefined);
  });

  test('of other bytes, or no facts at all, are not given out', async (t) => {
    const { cache } = open(tempDir(t));
    const facts = await readTarball(streamOf(makePackage()));
    const key = `tarball-facts:r3:${'0'.repeat(128)}`;
    const broken = { ...facts, sha512: '0'.repeat(128), list: 'none' };
    for (const bytes of [
      serialize(facts),
      serialize(broken),
      serialize({ sha512: '0'.repeat(128) }),
      Buffer.from('{}'),
    ]) {
      await cache.put(key, bytes, undefined);
      assert.equal(await getTarballFacts(cache, '0'.repeat(128)), undefined);
    }
  });
});

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

describe('the default folder', () => {
  for (const [platform, env, expected] of [
    ['linux', {}, '/home/u/.cache/lockseal'],
    ['linux', { XDG_CACHE_HOME: '/x' }, '/x/lockseal'],
    ['linux', { XDG_CACHE_HOME: 'relative' }, '/home/u/.cache/lockseal'],
    ['darwin', {}, '/home/u/Library/Caches/lockseal'],
    ['win32', { LOCALAPPDATA: '/l' }, '/l/lockseal'],
    ['linux', { LOCKSEAL_CACHE_DIR: '/own', XDG_CACHE_HOME: '/x' }, '/own'],
  ] as const) {
    test(`${platform} ${JSON.stringify(env)}: ${expected}`, () => {
      assert.equal(defaultCacheDirectory(env, '/home/u', platform), expected);
    });
  }
});
