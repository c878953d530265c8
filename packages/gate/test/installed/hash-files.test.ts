// Files are read as what they must be, or not at all.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HashThread } from '@lockseal/gate';
import { FileHasher } from '../../src/installed/hash-files.ts';
import { FileReader, type FileFound, type FileToRead, type Reading } from '../../src/installed/read-digest.ts';
import { openDisk } from './support/project.ts';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

async function openThread(t: TestContext): Promise<HashThread> {
  const thread = await HashThread.start();
  assert.ok(thread !== undefined);
  t.after(() => thread.close());
  return thread;
}

/** As large as it is. */
function whole(file: string): FileToRead {
  return { file, size: fs.statSync(file).size, reading: 'whole' };
}

async function read(hasher: FileHasher, wanted: FileToRead): Promise<FileFound> {
  return new Promise((tell) => hasher.read(wanted, tell));
}

/** The digest, or else what else it came to. */
function digestOf(found: FileFound | undefined): string | undefined {
  return found?.type === 'digest' ? found.sha256 : found?.type;
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
      fs.chmodSync(disk.at(name), 0o640);
      const { mode } = fs.statSync(disk.at(name));
      const stat = { size: content.length, mode, names: 1, inode: undefined };
      assert.deepEqual(await read(hasher, whole(disk.at(name))), { type: 'digest', sha256: sha256(content), ...stat });
    }
    assert.deepEqual(hasher.counts, { files: 3, bytes: large.length + 1 });
  });

  test(`each of many files has its own digest, ${way}; one with two names counts once`, async (t) => {
    const disk = openDisk(t);
    const hasher = await open(t);
    const names = Array.from({ length: 300 }, (_, index) => `file-${index}`);
    for (const name of names) disk.write(name, `text of ${name}`);
    fs.linkSync(disk.at('file-7'), disk.at('other-7'));
    const all = [...names, 'other-7'];
    const found = await Promise.all(all.map((name) => read(hasher, whole(disk.at(name)))));
    const expected = [...names, 'file-7'].map((name) => sha256(`text of ${name}`));
    assert.deepEqual(found.map(digestOf), expected);
    assert.equal(hasher.counts.files, names.length);
  });

  test(`it has settled once all is told, also what a digest called for, ${way}`, async (t) => {
    const disk = openDisk(t);
    const hasher = await open(t);
    const told: unknown[] = [];
    for (const name of ['a', 'b', 'c']) disk.write(name, name);
    hasher.read(whole(disk.at('a')), (first) => {
      told.push(digestOf(first));
      hasher.read(whole(disk.at('b')), (second) => void told.push(digestOf(second)));
    });
    await hasher.settled();
    assert.deepEqual(told, [sha256('a'), sha256('b')]);
    await hasher.settled();
    hasher.read(whole(disk.at('c')), (third) => void told.push(digestOf(third) ?? ''));
    await hasher.settled();
    assert.equal(told.length, 3);
  });

  test(`what somebody throws who is told keeps nobody else from being told, and is not lost, ${way}`, async (t) => {
    const disk = openDisk(t);
    const hasher = await open(t);
    const told: unknown[] = [];
    for (const name of ['a', 'b']) disk.write(name, name);
    hasher.read(whole(disk.at('a')), () => {
      throw new Error('a fault');
    });
    hasher.read(whole(disk.at('b')), (found) => void told.push(digestOf(found)));
    await assert.rejects(hasher.settled(), /a fault/);
    assert.deepEqual(told, [sha256('b')]);
  });
}

test('what a thread has not told when it ends is read here', async (t) => {
  const disk = openDisk(t);
  const thread = await openThread(t);
  const hasher = new FileHasher(thread);
  const names = Array.from({ length: 200 }, (_, index) => `file-${index}`);
  for (const name of names) disk.write(name, name);
  const found = names.map((name) => read(hasher, whole(disk.at(name))));
  thread.close();
  const late = read(hasher, whole(disk.at('file-0')));
  const expected = [...names, 'file-0'].map((name) => sha256(name));
  assert.deepEqual((await Promise.all([...found, late])).map(digestOf), expected);
});

test('no thread is believed that answers less than it was asked', async (t) => {
  const disk = openDisk(t);
  disk.write('file', 'a');
  const hand = async (): Promise<readonly FileFound[]> => [];
  const hasher = new FileHasher({ hand } as unknown as HashThread);
  const found = await Promise.all(Array.from({ length: 64 }, () => read(hasher, whole(disk.at('file')))));
  assert.ok(found.every(({ type }) => type === 'unreadable'));
});

describe('a file with two names', () => {
  const link = (t: TestContext): { readonly one: string; readonly other: string } => {
    const disk = openDisk(t);
    disk.write('one', 'a');
    fs.linkSync(disk.at('one'), disk.at('other'));
    return { one: disk.at('one'), other: disk.at('other') };
  };

  test('is read once', (t) => {
    const { one, other } = link(t);
    const reader = new FileReader();
    const reads = t.mock.method(fs, 'readSync');
    assert.deepEqual(reader.read(whole(one)), reader.read(whole(other)));
    assert.equal(reads.mock.callCount(), 1);
  });

  test('is read once more when it was written to between', async (t) => {
    const { one, other } = link(t);
    const reader = new FileReader();
    reader.read(whole(one));
    // Some file systems keep times to some milliseconds only.
    await sleep(20);
    fs.writeFileSync(one, 'b');
    assert.equal(digestOf(reader.read(whole(other))), sha256('b'));
  });

  test('is read once more when it was written to between, and its time set back', async (t) => {
    const { one, other } = link(t);
    const reader = new FileReader();
    const { atime, mtime } = fs.statSync(one);
    reader.read(whole(one));
    await sleep(20);
    fs.writeFileSync(one, 'b');
    fs.utimesSync(one, atime, mtime);
    assert.equal(digestOf(reader.read(whole(other))), sha256('b'));
  });

  test('has another digest in another reading', (t) => {
    const { one, other } = link(t);
    fs.writeFileSync(one, '#!n\n');
    const reader = new FileReader();
    assert.equal(digestOf(reader.read(whole(one))), sha256('#!n\n'));
    assert.equal(digestOf(reader.read({ ...whole(other), reading: 'with-carriage-return' })), sha256('#!n\r\n'));
  });
});

/** What lies there is told as what it is, and nothing else is waited for, followed or read. */
const swaps: readonly (readonly [why: string, act: (file: string) => void, found: string])[] = [
  ['another file', (file) => swap(file, () => fs.writeFileSync(file, 'b')), sha256('b')],
  ['a link', (file) => swap(file, () => fs.symlinkSync('/etc/hostname', file)), 'unreadable'],
  ['a link to the old file', (file) => swap(file, () => fs.symlinkSync(`${file}.old`, file)), 'unreadable'],
  ['a folder', (file) => swap(file, () => fs.mkdirSync(file)), 'unreadable'],
  ['a pipe', (file) => swap(file, () => spawnSync('mkfifo', [file])), 'unreadable'],
  ['nothing', (file) => fs.rmSync(file), 'unreadable'],
  ['a longer file', (file) => fs.appendFileSync(file, 'b'), 'other-size'],
  ['a shorter file', (file) => fs.truncateSync(file, 0), 'other-size'],
];

/** The old file stays under another name, so that its number is not given to the new one. */
function swap(file: string, put: () => void): void {
  fs.renameSync(file, `${file}.old`);
  put();
}

describe('where a file is looked for', () => {
  for (const [way, open] of ways) {
    for (const [why, act, found] of swaps) {
      test(`and ${why} lies there, ${way}`, async (t) => {
        const disk = openDisk(t);
        const hasher = await open(t);
        disk.write('file', 'a');
        const wanted = whole(disk.at('file'));
        act(disk.at('file'));
        assert.equal(digestOf(await read(hasher, wanted)), found);
      });
    }
  }
});

test('a file that changes while it is read is not decided', async (t) => {
  const disk = openDisk(t);
  disk.write('file', Buffer.alloc(8 * 1024 * 1024, 'a'));
  await sleep(20);
  const handle = fs.openSync(disk.at('file'), 'r+');
  const { readSync } = fs;
  t.mock.method(fs, 'readSync', (...args: Parameters<typeof readSync>) => {
    fs.writeSync(handle, 'b', 0);
    return readSync(...args);
  });
  const found = await read(new FileHasher(), whole(disk.at('file')));
  fs.closeSync(handle);
  assert.deepEqual(found, { type: 'unreadable', reason: 'it changed while it was read' });
});

test('a carriage return is put back only where a `#!` line ends', async (t) => {
  const disk = openDisk(t);
  const cases: readonly (readonly [found: string, reading: Reading, read: string])[] = [
    ['#!node\nx\n', 'with-carriage-return', '#!node\r\nx\n'],
    ['#!node\nx\n', 'whole', '#!node\nx\n'],
    ['x\ny\n', 'with-carriage-return', 'x\ny\n'],
    ['#!node', 'with-carriage-return', '#!node'],
  ];
  for (const [found, reading, expected] of cases) {
    disk.write('file', found);
    assert.equal(digestOf(await read(new FileHasher(), { ...whole(disk.at('file')), reading })), sha256(expected));
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
    import { FileReader } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../src/installed/read-digest.ts'))};
    const reader = new FileReader();
    if (process.getuid() === 0) process.setuid(65534);
    console.log(JSON.stringify(reader.read({ file: ${JSON.stringify(file)}, size: 6, reading: 'whole' })));
  `;
  const args = ['--conditions=@lockseal/source', '--input-type=module-typescript', '--eval', code];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: import.meta.dirname });
  return stdout + stderr;
}
