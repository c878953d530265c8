// State on a disk that is full, and in folders that belong to somebody else. Mounting and changing users is for root;
// for anybody else these tests are skipped, and say so. Part of `npm run test:state`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import { LocksealError } from '@lockseal/core';
import { cacheIn } from '../../packages/registry/test/support/cache.ts';
import { STATE_KINDS, type StateKind } from './support/state-kinds.ts';

const ROOT_ONLY = process.geteuid?.() === 0 ? {} : { skip: 'only root may mount and change users' };
const NOBODY = 65_534;

/** A file system of so many KiB. @returns undefined where it cannot be mounted, and the test is skipped */
function smallDisk(t: TestContext, size: number): string | undefined {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-disk-'));
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}k`, 'tmpfs', directory]);
  t.after(() => {
    if (status === 0) spawnSync('umount', [directory]);
    fs.rmSync(directory, { recursive: true, force: true });
  });
  if (status === 0) return directory;
  t.skip(`a small file system cannot be mounted: ${String(stderr).trim()}`);
  return undefined;
}

/** Leaves no byte free. */
function fill(directory: string): string {
  const file = path.join(directory, 'filling');
  assert.throws(() => fs.writeFileSync(file, Buffer.alloc(16 * 1024 * 1024)), { code: 'ENOSPC' });
  return file;
}

/** Writes one turn; what it throws, if anything. */
async function outcomeOf(kind: StateKind, directory: string, turn: number): Promise<unknown> {
  try {
    await kind.write(directory, turn);
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

describe('a disk that is full', ROOT_ONLY, () => {
  for (const [name, kind] of [...STATE_KINDS].filter(([each]) => each !== 'cache')) {
    test(`${name}: the write fails and says so, what was there stays, and goes on when there is room`, async (t) => {
      const directory = smallDisk(t, 4096);
      if (directory === undefined) return;
      await kind.write(directory, 0);
      const before = fs.readdirSync(directory);
      const filling = fill(directory);
      const thrown = await outcomeOf(kind, directory, 1);
      assert.ok(thrown instanceof Error, 'a write that found no room is told');
      if (name === 'approvals') assert.ok(thrown instanceof LocksealError && thrown.code === 'ERR_APPROVALS_WRITE');
      assert.deepEqual(await kind.read(directory), [0]);
      fs.rmSync(filling);
      assert.deepEqual(fs.readdirSync(directory), before, 'nothing is left over');
      await kind.write(directory, 1);
      assert.equal((await kind.read(directory)).at(-1), 1);
    });
  }

  test('cache: warns once and the run goes on; what was there is still given out', (t) => {
    const directory = smallDisk(t, 4096);
    if (directory === undefined) return;
    const head = { etag: undefined, maxAgeMs: 0 };
    const first = cacheIn(directory);
    first.put('before', Buffer.from('kept'), head);
    first.close();
    fill(directory);
    const warnings: string[] = [];
    const cache = cacheIn(directory, { onWarning: (message) => warnings.push(message) });
    for (let turn = 0; turn < 50; turn += 1) cache.put(`turn ${turn}`, Buffer.alloc(100_000, turn), head);
    cache.close();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /ENOSPC/);
    const again = cacheIn(directory);
    const kept = again.head('before');
    assert.equal(kept === undefined ? undefined : again.content(kept)?.toString(), 'kept');
    assert.equal(again.head('turn 1'), undefined);
    again.close();
  });
});

describe("somebody else's files", ROOT_ONLY, () => {
  for (const [name, kind] of STATE_KINDS) {
    test(`${name}: what another user wrote is not written over by one who may not`, async (t) => {
      const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-theirs-'));
      t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
      await kind.write(directory, 0);
      fs.chmodSync(directory, 0o755);
      const before = fs.readdirSync(directory, { recursive: true });
      process.seteuid?.(NOBODY);
      try {
        // The cache fails no run: it warns, which its helper here takes for a failure.
        assert.ok((await outcomeOf(kind, directory, 1)) instanceof Error);
      } finally {
        process.seteuid?.(0);
      }
      assert.deepEqual(fs.readdirSync(directory, { recursive: true }), before);
      assert.deepEqual(await kind.read(directory), [0]);
    });
  }
});
