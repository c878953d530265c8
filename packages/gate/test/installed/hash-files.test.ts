// Files are read as what they were found to be, or not at all.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { describe, test } from 'node:test';
import { Disk } from '../../src/installed/disk.ts';
import { FileHasher } from '../../src/installed/hash-files.ts';
import { INSTALLED_LIMITS } from '@lockseal/gate';
import { openDisk } from './support/project.ts';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

test('digests of small and large files', async (t) => {
  const disk = openDisk(t);
  const hasher = new FileHasher(2);
  const large = Buffer.alloc(3 * 1024 * 1024 + 1, 'x');
  for (const [name, content] of Object.entries({ empty: Buffer.alloc(0), small: Buffer.from('a'), large })) {
    disk.write(name, content);
    const stat = new Disk(disk.root, INSTALLED_LIMITS).file(name);
    assert.deepEqual(await hasher.digest(disk.at(name), stat), { type: 'digest', sha256: sha256(content) });
  }
  assert.deepEqual(hasher.read, { files: 3, bytes: large.length + 1 });
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
  for (const [why, act] of swaps) {
    test(why, async (t) => {
      const disk = openDisk(t);
      disk.write('file', 'a');
      const stat = new Disk(disk.root, INSTALLED_LIMITS).file('file');
      act(disk.at('file'));
      assert.equal((await new FileHasher(1).digest(disk.at('file'), stat)).type, 'unreadable');
    });
  }
});

test('a file that changes while it is read is not decided', async (t) => {
  const disk = openDisk(t);
  disk.write('file', Buffer.alloc(8 * 1024 * 1024, 'a'));
  const stat = new Disk(disk.root, INSTALLED_LIMITS).file('file');
  const digest = new FileHasher(1).digest(disk.at('file'), stat);
  const timer = setInterval(() => {
    const handle = fs.openSync(disk.at('file'), 'r+');
    fs.writeSync(handle, 'b', 0);
    fs.closeSync(handle);
  }, 0);
  try {
    assert.deepEqual(await digest, { type: 'unreadable', reason: 'it changed while it was read' });
  } finally {
    clearInterval(timer);
  }
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
    const digest = await new FileHasher(1).digest(disk.at('file'), stat, 'with-carriage-return');
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
    console.log(JSON.stringify(await new FileHasher(1).digest(${JSON.stringify(file)}, stat)));
  `;
  const args = ['--conditions=@lockseal/source', '--input-type=module-typescript', '--eval', code];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: import.meta.dirname });
  return stdout + stderr;
}
