// Which installed packages need not be read again for scripts: never one that has any.
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { compareInstalled, INSTALLED_LIMITS, type InstalledRequest } from '@lockseal/gate';
import { ManifestHint } from '../../src/installed/manifest-hint.ts';
import { scriptsIn } from '../../src/scripts/read-scripts.ts';
import { pack, unpack, type Files } from './support/packages.ts';
import { approvalOf, entryOf, lockfileOf, openDisk, type Disk } from './support/project.ts';

const PLACE = 'node_modules/one';

interface Case {
  readonly why: string;
  readonly manifest?: object;
  readonly files?: Files;
  readonly act?: (disk: Disk) => void;
  readonly change?: Partial<InstalledRequest>;
  readonly isScriptless: boolean;
}

const cases: readonly Case[] = [
  { why: 'no scripts', isScriptless: true },
  { why: 'scripts for its developers', manifest: { scripts: { test: 'a', build: 'b' } }, isScriptless: true },
  { why: 'a build file of another folder', files: { 'src/binding.gyp': '' }, isScriptless: true },
  { why: 'an install script', manifest: { scripts: { install: 'a' } }, isScriptless: false },
  { why: 'a preinstall script', manifest: { scripts: { preinstall: 'a' } }, isScriptless: false },
  { why: 'a postinstall script', manifest: { scripts: { postinstall: 'a' } }, isScriptless: false },
  {
    why: 'an empty script, which is for the one who reads it to judge',
    manifest: { scripts: { install: '' } },
    isScriptless: false,
  },
  {
    why: 'a prepare script, which runs for git dependencies',
    manifest: { scripts: { prepare: 'a' } },
    isScriptless: false,
  },
  { why: 'a word that is none of a script', manifest: { keywords: ['install'] }, isScriptless: false },
  {
    why: 'a script whose name is written with an escape',
    files: { 'package.json': '{"name":"one","version":"1.0.0","scripts":{"prein\\u0073tall":"a"}}' },
    isScriptless: false,
  },
  {
    why: 'scripts twice, the second of which counts',
    files: { 'package.json': '{"name":"one","version":"1.0.0","scripts":{},"scripts":{"install":"a"}}' },
    isScriptless: false,
  },
  { why: 'a file that npm builds from', files: { 'binding.gyp': '' }, isScriptless: false },
  { why: 'such a file in other letters', files: { 'Binding.GYP': '' }, isScriptless: false },
  { why: 'no package.json', act: (disk) => disk.write(`${PLACE}/package.json`, ''), isScriptless: false },
  {
    why: 'a package.json that is not the approved one',
    act: (disk) => disk.write(`${PLACE}/package.json`, '{"name":"one","version":"1.0.0" }\n'),
    isScriptless: false,
  },
  {
    why: 'a manifest longer than is read',
    change: { limits: { ...INSTALLED_LIMITS, manifest: 10 } },
    isScriptless: false,
  },
];

describe('a package with', () => {
  for (const { why, manifest, files = {}, act, change, isScriptless } of cases) {
    test(`${why} is ${isScriptless ? '' : 'not '}taken for one without`, async (t: TestContext) => {
      const disk = openDisk(t);
      const packed = await pack('one', '1.0.0', files, manifest);
      await unpack(packed, disk.at(PLACE));
      act?.(disk);
      const lockfile = lockfileOf('npm', [entryOf(PLACE, packed)], { '.': { one: PLACE } });
      const platform = { os: 'linux', cpu: 'x64' };
      const approval = approvalOf({ [PLACE]: packed });
      const { folders } = await compareInstalled({ root: disk.root, lockfile, platform, ...approval, ...change });
      assert.deepEqual(folders, [{ place: PLACE, entries: [PLACE], isScriptless }]);
    });
  }

  test('a patch is not taken for one without', async (t) => {
    const disk = openDisk(t);
    const packed = await pack('one', '1.0.0', {});
    await unpack(packed, disk.at(PLACE));
    const patch = { path: 'one.patch', hash: undefined };
    const lockfile = lockfileOf('npm', [entryOf(PLACE, packed, { patch })], { '.': { one: PLACE } });
    const platform = { os: 'linux', cpu: 'x64' };
    const { folders } = await compareInstalled({
      root: disk.root,
      lockfile,
      platform,
      ...approvalOf({ [PLACE]: packed }),
    });
    assert.deepEqual(
      folders?.map(({ isScriptless }) => isScriptless),
      [false],
    );
  });
});

test('a manifest that is taken for one without scripts has none, however it is written', () => {
  const names = fc.constantFrom(
    'install',
    'preinstall',
    'postinstall',
    'prepare',
    'prepack',
    'postpack',
    'preprepare',
    'postprepare',
    'test',
    'Install',
    'install2',
  );
  const scripts = fc.dictionary(names, fc.string({ maxLength: 5 }), { maxKeys: 3 });
  const escapes = fc.array(fc.nat(200), { maxLength: 3 });
  fc.assert(
    fc.property(scripts, escapes, fc.nat(3), (of, places, indent) => {
      const plain = JSON.stringify({ name: 'one', version: '1.0.0', scripts: of }, null, indent);
      const text = places.reduce(escapedAt, plain);
      const found = scriptsIn(JSON.parse(text), 'package.json', false);
      const has = found.scripts.sha256 !== undefined || found.preparing.length > 0;
      assert.ok(!has || new ManifestHint(Buffer.from(text)).mayNameScripts, text);
    }),
  );
});

/** A letter, written as JSON also allows. */
function escapedAt(text: string, place: number): string {
  const letter = text[place] ?? '';
  if (!/[a-z]/.test(letter) || text[place - 1] === '\\' || /\\u[0-9a-f]{0,3}$/.test(text.slice(0, place))) return text;
  const code = letter.codePointAt(0)?.toString(16).padStart(4, '0') ?? '';
  return `${text.slice(0, place)}\\u${code}${text.slice(place + 1)}`;
}
