import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { findProgram, pathOutside } from '../../src/run/find-program.ts';

const base = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-path-'));
after(() => fs.rmSync(base, { recursive: true, force: true }));
const project = path.join(base, 'project');
const outside = path.join(base, 'bin');
const linked = path.join(base, 'linked');
const inside = path.join(project, 'node_modules/.bin');

for (const folder of [inside, outside, linked]) fs.mkdirSync(folder, { recursive: true });
for (const file of [path.join(inside, 'npm'), path.join(outside, 'npm')]) fs.writeFileSync(file, '', { mode: 0o755 });
fs.writeFileSync(path.join(outside, 'plain'), '', { mode: 0o644 });
fs.mkdirSync(path.join(outside, 'folder'));
fs.symlinkSync(path.join(inside, 'npm'), path.join(linked, 'npm'));

const VECTORS = [
  { why: 'the first outside of the project', path: [inside, outside], name: 'npm', found: path.join(outside, 'npm') },
  { why: 'a link that leads into the project does not count', path: [linked], name: 'npm', found: undefined },
  { why: 'nor does a folder that is not absolute', path: ['node_modules/.bin', ''], name: 'npm', found: undefined },
  { why: 'nor what cannot be run', path: [outside], name: 'plain', found: undefined },
  { why: 'nor a folder', path: [outside], name: 'folder', found: undefined },
  { why: 'nor what is not there', path: [path.join(base, 'absent'), outside], name: 'pnpm', found: undefined },
] as const;

for (const { why, path: folders, name, found } of VECTORS) {
  test(`on PATH: ${why}`, async () => {
    assert.equal(await findProgram(name, folders.join(path.delimiter), project), found);
  });
}

const FOLDERS = [
  { why: 'those outside of the project stay, in their order', path: [outside, base], left: [outside, base] },
  { why: "a package's programs", path: [inside, outside], left: [outside] },
  { why: 'the project itself', path: [project, outside], left: [outside] },
  { why: 'by another way of writing it', path: [`${outside}/../project/node_modules/.bin`, outside], left: [outside] },
  { why: 'a link into the project', path: [path.join(base, 'into'), outside], left: [outside] },
  {
    why: 'the folder that one is in, by all its names',
    path: ['', '.', 'node_modules/.bin', outside],
    left: [outside],
  },
  { why: 'what is not there', path: [path.join(base, 'absent'), outside], left: [outside] },
] as const;
fs.symlinkSync(inside, path.join(base, 'into'));

for (const { why, path: folders, left } of FOLDERS) {
  test(`PATH of what is started: ${why}`, async () => {
    assert.equal(await pathOutside(folders.join(path.delimiter), project), left.join(path.delimiter));
  });
}
