import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { breakHardLinks } from '../../src/scripts/own-files.ts';

const base = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-own-files-'));
after(() => fs.rmSync(base, { recursive: true, force: true }));

/** A package whose files are hard links into a store, as pnpm and bun make them. */
function linkedPackage(name: string, files: Readonly<Record<string, string>>): { folder: string; store: string } {
  const [folder, store] = [path.join(base, name, 'package'), path.join(base, name, 'store')];
  for (const each of [folder, store]) fs.mkdirSync(each, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    fs.writeFileSync(path.join(store, file), text);
    fs.linkSync(path.join(store, file), path.join(folder, file));
  }
  return { folder, store };
}

function textsIn(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    fs.readdirSync(folder).map((name) => [name, fs.readFileSync(path.join(folder, name), 'utf8')]),
  );
}

const PACKAGES: readonly (readonly [why: string, files: Readonly<Record<string, string>>])[] = [
  ['plain files', { 'a.js': 'a', 'b.js': 'b' }],
  [
    // Were the name of the copy foreseeable, the store's file of the second name would get the text of the first.
    'a file called as a copy of another one could be',
    Object.fromEntries(
      Array.from({ length: 8 }, (_, at) => `${at}.js`).flatMap((name) => [
        [name, 'evil'],
        [`${name}.lockseal-copy`, "another package's text"],
      ]),
    ),
  ],
  ['the longest name that a file can have', { ['x'.repeat(255)]: 'long' }],
];

for (const [at, [why, files]] of PACKAGES.entries()) {
  test(`own copies of files that a store shares: ${why}`, async () => {
    const { folder, store } = linkedPackage(String(at), files);
    await breakHardLinks(folder);
    assert.deepEqual(textsIn(store), files, 'the store is as it was');
    assert.deepEqual(textsIn(folder), files, 'the package, too');
    for (const name of Object.keys(files)) assert.equal(fs.statSync(path.join(folder, name)).nlink, 1);
  });
}
