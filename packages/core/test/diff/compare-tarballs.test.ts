import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compareTarballs, type TarballDelta, type TarballFile, type TarballSide } from '@lockseal/core';

type Compared = Extract<TarballDelta, { status: 'compared' }>;

const file = (path: string, changes: Partial<TarballFile> = {}): TarballFile => ({
  path,
  size: 10,
  sha256: '00'.repeat(32),
  executable: false,
  program: undefined,
  ...changes,
});
const side = (list: readonly TarballFile[] | undefined, scripts: readonly string[] = []): TarballSide => ({
  contents: { files: list?.length ?? 0, unpackedSize: 10 * (list?.length ?? 0), list },
  installScripts: { proof: 'tarball', names: scripts, sha256: undefined },
});
const compare = (before: readonly TarballFile[], after: readonly TarballFile[]): Compared => {
  const delta = compareTarballs(side(before), side(after));
  assert.ok(delta.status === 'compared');
  return delta;
};
const base = [file('index.js'), file('lib/a.js'), file('package.json')];
const other = { sha256: '11'.repeat(32) };

describe('a tarball against the one before', () => {
  test('files added, removed, changed and left alone', () => {
    const delta = compare(base, [file('index.js', other), file('lib/b.js'), file('package.json')]);
    assert.deepEqual(paths(delta.added), ['lib/b.js']);
    assert.deepEqual(paths(delta.removed), ['lib/a.js']);
    assert.deepEqual(
      delta.changed.map(({ after }) => after.path),
      ['index.js'],
    );
    assert.equal(delta.unchanged, 1);
    assert.deepEqual(delta.size, { before: { files: 3, unpackedSize: 30 }, after: { files: 3, unpackedSize: 30 } });
  });

  const cases: readonly {
    readonly why: string;
    readonly add: TarballFile;
    readonly executable?: boolean;
    readonly program?: boolean;
    readonly strange?: 'folder' | 'extension';
    readonly gyp?: boolean;
  }[] = [
    { why: 'a module where modules were', add: file('lib/new.js') },
    { why: 'a file at the root, which is always there', add: file('setup.js') },
    { why: 'a binding.gyp: node-gyp runs, script or no script', add: file('binding.gyp'), gyp: true },
    { why: 'on file systems that fold case it is the same', add: file('Binding.GYP'), gyp: true },
    { why: 'further down nobody builds it', add: file('lib/binding.gyp') },
    { why: 'a folder of its own', add: file('.github/workflows/x.yml'), strange: 'folder' },
    { why: 'a mode that lets it run', add: file('lib/run', { executable: true }), executable: true },
    { why: 'a text for an interpreter', add: file('lib/run.js', { program: 'script' }), executable: true },
    {
      why: 'a program under the name of a picture',
      add: file('lib/logo.png', { program: 'elf' }),
      executable: true,
      program: true,
    },
    { why: 'a kind of file that runs, of which there was none', add: file('lib/x.PS1'), strange: 'extension' },
    { why: 'both; the kind says more', add: file('bin/x.exe'), strange: 'extension' },
    {
      why: 'WebAssembly',
      add: file('lib/x.wasm', { program: 'wasm' }),
      executable: true,
      program: true,
      strange: 'extension',
    },
    { why: 'a name of dots only has no extension', add: file('lib/...') },
  ];
  for (const { why, add, executable = false, program = false, strange, gyp = false } of cases) {
    test(`${add.path}: ${why}`, () => {
      const delta = compare(base, [...base, add]);
      assert.deepEqual(paths(delta.newExecutables), executable ? [add.path] : []);
      assert.deepEqual(paths(delta.programs), program ? [add.path] : []);
      assert.deepEqual(delta.strangers, strange === undefined ? [] : [{ file: add, because: strange }]);
      assert.equal(delta.newBindingGyp, gyp);
    });
  }

  test('a file that was there and can be run now', () => {
    const delta = compare(base, [file('index.js', { executable: true }), ...base.slice(1)]);
    assert.deepEqual(paths(delta.newExecutables), ['index.js']);
    assert.deepEqual(delta.changed, []);
  });

  test('a program with other bytes', () => {
    const old = [...base, file('x.node', { program: 'elf' })];
    const delta = compare(old, [...base, file('x.node', { program: 'elf', ...other })]);
    assert.deepEqual(paths(delta.programs), ['x.node']);
    assert.deepEqual(delta.newExecutables, []);
  });

  test('scripts by new names; a script that was there is none', () => {
    const delta = compareTarballs(side(base, ['install']), side(base, ['install', 'postinstall']));
    assert.ok(delta.status === 'compared');
    assert.deepEqual(delta.newScripts, ['postinstall']);
  });

  const unknown: readonly (readonly [why: string, before: TarballSide, after: TarballSide])[] = [
    ['no list before', side(undefined), side(base)],
    ['no list now', side(base), side(undefined)],
    ['never read', {}, {}],
  ];
  for (const [why, before, after] of unknown) {
    test(`is unknown, never equal, where there is ${why}`, () => {
      assert.equal(compareTarballs(before, after).status, 'unknown');
    });
  }

  test('adds up: every file before and after is in exactly one class', () => {
    const names = fc.constantFrom('a', 'b', 'c/d', 'e/f.sh', 'binding.gyp', '__proto__');
    const list = fc
      .uniqueArray(fc.tuple(names, fc.nat(1)), { selector: ([name]) => name })
      .map((all) => all.map(([name, digest]) => file(name, { sha256: String(digest).repeat(64) })));
    fc.assert(
      fc.property(list, list, (before, after) => {
        const { added, removed, changed, unchanged } = compare(before, after);
        assert.equal(added.length + changed.length + unchanged, after.length);
        assert.equal(removed.length + changed.length + unchanged, before.length);
      }),
    );
  });
});

function paths(files: readonly TarballFile[]): readonly string[] {
  return files.map(({ path }) => path);
}
