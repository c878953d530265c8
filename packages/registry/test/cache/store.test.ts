import assert from 'node:assert/strict';
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import type { TarballExtra, TarballFacts } from '@lockseal/core';
import { defaultCacheDirectory, defaultStateDirectory } from '../../src/cache/directory.ts';
import { toMerge } from '../../src/cache/compaction.ts';
import { MAGIC } from '../../src/cache/segment.ts';
import type { Cache } from '../../src/cache/store.ts';
import { getTarballFacts, putTarballFacts } from '../../src/cache/tarball-facts.ts';
import { ALL_EXTRAS } from '../../src/tarball/extras.ts';
import { TARBALL_LIMITS } from '../../src/tarball/limits.ts';
import { readTarball } from '../../src/tarball/read.ts';
import { cacheIn } from '../support/cache.ts';
import { tempDir } from '../support/config.ts';
import { makePackage } from '../support/tarball.ts';

const HEAD = { etag: undefined, maxAgeMs: 0 };
const POSIX = process.platform === 'win32' ? { skip: 'POSIX permissions' } : {};

function put(cache: Cache, key: string, text: string, head: Parameters<Cache['put']>[2] = HEAD): void {
  cache.put(key, Buffer.from(text), head);
}

function read(cache: Cache, key: string): string | undefined {
  const head = cache.head(key);
  return head && cache.content(head)?.toString();
}

/** A folder with a closed cache that holds `a`. */
function filled(t: TestContext, text = 'one'): string {
  const folder = tempDir(t);
  const cache = cacheIn(folder);
  put(cache, 'a', text);
  cache.close();
  return folder;
}

const layout = (folder: string): string => path.join(folder, 'cache', 'v2');
const segments = (folder: string): string[] =>
  readdirSync(layout(folder))
    .filter((name) => name.endsWith('.segment'))
    .map((name) => path.join(layout(folder), name));

function onlySegment(folder: string): string {
  const [file, ...more] = segments(folder);
  assert.ok(file !== undefined && more.length === 0);
  return file;
}

/** Whatever was done to the folder, the cache has nothing false to say and takes new records. */
function assertHeals(folder: string): void {
  // Of two records of one millisecond either may count.
  const cache = cacheIn(folder, { now: () => Date.now() + 1000 });
  assert.equal(read(cache, 'a'), undefined);
  put(cache, 'a', 'new');
  assert.equal(read(cache, 'a'), 'new');
  cache.close();
  assert.equal(read(cacheIn(folder), 'a'), 'new');
}

describe('the cache', () => {
  test('gives back what was put, before and after it is closed', (t) => {
    const folder = tempDir(t);
    const cache = cacheIn(folder);
    assert.equal(cache.head('a'), undefined);
    put(cache, 'a', 'one', { etag: '"1"', maxAgeMs: 0 });
    put(cache, 'a', 'two');
    put(cache, 'b', 'three', { etag: '"3"', maxAgeMs: 0 });
    put(cache, 'empty', '');
    for (const each of [cache, (cache.close(), cache), cacheIn(folder)]) {
      assert.equal(read(each, 'a'), 'two');
      assert.equal(each.head('a')?.etag, undefined);
      assert.equal(read(each, 'b'), 'three');
      assert.equal(each.head('b')?.etag, '"3"');
      assert.equal(read(each, 'empty'), '');
      assert.equal(each.head('constructor'), undefined);
    }
  });

  test('the newest of several runs counts', (t) => {
    const folder = tempDir(t);
    for (const [now, text] of [
      [1000, 'old'],
      [3000, 'new'],
      [2000, 'late, with a clock that lags'],
    ] as const) {
      const cache = cacheIn(folder, { now: () => now });
      put(cache, 'a', text);
      cache.close();
    }
    assert.equal(read(cacheIn(folder), 'a'), 'new');
  });

  test('an answer is fresh for as long as the server said, and five minutes at most', (t) => {
    let now = 1_000_000;
    const cache = cacheIn(tempDir(t), { now: () => now });
    const isFresh = (key: string): boolean => cache.isFresh(cache.head(key) ?? assert.fail());
    put(cache, 'none', '0');
    put(cache, 'minute', '1', { etag: undefined, maxAgeMs: 60_000 });
    put(cache, 'year', '2', { etag: undefined, maxAgeMs: 365 * 24 * 60 * 60 * 1000 });
    assert.deepEqual(['none', 'minute', 'year'].map(isFresh), [false, true, false]);
    now += 59_999;
    assert.equal(isFresh('minute'), true);
    now += 1;
    assert.equal(isFresh('minute'), false);
    now -= 10 * 60_000;
    assert.equal(isFresh('minute'), false, 'the clock was set back');
  });

  test('a run that reads, or confirms what it knows, writes nothing', (t) => {
    const folder = filled(t);
    const before = readdirSync(layout(folder));
    const cache = cacheIn(folder);
    const head = cache.head('a') ?? assert.fail();
    cache.confirm('a', head, 0);
    cache.close();
    assert.deepEqual(readdirSync(layout(folder)), before);
  });

  test('only its user can read the cache and its key', POSIX, (t) => {
    const folder = filled(t);
    const modeOf = (...parts: string[]): number => statSync(path.join(folder, ...parts)).mode & 0o777;
    assert.equal(modeOf('cache', 'v2'), 0o700);
    assert.equal(modeOf('state'), 0o700);
    assert.equal(modeOf('state', 'cache-key'), 0o600);
    assert.equal(statSync(onlySegment(folder)).mode & 0o777, 0o600);
  });
});

describe('what was done to a segment', () => {
  test('any bit that is flipped: no other bytes are given out', (t) => {
    const folder = filled(t);
    const file = onlySegment(folder);
    const bytes = readFileSync(file);
    for (let at = 0; at < bytes.length; at += 1) {
      const spoilt = Buffer.from(bytes);
      spoilt[at] = (spoilt[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(file, spoilt);
      // The magic is vouched for, and not read.
      assert.equal(read(cacheIn(folder), 'a'), at < MAGIC.length ? 'one' : undefined, `byte ${at}`);
    }
    assertHeals(folder);
  });

  test('cut anywhere: nothing is given out', (t) => {
    const folder = filled(t);
    const file = onlySegment(folder);
    const bytes = readFileSync(file);
    for (let length = 0; length < bytes.length; length += 1) {
      writeFileSync(file, bytes.subarray(0, length));
      assert.equal(read(cacheIn(folder), 'a'), undefined, `${length} bytes`);
    }
    assertHeals(folder);
  });

  for (const [why, spoil] of [
    ['bytes after the end', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('more')])],
    ['bytes before the start', (bytes: Buffer) => Buffer.concat([Buffer.from('more'), bytes])],
    ['a row more than there are', (bytes: Buffer) => withCount(bytes, 1)],
    ['more rows than a file can hold', (bytes: Buffer) => withCount(bytes, 2 ** 31)],
    ['another format', () => Buffer.from('SQLite format 3\0'.repeat(100))],
    ['nothing at all', () => Buffer.alloc(0)],
    ['zeros, as after a crash of the system', (bytes: Buffer) => Buffer.alloc(bytes.length)],
  ] as const) {
    test(`${why}: as if it were not there`, (t) => {
      const folder = filled(t);
      const file = onlySegment(folder);
      writeFileSync(file, spoil(readFileSync(file)));
      assertHeals(folder);
    });
  }

  test('a link in its place is not followed, a folder is not read', POSIX, (t) => {
    const folder = filled(t);
    const file = onlySegment(folder);
    renameSync(file, path.join(folder, 'elsewhere'));
    symlinkSync(path.join(folder, 'elsewhere'), file);
    assert.equal(read(cacheIn(folder), 'a'), undefined);
    rmSync(file);
    mkdirSync(file);
    assertHeals(folder);
  });

  test('a pipe in its place is not waited for', POSIX, (t) => {
    const folder = filled(t);
    const file = onlySegment(folder);
    rmSync(file);
    execFileSync('mkfifo', [file]);
    assertHeals(folder);
  });

  test('the content of another record in its place is not given out', (t) => {
    const folder = tempDir(t);
    const cache = cacheIn(folder);
    put(cache, 'a', 'AAAA');
    put(cache, 'b', 'BBBB');
    cache.close();
    const file = onlySegment(folder);
    const text = readFileSync(file, 'latin1');
    writeFileSync(file, text.replace('AAAA', 'CCCC').replace('BBBB', 'AAAA').replace('CCCC', 'BBBB'), 'latin1');
    assert.deepEqual([read(cacheIn(folder), 'a'), read(cacheIn(folder), 'b')], [undefined, undefined]);
  });
});

function withCount(bytes: Buffer, count: number): Buffer {
  const spoilt = Buffer.from(bytes);
  spoilt.writeUInt32BE((spoilt.readUInt32BE(spoilt.length - 36) + count) % 2 ** 32, spoilt.length - 36);
  return spoilt;
}

describe('the key', () => {
  test("another user's records are not there, and theirs stay theirs", (t) => {
    const folder = filled(t);
    const theirs = { stateDirectory: path.join(folder, 'their state') };
    assert.equal(read(cacheIn(folder, theirs), 'a'), undefined);
    const cache = cacheIn(folder, theirs);
    put(cache, 'a', 'theirs');
    cache.close();
    assert.equal(read(cacheIn(folder), 'a'), 'one');
    assert.equal(read(cacheIn(folder, theirs), 'a'), 'theirs');
  });

  test("another user's segment under this user's name is removed", (t) => {
    const [folder, other] = [filled(t), filled(t, 'poison')];
    const file = onlySegment(folder);
    cpSync(onlySegment(other), file);
    assert.equal(read(cacheIn(folder), 'a'), undefined);
    assert.deepEqual(segments(folder), []);
    assertHeals(folder);
  });

  test('a cache that is restored without it only costs time', (t) => {
    const folder = filled(t);
    rmSync(path.join(folder, 'state'), { recursive: true });
    assertHeals(folder);
  });

  for (const [why, spoil, message] of [
    ['is readable by others', (file: string) => chmodSync(file, 0o644), /can be read by others/],
    ['is too short', (file: string) => truncateSync(file, 16), /is not a key/],
    ['is too long', (file: string) => writeFileSync(file, Buffer.alloc(64)), /is not a key/],
    ['is a folder', (file: string) => (rmSync(file), mkdirSync(file)), /is not a file|EISDIR/],
    ['is a link', (file: string) => (renameSync(file, `${file}.2`), symlinkSync(`${file}.2`, file)), /ELOOP/],
  ] as const) {
    test(`a key that ${why} is not used, and a warning says so`, POSIX, (t) => {
      const folder = filled(t);
      spoil(path.join(folder, 'state', 'cache-key'));
      const warnings: string[] = [];
      const cache = cacheIn(folder, { onWarning: (warning) => void warnings.push(warning) });
      put(cache, 'a', 'new');
      assert.equal(read(cache, 'a'), undefined);
      cache.close();
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', message);
    });
  }

  for (const inside of ['cache', path.join('cache', 'state'), path.join('cache', '..', 'cache')]) {
    test(`a key inside the cache, in ${inside}, would be restored with it`, (t) => {
      const folder = tempDir(t);
      const warnings: string[] = [];
      const stateDirectory = path.join(folder, inside);
      const cache = cacheIn(folder, { stateDirectory, onWarning: (warning) => void warnings.push(warning) });
      put(cache, 'a', 'one');
      assert.match(warnings.join(), /state folder .* is inside it/);
    });
  }
});

describe('a disk that refuses', () => {
  // Root may write anywhere, so a file stands where the folder should be: the disk refuses as it would for others.
  test('warns once, and fails nothing', (t) => {
    const folder = tempDir(t);
    writeFileSync(path.join(folder, 'cache'), '');
    const warnings: string[] = [];
    const cache = cacheIn(folder, { onWarning: (warning) => void warnings.push(warning) });
    put(cache, 'a', 'one');
    put(cache, 'b', 'two');
    assert.equal(cache.head('a'), undefined);
    cache.close();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /cannot be written \((?:ENOTDIR|EEXIST)\); going on without it/);
  });

  test('a folder that goes away costs what was put, and leaves no file open', (t) => {
    const folder = filled(t);
    const warnings: string[] = [];
    const cache = cacheIn(folder, { onWarning: (warning) => void warnings.push(warning) });
    put(cache, 'a', 'two');
    rmSync(path.join(folder, 'cache'), { recursive: true });
    cache.close();
    put(cache, 'a', 'three');
    assert.match(warnings.join(), /cannot be written \(ENOENT\); going on without it/);
    assert.equal(warnings.length, 1);
  });

  test('a link where the folder should be is not followed', POSIX, (t) => {
    const folder = filled(t);
    renameSync(layout(folder), path.join(folder, 'elsewhere'));
    symlinkSync(path.join(folder, 'elsewhere'), layout(folder));
    const warnings: string[] = [];
    assert.equal(cacheIn(folder, { onWarning: (warning) => void warnings.push(warning) }).head('a'), undefined);
    assert.equal(warnings.length, 1);
  });

  test('a read-only folder warns once, and fails nothing', POSIX, async (t) => {
    const folder = filled(t);
    chmodSync(folder, 0o755);
    await asNobody(() => {
      const warnings: string[] = [];
      const stateDirectory = path.join(folder, 'own');
      const cache = cacheIn(folder, { stateDirectory, onWarning: (warning) => void warnings.push(warning) });
      put(cache, 'a', 'two');
      assert.equal(cache.head('a'), undefined);
      assert.equal(warnings.length, 1);
    });
  });

  /** Root may write anywhere, so what root tests is done as nobody. */
  async function asNobody(act: () => void): Promise<void> {
    if (process.geteuid?.() !== 0) return act();
    process.seteuid?.(65_534);
    try {
      act();
    } finally {
      process.seteuid?.(0);
    }
  }
});

describe('several processes', () => {
  test('may use it at once, and one that is killed loses only its own', async (t) => {
    const folder = tempDir(t);
    const ends = await Promise.all([
      runWriter(t, folder, 0),
      runWriter(t, folder, 1),
      runWriter(t, folder, 2),
      runWriter(t, folder, 3, 'dies'),
    ]);
    assert.deepEqual(ends, [
      [0, null],
      [0, null],
      [0, null],
      [null, 'SIGKILL'],
    ]);
    const cache = cacheIn(folder);
    for (let key = 0; key < 20; key++) {
      assert.match(read(cache, `shared-${key}`) ?? '', new RegExp(`^(\\d) wrote ${key} (?:\\1){1000}$`));
      for (const index of [0, 1, 2, 3]) assert.equal(read(cache, `own-${index}-${key}`), `own ${key}`);
    }
  });

  async function runWriter(t: TestContext, folder: string, index: number, ...more: string[]): Promise<unknown[]> {
    const child = fork(new URL('../support/cache-writer.ts', import.meta.url), [folder, String(index), ...more], {
      execArgv: ['--conditions=@lockseal/source'],
    });
    t.after(() => child.kill());
    return once(child, 'exit');
  }
});

describe('compaction', () => {
  test('many small segments become few, and nothing is lost', (t) => {
    const folder = tempDir(t);
    for (let run = 0; run < 30; run += 1) {
      const cache = cacheIn(folder, { now: () => run + 1 });
      put(cache, 'same', `of run ${run}`);
      put(cache, `own-${run}`, String(run));
      cache.close();
      assert.ok(segments(folder).length <= 9);
    }
    const cache = cacheIn(folder);
    assert.equal(read(cache, 'same'), 'of run 29');
    for (let run = 0; run < 30; run += 1) assert.equal(read(cache, `own-${run}`), String(run));
  });

  test('only small segments are merged', () => {
    const MiB = 1024 * 1024;
    const sized = (...sizes: number[]): { size: number }[] => sizes.map((size) => ({ size: size * MiB }));
    const small = sized(1, 2, 3, 4, 5, 6, 7, 15);
    assert.deepEqual(toMerge(small, 1000 * MiB), []);
    assert.deepEqual(toMerge([...small, ...sized(16, 33)], 1000 * MiB), []);
    assert.deepEqual(toMerge([...sized(16, 33), ...small, ...sized(0)], 1000 * MiB), [...small, ...sized(0)]);
    assert.deepEqual(toMerge(sized(16, 33), 48 * MiB), sized(16, 33), 'too large together');
  });

  test('beyond its size the oldest records go', (t) => {
    const folder = tempDir(t);
    const maxBytes = 100_000;
    for (let run = 0; run < 20; run += 1) {
      const cache = cacheIn(folder, { now: () => run + 1, maxBytes });
      put(cache, `own-${run}`, String(run % 10).repeat(10_000));
      cache.close();
      const size = segments(folder).reduce((sum, file) => sum + statSync(file).size, 0);
      assert.ok(size <= maxBytes, `${size} bytes after run ${run}`);
    }
    const cache = cacheIn(folder);
    assert.equal(read(cache, 'own-0'), undefined);
    assert.equal(read(cache, 'own-19'), '9'.repeat(10_000));
  });

  test('what is merged into much is written in several segments', (t) => {
    const folder = tempDir(t);
    const MiB = 1024 * 1024;
    for (let run = 0; run < 5; run += 1) {
      const cache = cacheIn(folder, { now: () => run + 1, maxBytes: run === 4 ? 159 * MiB : undefined });
      cache.putRecord(`own-${run}`, Buffer.alloc(32 * MiB, run));
      cache.close();
    }
    const sizes = segments(folder).map((file) => Math.round(statSync(file).size / MiB));
    assert.deepEqual(sizes, [32, 32], 'two records fit into half of 159 MiB');
    assert.equal(cacheIn(folder).record('own-4')?.[0], 4);
  });

  test('what killed runs left goes after a day, what other keys sealed after a month', (t) => {
    const folder = filled(t);
    const left: readonly (readonly [name: string, hours: number, stays: boolean])[] = [
      ['a.unfinished', 23, true],
      ['b.unfinished', 25, false],
      ['0123456789abcdef-1.segment', 24 * 29, true],
      ['0123456789abcdef-2.segment', 24 * 31, false],
    ];
    for (const [name, hours] of left) {
      const file = path.join(layout(folder), name);
      writeFileSync(file, 'x');
      const seconds = Date.now() / 1000 - hours * 3600;
      utimesSync(file, seconds, seconds);
    }
    const cache = cacheIn(folder);
    put(cache, 'b', 'two');
    cache.close();
    const names = readdirSync(layout(folder));
    for (const [name, , stays] of left) assert.equal(names.includes(name), stays, name);
    assert.equal(read(cacheIn(folder), 'a'), 'one');
  });
});

describe('tarball facts', () => {
  test('come back as they were, Maps and Sets included', async (t) => {
    const folder = tempDir(t);
    const cache = cacheIn(folder);
    const tgz = makePackage([], { name: 'a', version: '1.0.0', dependencies: { __proto__x: '1', b: '^1.0.0' } });
    const facts = await readTarball(streamOf(tgz), { yarn: { name: 'a', cacheKeys: ['10c0'] } });
    putTarballFacts(cache, facts, ALL_EXTRAS);
    cache.close();
    assert.deepEqual(getTarballFacts(cacheIn(folder), facts.sha512), facts);
    assert.equal(getTarballFacts(cache, '0'.repeat(128)), undefined);
    assert.equal(getTarballFacts(undefined, facts.sha512), undefined);
  });

  test('of other bytes, or no facts at all, are not given out', async (t) => {
    const cache = cacheIn(tempDir(t));
    const facts = await readTarball(streamOf(makePackage()));
    const sha512 = '0'.repeat(128);
    const name = `tarball-facts:r3:${sha512}`;
    const { serialize } = await import('node:v8');
    const others = [
      { facts, extras: [] },
      { ...facts, sha512 },
      { facts: { ...facts, sha512 } },
      { facts: { ...facts, sha512 }, extras: 'list' },
      { facts: { sha512 }, extras: [] },
      { facts: null, extras: [] },
      null,
    ];
    for (const bytes of [...others.map((other) => serialize(other)), Buffer.from('{}')]) {
      cache.putRecord(name, bytes);
      assert.equal(getTarballFacts(cache, '0'.repeat(128)), undefined);
    }
  });
});

describe('what was computed of a tarball', () => {
  const tgz = makePackage([{ path: 'package/a.js', body: 'x' }]);
  const readWith = (...extras: readonly TarballExtra[]): Promise<TarballFacts> =>
    readTarball(streamOf(tgz), { extras });

  for (const asked of ALL_EXTRAS) {
    test(`facts without ${asked} are none for who asks for it`, async (t) => {
      const cache = cacheIn(tempDir(t));
      const others = ALL_EXTRAS.filter((extra) => extra !== asked);
      const facts = await readWith(...others);
      putTarballFacts(cache, facts, others);
      assert.equal(facts[asked], undefined);
      assert.equal(getTarballFacts(cache, facts.sha512, [asked]), undefined);
      assert.equal(getTarballFacts(cache, facts.sha512, ALL_EXTRAS), undefined);
      assert.deepEqual(getTarballFacts(cache, facts.sha512, others), facts);
      assert.deepEqual(getTarballFacts(cache, facts.sha512), facts);
    });
  }

  test('adds up, in whatever order it was read', async (t) => {
    const all = await readTarball(streamOf(tgz), { yarn: { name: 'a', cacheKeys: ['10c0'] } });
    const { sha512 } = all;
    for (const order of [ALL_EXTRAS, ALL_EXTRAS.toReversed()]) {
      const cache = cacheIn(tempDir(t));
      for (const extra of order) putTarballFacts(cache, await readWith(extra), [extra]);
      putTarballFacts(cache, { ...(await readWith()), yarnZip: all.yarnZip }, []);
      assert.deepEqual(getTarballFacts(cache, sha512, ALL_EXTRAS), all);
      putTarballFacts(cache, await readWith(), []);
      assert.deepEqual(getTarballFacts(cache, sha512, ALL_EXTRAS), all, 'what tells less takes nothing away');
    }
  });

  test('a list that exceeds its bound is known not to be had', async (t) => {
    const cache = cacheIn(tempDir(t));
    const limits = { ...TARBALL_LIMITS, listed: { files: 1, path: 9 } };
    const facts = await readTarball(streamOf(tgz), { limits, extras: ['list'] });
    putTarballFacts(cache, facts, ['list']);
    assert.equal(facts.list, undefined);
    assert.deepEqual(getTarballFacts(cache, facts.sha512, ['list']), facts);
  });
});

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

describe('the default folders', () => {
  for (const [platform, env, cache, state] of [
    ['linux', {}, '/home/u/.cache/lockseal', '/home/u/.local/state/lockseal'],
    ['linux', { XDG_CACHE_HOME: '/x', XDG_STATE_HOME: '/s' }, '/x/lockseal', '/s/lockseal'],
    [
      'linux',
      { XDG_CACHE_HOME: 'relative', XDG_STATE_HOME: './r' },
      '/home/u/.cache/lockseal',
      '/home/u/.local/state/lockseal',
    ],
    ['darwin', {}, '/home/u/Library/Caches/lockseal', '/home/u/Library/Application Support/lockseal'],
    ['win32', { LOCALAPPDATA: '/l' }, '/l/lockseal', '/l/lockseal-state'],
    [
      'linux',
      { LOCKSEAL_CACHE_DIR: '/own', LOCKSEAL_STATE_DIR: '/mine', XDG_CACHE_HOME: '/x', XDG_STATE_HOME: '/s' },
      '/own',
      '/mine',
    ],
  ] as const) {
    test(`${platform} ${JSON.stringify(env)}: ${cache}, ${state}`, () => {
      assert.equal(defaultCacheDirectory(env, '/home/u', platform), cache);
      assert.equal(defaultStateDirectory(env, '/home/u', platform), state);
    });
  }
});
