// A file that is made where nothing is yet: never half, never over what somebody else has put there.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { createFile } from '../../src/store/replace-file.ts';

function folder(t: TestContext): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-create-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

describe('createFile', () => {
  test('makes the file, under one name', async (t) => {
    const directory = folder(t);
    await createFile(path.join(directory, 'policy'), 'ours');
    assert.deepEqual(fs.readdirSync(directory), ['policy']);
    assert.equal(fs.readFileSync(path.join(directory, 'policy'), 'utf8'), 'ours');
    assert.equal(fs.statSync(path.join(directory, 'policy')).nlink, 1);
  });

  const occupants: readonly (readonly [string, (file: string) => void])[] = [
    ['a file', (file) => fs.writeFileSync(file, 'theirs')],
    ['an empty file, as somebody makes it who is about to write', (file) => fs.writeFileSync(file, '')],
    ['a folder', (file) => fs.mkdirSync(file)],
    ['a link to a file', (file) => fs.symlinkSync('/dev/null', file)],
    ['a link that leads nowhere, through which we would write elsewhere', (file) => fs.symlinkSync('nowhere', file)],
  ];
  for (const [name, occupy] of occupants) {
    test(`leaves ${name} as it is, and nothing beside it`, async (t) => {
      const directory = folder(t);
      const file = path.join(directory, 'policy');
      occupy(file);
      const before = fs.lstatSync(file);
      await assert.rejects(createFile(file, 'ours'), { code: 'EEXIST' });
      assert.deepEqual(fs.readdirSync(directory), ['policy']);
      assert.equal(fs.lstatSync(file).ino, before.ino);
      if (before.isFile()) assert.notEqual(fs.readFileSync(file, 'utf8'), 'ours');
    });
  }

  test('of twenty writers at once one wins, and its bytes are whole', async (t) => {
    const directory = folder(t);
    const file = path.join(directory, 'policy');
    const contents = [...Array(20).keys()].map((index) => `${index} `.repeat(20_000));
    const outcomes = await Promise.allSettled(contents.map((content) => createFile(file, content)));
    const winners = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
    assert.equal(winners.length, 1);
    assert.ok(fs.readFileSync(file, 'utf8') === contents[winners[0] ?? -1]);
    assert.deepEqual(fs.readdirSync(directory), ['policy']);
    for (const outcome of outcomes) if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'EEXIST');
  });

  test('says what stands in the way where there is no folder', async (t) => {
    await assert.rejects(createFile(path.join(folder(t), 'none', 'policy'), 'ours'), { code: 'ENOENT' });
  });
});
