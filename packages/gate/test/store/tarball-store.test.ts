import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { describe, test } from 'node:test';
import { TarballStore } from '../../src/store/tarball-store.ts';
import { StoreError } from '../../src/store/directory.ts';
import { SMALL, type Body } from '../../src/store/tarball-store.ts';
import { temporaryName } from '../../src/store/temporaries.ts';
import { noise, sha512, temporaryFolder } from '../support/gate.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const DAY = 24 * 60 * 60 * 1000;

async function read(open: (() => Body) | undefined): Promise<Buffer | undefined> {
  if (open === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of open().chunks) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const folderOf = (parent: string): string => path.join(parent, 'tarballs-v1');
const isPosix = process.platform !== 'win32';

describe('the store', () => {
  for (const [what, bytes] of [
    ['small', Buffer.from('a tarball')],
    ['empty', Buffer.alloc(0)],
    ['large', noise(SMALL + 1)],
  ] as const) {
    test(`gives back a ${what} tarball, and its length`, async (t) => {
      const store = await TarballStore.open(temporaryFolder(t), NOW);
      await store.put(sha512(bytes), bytes);
      const open = await store.find(sha512(bytes));
      assert.equal(open?.().length, bytes.length);
      assert.deepEqual(await read(open), bytes);
    });
  }

  test('knows nothing of what was not put there', async (t) => {
    const store = await TarballStore.open(temporaryFolder(t), NOW);
    assert.equal(await store.find(sha512(Buffer.from('x'))), undefined);
  });

  test('takes no name that is no digest', async (t) => {
    const store = await TarballStore.open(temporaryFolder(t), NOW);
    for (const name of ['../../etc/passwd', '', 'A'.repeat(128), 'a'.repeat(127)]) {
      await assert.rejects(store.find(name), TypeError);
      await assert.rejects(store.put(name, Buffer.from('x')), TypeError);
    }
  });

  test('is for its owner alone', { skip: !isPosix }, async (t) => {
    const parent = temporaryFolder(t);
    const store = await TarballStore.open(parent, NOW);
    await store.put(sha512(Buffer.from('x')), Buffer.from('x'));
    assert.equal(fs.statSync(folderOf(parent)).mode & 0o777, 0o700);
    assert.equal(fs.statSync(path.join(folderOf(parent), sha512(Buffer.from('x')))).mode & 0o777, 0o600);
  });

  test('closes a folder that others could write to', { skip: !isPosix }, async (t) => {
    const parent = temporaryFolder(t);
    fs.mkdirSync(folderOf(parent));
    fs.chmodSync(folderOf(parent), 0o777);
    await TarballStore.open(parent, NOW);
    assert.equal(fs.statSync(folderOf(parent)).mode & 0o777, 0o700);
  });
});

describe('what somebody has done to the store', () => {
  const changes: readonly (readonly [why: string, (bytes: Buffer) => Buffer])[] = [
    ['a byte changed', (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.of((bytes.at(-1) ?? 0) ^ 1)])],
    ['the end cut off', (bytes) => bytes.subarray(0, -1)],
    ['something added', (bytes) => Buffer.concat([bytes, Buffer.of(0)])],
    ['emptied', () => Buffer.alloc(0)],
    ['other bytes', () => Buffer.from('evil')],
  ];
  for (const [why, change] of changes) {
    test(`${why}: the entry is dropped`, async (t) => {
      const parent = temporaryFolder(t);
      const store = await TarballStore.open(parent, NOW);
      const bytes = Buffer.from('the right bytes');
      const file = path.join(folderOf(parent), sha512(bytes));
      fs.writeFileSync(file, change(bytes));
      assert.equal(await store.find(sha512(bytes)), undefined);
      assert.equal(fs.existsSync(file), false);
      await store.put(sha512(bytes), bytes);
      assert.deepEqual(await read(await store.find(sha512(bytes))), bytes);
    });
  }

  test('a large entry changed: it never comes whole, and is dropped', async (t) => {
    const parent = temporaryFolder(t);
    const store = await TarballStore.open(parent, NOW);
    const bytes = noise(SMALL * 2);
    const file = path.join(folderOf(parent), sha512(bytes));
    fs.writeFileSync(file, Buffer.concat([Buffer.of((bytes[0] ?? 0) ^ 1), bytes.subarray(1)]));
    let got = 0;
    const open = await store.find(sha512(bytes));
    await assert.rejects(async () => {
      for await (const chunk of open?.().chunks ?? []) got += chunk.length;
    });
    assert.ok(got < bytes.length);
    assert.equal(fs.existsSync(file), false);
  });

  test('a link in the place of an entry is not followed', { skip: !isPosix }, async (t) => {
    const parent = temporaryFolder(t);
    const store = await TarballStore.open(parent, NOW);
    const bytes = Buffer.from('the right bytes');
    const outside = path.join(parent, 'outside');
    fs.writeFileSync(outside, bytes);
    fs.symlinkSync(outside, path.join(folderOf(parent), sha512(bytes)));
    assert.equal(await store.find(sha512(bytes)), undefined);
    await store.put(sha512(bytes), bytes);
    assert.equal(fs.readFileSync(outside, 'utf8'), 'the right bytes');
    assert.equal(fs.lstatSync(path.join(folderOf(parent), sha512(bytes))).isSymbolicLink(), false);
  });

  test('a pipe in the place of an entry keeps nobody waiting', { skip: !isPosix }, async (t) => {
    const parent = temporaryFolder(t);
    const store = await TarballStore.open(parent, NOW);
    const bytes = Buffer.from('x');
    execFileSync('mkfifo', [path.join(folderOf(parent), sha512(bytes))]);
    assert.equal(await store.find(sha512(bytes)), undefined);
  });

  test('a folder in the place of an entry is no entry, and nothing is kept there', async (t) => {
    const parent = temporaryFolder(t);
    const store = await TarballStore.open(parent, NOW);
    const bytes = Buffer.from('x');
    fs.mkdirSync(path.join(folderOf(parent), sha512(bytes)));
    assert.equal(await store.find(sha512(bytes)), undefined);
    await assert.rejects(store.put(sha512(bytes), bytes));
    assert.deepEqual(fs.readdirSync(folderOf(parent)), [sha512(bytes)]);
  });

  test('a link in the place of its folder is refused', { skip: !isPosix }, async (t) => {
    const parent = temporaryFolder(t);
    const elsewhere = temporaryFolder(t);
    fs.symlinkSync(elsewhere, folderOf(parent));
    await assert.rejects(TarballStore.open(parent, NOW), StoreError);
    assert.deepEqual(fs.readdirSync(elsewhere), []);
  });

  test('a file in the place of its folder is refused', async (t) => {
    const parent = temporaryFolder(t);
    fs.writeFileSync(folderOf(parent), '');
    await assert.rejects(TarballStore.open(parent, NOW));
  });
});

describe('what processes leave behind', () => {
  const own = temporaryName();
  const [host = ''] = /[0-9a-f]{8}/.exec(own) ?? [];
  // No process has this id: Linux allows 4194304 at the most.
  const dead = `.tmp-${host}-4999999-0123456789abcdef`;
  const foreign = '.tmp-00000000-1-0123456789abcdef';
  const leftovers: readonly (readonly [why: string, name: string, ageMs: number, isSwept: boolean])[] = [
    ['of a process that is no more', dead, 0, true],
    ['of this process', own, 2 * DAY, false],
    ['of another machine, from yesterday', foreign, 2 * DAY, true],
    ['of another machine, from just now', foreign, 0, false],
    ['that are none of ours', '.tmp-else', 2 * DAY, false],
  ];
  for (const [why, name, ageMs, isSwept] of leftovers) {
    test(`temporaries ${why} are ${isSwept ? 'swept' : 'left alone'}`, async (t) => {
      const parent = temporaryFolder(t);
      await TarballStore.open(parent, NOW);
      const file = path.join(folderOf(parent), name);
      fs.writeFileSync(file, 'half');
      fs.utimesSync(file, new Date(NOW - ageMs), new Date(NOW - ageMs));
      await TarballStore.open(parent, NOW);
      assert.equal(fs.existsSync(file), !isSwept);
    });
  }
});

describe('a store that has grown beyond its bound', () => {
  test('gives up what was used longest ago, and nothing that is none of its own', async (t) => {
    const parent = temporaryFolder(t);
    const store = await TarballStore.open(parent, NOW);
    const all = ['old', 'used', 'new'].map((text) => Buffer.from(text.padEnd(100)));
    for (const [index, bytes] of all.entries()) {
      await store.put(sha512(bytes), bytes);
      const at = new Date(NOW - (10 - index) * DAY);
      fs.utimesSync(path.join(folderOf(parent), sha512(bytes)), at, at);
    }
    fs.writeFileSync(path.join(folderOf(parent), 'else'), 'x'.repeat(1000));
    await store.prune(300);
    assert.equal(fs.readdirSync(folderOf(parent)).length, 4);
    await store.find(sha512(all[1] ?? Buffer.alloc(0)));
    await store.prune(150);
    const left = fs.readdirSync(folderOf(parent));
    assert.deepEqual(left.toSorted(), ['else', sha512(all[1] ?? Buffer.alloc(0))].toSorted());
  });
});
