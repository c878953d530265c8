// Files are read as what they were found to be, or not at all.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Disk } from '../../src/installed/disk.ts';
import { FileHasher } from '../../src/installed/hash-files.ts';
import type { FileDigest } from '../../src/installed/read-digest.ts';
import { HashThread, INSTALLED_LIMITS } from '@lockseal/gate';
import { openDisk } from './support/project.ts';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

async function openThread(t: TestContext): Promise<HashThread> {
  const thread = await HashThread.start();
  assert.ok(thread !== undefined);
  t.after(() => thread.close());
  return thread;
}

/** On this thread alone, and on two. */
const ways: readonly (readonly [way: string, open: (t: TestContext) => Promise<FileHasher>])[] = [
  ['on one thread', async () => new FileHasher()],
  ['on two threads', async (t) => new FileHasher(await openThread(t))],
];

for (const [way, open] of ways) {
  test(`digests of small and large files, ${way}`, async (t) => {
    const disk = openDisk(t);
    const hasher = await open(t);
    const large = Buffer.alloc(3 * 1024 * 1024 + 1, 'x');
    for (const [name, content] of Object.entries({ empty: Buffer.alloc(0), small: Buffer.from('a'), large })) {
      disk.write(name, content);
      const stat = new Disk(disk.root, INSTALLED_LIMITS).file(name);
      assert.deepEqual(await hasher.digest(disk.at(name), stat), { type: 'digest', sha256: sha256(content) });
    }
    assert.deepEqual(hasher.read, { files: 3, bytes: large.length + 1 });
  });

  test(`each of many files has its own digest, ${way}; one with two names is read once`, async (t) => {
    const disk = openDisk(t);
    const hasher = await open(t);
    const names = Array.from({ length: 300 }, (_, index) => `file-${index}`);
    for (const name of names) disk.write(name, `text of ${name}`);
    fs.linkSync(disk.at('file-7'), disk.at('other-7'));
    const all = [...names, 'other-7'];
    const stats = all.map((name) => new Disk(disk.root, INSTALLED_LIMITS).file(name));
    const digests = await Promise.all(
      all.map((name, index) => hasher.digest(disk.at(name), stats[index] ?? assert.fail())),
    );
    const expected = [...names, 'file-7'].map((name) => ({ type: 'digest', sha256: sha256(`text of ${name}`) }));
    assert.deepEqual(digests, expected);
    assert.equal(hasher.read.files, names.length);
  });
}

test('what a thread has not told when it ends is read here', async (t) => {
  const disk = openDisk(t);
  const thread = await openThread(t);
  const hasher = new FileHasher(thread);
  const names = Array.from({ length: 200 }, (_, index) => `file-${index}`);
  for (const name of names) disk.write(name, name);
  const digests = names.map((name) => hasher.digest(disk.at(name), new Disk(disk.root, INSTALLED_LIMITS).file(name)));
  thread.close();
  const late = hasher.digest(disk.at('file-0'), new Disk(disk.root, INSTALLED_LIMITS).file('file-0'));
  const expected = [...names, 'file-0'].map((name) => ({ type: 'digest', sha256: sha256(name) }));
  assert.deepEqual(await Promise.all([...digests, late]), expected);
});

test('no thread is believed that answers less than it was asked', async (t) => {
  const disk = openDisk(t);
  disk.write('file', 'a');
  const hand = async (): Promise<readonly FileDigest[]> => [];
  const hasher = new FileHasher({ hand } as unknown as HashThread);
  const stat = new Disk(disk.root, INSTALLED_LIMITS).file('file');
  const digests = await Promise.all(Array.from({ length: 64 }, () => hasher.digest(disk.at('file'), stat)));
  assert.ok(digests.every(({ type }) => type === 'unreadable'));
});

const swaps: readonly (readonly [why: string, act: (file: string) => void])[] = [
  ['another file', (file) => swap(file, () => fs.writeFileSync(file, 'b'))],
  ['a link', (file) => swap(file, () => fs.symlinkSync('/etc/hostname', file))],
  ['a folder', (file) => swap(file, () => fs.mkdirSync(file))],
  ['a pipe', (file) => swap(file, () => spawnSync('mkfifo', [file]))],
  ['nothing', (file) => fs.rmSync(file)],
  ['a longer file', (file) => fs.appendFileSync(file, 'b')],
  ['a shorter file', (file) => fs.truncateSync(file, 0)],
];

/** The old file stays under another name, so that its number is not given to the new one. */
function swap(file: string, put: () => void): void {
  fs.renameSync(file, `${file}.old`);
  put();
}

describe('a file in whose place lies, by the time it is read,', () => {
  for (const [way, open] of ways) {
    for (const [why, act] of swaps) {
      test(`${why}, ${way}`, async (t) => {
        const disk = openDisk(t);
        const hasher = await open(t);
        disk.write('file', 'a');
        const stat = new Disk(disk.root, INSTALLED_LIMITS).file('file');
        act(disk.at('file'));
        assert.equal((await hasher.digest(disk.at('file'), stat)).type, 'unreadable');
      });
    }
  }
});

test('a file that changes while it is read is not decided', async (t) => {
  const disk = openDisk(t);
  disk.write('file', Buffer.alloc(8 * 1024 * 1024, 'a'));
  const stat = new Disk(disk.root, INSTALLED_LIMITS).file('file');
  // Some file systems keep times to some milliseconds only.
  await sleep(20);
  const handle = fs.openSync(disk.at('file'), 'r+');
  const { readSync } = fs;
  t.mock.method(fs, 'readSync', (...args: Parameters<typeof readSync>) => {
    fs.writeSync(handle, 'b', 0);
    return readSync(...args);
  });
  const digest = await new FileHasher().digest(disk.at('file'), stat);
  fs.closeSync(handle);
  assert.deepEqual(digest, { type: 'unreadable', reason: 'it changed while it was read' });
});

test('a carriage return is put back only where a `#!` line ends', async (t) => {
  const disk = openDisk(t);
  const cases: readonly (readonly [found: string, read: string])[] = [
    ['#!node\nx\n', '#!node\r\nx\n'],
    ['x\ny\n', 'x\ny\n'],
    ['#!node', '#!node'],
  ];
  for (const [found, read] of cases) {
    disk.write('file', found);
    const stat = new Disk(disk.root, INSTALLED_LIMITS).file('file');
    const digest = await new FileHasher().digest(disk.at('file'), stat, 'with-carriage-return');
    assert.deepEqual(digest, { type: 'digest', sha256: sha256(read) });
  }
});

test('a file that this user may not read is not decided', { skip: process.platform === 'win32' }, async (t) => {
  const disk = openDisk(t);
  disk.write('file', 'secret');
  fs.chmodSync(disk.at('file'), 0);
  fs.chmodSync(disk.root, 0o755);
  const found = asNobody(disk.at('file'));
  assert.match(found, /unreadable.*EACCES/);
});

/** Root reads everything, so that the reading is done by a process without its rights. */
function asNobody(file: string): string {
  const code = `
    import { Disk } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../src/installed/disk.ts'))};
    import { FileHasher } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../src/installed/hash-files.ts'))};
    import { INSTALLED_LIMITS } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../src/installed/limits.ts'))};
    const file = ${JSON.stringify(path.basename(file))};
    const stat = new Disk(${JSON.stringify(path.dirname(file))}, INSTALLED_LIMITS).file(file);
    if (process.getuid() === 0) process.setuid(65534);
    console.log(JSON.stringify(await new FileHasher().digest(${JSON.stringify(file)}, stat)));
  `;
  const args = ['--conditions=@lockseal/source', '--input-type=module-typescript', '--eval', code];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: import.meta.dirname });
  return stdout + stderr;
}
