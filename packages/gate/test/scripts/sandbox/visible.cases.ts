import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import { maskedFolders, readableFiles, writableParts } from '../../../src/scripts/sandbox/visible.ts';

/** Folders below one that stands for the system's. */
function folders(t: TestContext, ...names: readonly string[]): string {
  const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-visible-')));
  t.after(() => fs.rmSync(base, { recursive: true }));
  for (const name of names) fs.mkdirSync(path.join(base, name), { recursive: true });
  return base;
}

describe('what lies in the folders of the system and is none of its business', () => {
  const cases: readonly (readonly [why: string, root: string, home: string, masked: readonly string[]])[] = [
    ['the project', 'usr/src/app', 'elsewhere', ['usr/src/app']],
    ['the home', 'elsewhere', 'usr/home/me', ['usr/home/me']],
    ['a project in a home: the home', 'usr/home/me/app', 'usr/home/me', ['usr/home/me']],
    ['neither', 'elsewhere/app', 'elsewhere', []],
    ['a folder whose name begins like it', 'usrlocal', 'elsewhere', []],
    ['the folder of the system itself cannot be', 'usr', 'elsewhere', []],
    ['what is not there', 'usr/src/app', 'usr/home/nobody', ['usr/src/app']],
  ];
  for (const [why, root, home, masked] of cases) {
    test(why, async (t) => {
      const base = folders(t, 'usr/src/app', 'usr/home/me/app', 'elsewhere/app', 'usrlocal');
      const at = (name: string): string => path.join(base, name);
      const found = await maskedFolders([at('usr')], { root: at(root), env: { HOME: at(home) } });
      assert.deepEqual(found, masked.map(at));
    });
  }
});

describe('what a script may write to', () => {
  const parts = async (t: TestContext, outputs: readonly string[] | undefined): Promise<readonly string[]> => {
    const directory = folders(t, 'lib/native', 'lib/js', 'build', 'node_modules/x');
    fs.writeFileSync(path.join(directory, 'index.js'), '');
    fs.symlinkSync('/usr', path.join(directory, 'link'));
    const found = await writableParts({ directory, permit: { outputs } as never });
    return found.map(({ path: file, access }) => `${access} ${path.relative(directory, file)}`).toSorted();
  };

  test('all of its folder but the packages in there', async (t) => {
    assert.deepEqual(await parts(t, undefined), ['read node_modules', 'write ']);
  });

  test('its outputs and what is around them, but nothing that is there besides; links are not mounted over', async (t) => {
    const expected = ['read build', 'read index.js', 'read lib/js', 'read node_modules', 'write '];
    assert.deepEqual(await parts(t, ['lib/native']), expected);
  });

  test('nothing', async (t) => assert.deepEqual(await parts(t, []), []));
});

test('what a link of the project leads to is not shown', async (t) => {
  const base = folders(t, 'root/node_modules/x', 'home');
  const at = (name: string): string => path.join(base, name);
  fs.writeFileSync(at('home/secret'), '');
  fs.writeFileSync(at('root/package.json'), '{}');
  fs.symlinkSync('../home/secret', at('root/.pnp.loader.mjs'));
  fs.symlinkSync(at('home'), at('root/.pnp.cjs'));
  const surroundings = { root: at('root'), readable: [], env: {}, temporary: base, node: process.execPath };
  const found = await readableFiles(at('root/node_modules/x'), {
    ...surroundings,
    proxy: undefined,
    certificates: undefined,
  });
  const below = found.filter((file) => file.startsWith(base)).map((file) => path.relative(base, file));
  assert.deepEqual(below.toSorted(), ['root/node_modules', 'root/package.json']);
});
