import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ProjectFiles } from '@lockseal/lockfile';
import { filesAtCommit, type BlobCache } from '../../src/policy/files-at-commit.ts';

const root = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-files-at-commit-'));
const git = (...args: string[]): string => {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, ...args], { cwd: root, encoding: 'utf8' });
};
const write = (name: string, text: string): void => {
  fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  fs.writeFileSync(path.join(root, name), text);
};
const blobs: BlobCache = new Map();
let files: ProjectFiles;

before(async () => {
  git('init', '--quiet');
  write('package.json', 'one');
  write('packages/a/package.json', 'a');
  write('packages/b/src/deep/ümläut.txt', 'b');
  fs.symlinkSync('/etc/passwd', path.join(root, 'link'));
  fs.symlinkSync('packages', path.join(root, 'folder-link'));
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
  const commit = git('rev-parse', 'HEAD').trim();
  write('package.json', 'two');
  git('commit', '--quiet', '-am', 'two');
  write('package.json', 'three, not committed');
  files = await filesAtCommit(root, commit, blobs);
});
after(() => fs.rmSync(root, { recursive: true }));

const read = async (file: string): Promise<string | undefined> => {
  const bytes = await files.read(file);
  return bytes && Buffer.from(bytes).toString();
};
const list = async (folder: string): Promise<readonly string[] | undefined> =>
  (await files.list(folder))?.map(({ name, type }) => `${type} ${name}`).toSorted();

describe('the files of a commit', () => {
  for (const [why, file, text] of [
    ['a file, as it was', 'package.json', 'one'],
    ['one in a folder', 'packages/a/package.json', 'a'],
    ['one whose name is not ASCII', 'packages/b/src/deep/ümläut.txt', 'b'],
    ['a link is none', 'link', undefined],
    ['what a link leads to is none', 'folder-link/a/package.json', undefined],
    ['a folder is none', 'packages', undefined],
    ['what is above the root is none', '../package.json', undefined],
    ['what is not there is none', 'gone', undefined],
  ] as const) {
    test(`are read: ${why}`, async () => assert.equal(await read(file), text));
  }

  for (const [folder, items] of [
    ['.', ['directory packages', 'file package.json']],
    ['packages', ['directory a', 'directory b']],
    ['packages/', ['directory a', 'directory b']],
    ['packages/b', ['directory src']],
    ['packages/a', ['file package.json']],
    ['package.json', undefined],
    ['gone', undefined],
  ] as const) {
    test(`are listed: ${folder}`, async () => assert.deepEqual(await list(folder), items));
  }

  test('are read once, however many commits have them', async () => {
    const later = await filesAtCommit(root, git('rev-parse', 'HEAD').trim(), blobs);
    const [first, second] = [await files.read('packages/a/package.json'), await later.read('packages/a/package.json')];
    assert.equal(first, second);
  });
});
