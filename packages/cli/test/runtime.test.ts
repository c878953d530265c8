// Which Nodes lockseal runs on, and what it says to others before it does anything.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { describe, test } from 'node:test';
import { checkRuntime, shownRuntimes } from '../src/runtime.ts';

const PACKAGE = path.resolve(import.meta.dirname, '..');

describe('a Node', () => {
  for (const [version, why] of [
    ['20.20.2', 'of an older line'],
    ['22.22.1', 'one patch too old'],
    ['22.21.9', 'one minor too old, whatever its patch'],
    ['23.11.0', 'of an odd line'],
    ['24.14.9', 'too old within its line'],
    ['25.9.9', 'of an odd line that is newer than another that will do'],
    ['4.22.2', 'whose major begins like one that will do'],
    ['', 'that says nothing'],
    ['v24.15.0', 'whose version is written otherwise'],
    ['constructor', 'that is none'],
  ] as const) {
    test(`${why}, ${version}, is refused`, () => {
      assert.throws(() => checkRuntime(version), {
        code: 'ERR_RUNTIME',
        details: {
          expected: 'Node ^22.22.2 || ^24.15.0 || >=26.0.0',
          found: `Node ${version}`,
          hint: 'Install a Node that is still maintained, and run lockseal with it.',
        },
      });
    });
  }

  for (const version of ['22.22.2', '22.23.0', '24.15.0', '24.21.0', '26.0.0', '27.1.0', '100.0.0', '26.1.0-nightly']) {
    test(`${version} is taken`, () => checkRuntime(version));
  }

  test('is refused as the package says to npm', () => {
    const { engines } = JSON.parse(fs.readFileSync(path.join(PACKAGE, 'package.json'), 'utf8'));
    assert.equal(shownRuntimes(), engines.node);
  });
});

test('the program says so, whatever it was asked, and does nothing else', () => {
  const pretend = "Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.2'}})";
  const preload = `data:text/javascript,${encodeURIComponent(pretend)}`;
  const program = path.join(PACKAGE, 'bin', 'lockseal.js');
  for (const args of [['--version'], ['verify'], ['install']]) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--conditions=@lockseal/source', `--import=${preload}`, program, ...args],
      { cwd: import.meta.dirname, encoding: 'utf8', env: { PATH: process.env['PATH'] } },
    );
    assert.deepEqual([status, stdout], [2, '']);
    assert.equal(
      stderr,
      `ERR_RUNTIME lockseal does not run on Node 20.20.2.
  expected  Node ^22.22.2 || ^24.15.0 || >=26.0.0
  found     Node 20.20.2
  do        Install a Node that is still maintained, and run lockseal with it.
`,
    );
  }
});
