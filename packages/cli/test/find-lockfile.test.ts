import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { LocksealError, type ErrorCode } from '@lockseal/core';
import { findLockfile } from '../src/io/find-lockfile.ts';
import { lookAround } from '../src/io/surroundings.ts';
import { createProjectFiles } from '../src/io/project-files.ts';
import { writeFileAtomically } from '../src/io/write-file.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(path.join(tmpdir(), 'lockseal-find-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), text);
  }
}

const withCode =
  (code: ErrorCode) =>
  (error: unknown): boolean =>
    error instanceof LocksealError && error.code === code;

interface Vector {
  readonly why: string;
  readonly files: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly found?: string;
  readonly refused?: ErrorCode;
}

const vectors: readonly Vector[] = [
  { why: 'the only lockfile of a folder', files: { 'pnpm-lock.yaml': '' }, found: 'pnpm-lock.yaml' },
  {
    why: 'a file that is named is taken, whatever it is called',
    files: { 'other.json': '' },
    target: 'other.json',
    found: 'other.json',
  },
  {
    why: 'package-lock.json before the shrinkwrap, which shadows it in older npm and is reported',
    files: { 'package-lock.json': '', 'npm-shrinkwrap.json': '' },
    found: 'package-lock.json',
  },
  {
    why: 'packageManager decides between managers',
    files: { 'package-lock.json': '', 'pnpm-lock.yaml': '', 'package.json': '{"packageManager":"pnpm@10.0.0"}' },
    found: 'pnpm-lock.yaml',
  },
  {
    why: 'so does devEngines',
    files: {
      'package-lock.json': '',
      'yarn.lock': '',
      'package.json': '{"devEngines":{"packageManager":{"name":"yarn"}}}',
    },
    found: 'yarn.lock',
  },
  {
    why: 'two managers, and nothing says which',
    files: { 'package-lock.json': '', 'yarn.lock': '', 'package.json': '{}' },
    refused: 'ERR_LOCKFILE_AMBIGUOUS',
  },
  {
    why: 'two managers, and a manager that has none',
    files: { 'package-lock.json': '', 'yarn.lock': '', 'package.json': '{"packageManager":"bun@1.4.0"}' },
    refused: 'ERR_LOCKFILE_AMBIGUOUS',
  },
  {
    why: 'two managers, and a package.json that is no JSON',
    files: { 'package-lock.json': '', 'yarn.lock': '', 'package.json': '{' },
    refused: 'ERR_LOCKFILE_AMBIGUOUS',
  },
  { why: "pnpm's lockfile of a git branch", files: { 'pnpm-lock.feature.yaml': '' }, found: 'pnpm-lock.feature.yaml' },
  {
    why: 'lockfiles of two branches: which one is meant?',
    files: { 'pnpm-lock.yaml': '', 'pnpm-lock.feature.yaml': '', 'package.json': '{"packageManager":"pnpm@10.0.0"}' },
    refused: 'ERR_LOCKFILE_AMBIGUOUS',
  },
  { why: 'an empty folder', files: {}, refused: 'ERR_LOCKFILE_NOT_FOUND' },
  { why: 'a folder of that name is no lockfile', files: { 'yarn.lock/x': '' }, refused: 'ERR_LOCKFILE_NOT_FOUND' },
  {
    why: 'a path that is not there',
    files: {},
    target: 'nowhere/package-lock.json',
    refused: 'ERR_LOCKFILE_NOT_FOUND',
  },
];

describe('findLockfile', () => {
  for (const { why, files, target = '.', found, refused } of vectors) {
    test(why, async () => {
      write(files);
      const finding = findLockfile(path.join(directory, target));
      if (refused === undefined) assert.equal(await finding, path.join(directory, found ?? ''));
      else await assert.rejects(finding, withCode(refused));
    });
  }
});

describe('createProjectFiles', () => {
  test('reads what is inside', async () => {
    write({ 'package.json': '{}', 'packages/a/package.json': '{"name":"a"}' });
    const files = createProjectFiles(directory);
    assert.equal(String(await files.read(path.join(directory, 'package.json'))), '{}');
    assert.deepEqual(await files.list(path.join(directory, 'packages')), [{ name: 'a', type: 'directory' }]);
  });

  test('answers as if nothing were there: absent files, folders read as files, links that lead out', async () => {
    const outside = mkdtempSync(path.join(tmpdir(), 'lockseal-outside-'));
    writeFileSync(path.join(outside, 'package.json'), '{"name":"stolen"}');
    write({ 'inside.json': '{}' });
    symlinkSync(outside, path.join(directory, 'out'));
    symlinkSync(path.join(outside, 'package.json'), path.join(directory, 'link.json'));
    const files = createProjectFiles(directory);
    for (const name of ['absent.json', 'inside.json/x', '.', 'link.json', 'out/package.json', '../package.json']) {
      assert.equal(await files.read(path.join(directory, name)), undefined, name);
    }
    assert.equal(await files.list(path.join(directory, 'out')), undefined);
    rmSync(outside, { recursive: true });
  });
});

const NOBODY = { env: {}, home: '/nonexistent' };

describe('lookAround', () => {
  const cases = [
    {
      why: 'npm is told to ignore its lockfile',
      lockfile: 'package-lock.json',
      files: { '.npmrc': 'package-lock=false\n' },
      found: ['package-lock=false'],
    },
    {
      why: 'the same in other clothes',
      lockfile: 'package-lock.json',
      files: { '.npmrc': '  package-lock = "false"  \n' },
      found: ['package-lock = "false"'],
    },
    {
      why: 'pnpm does not heed that setting: it keeps npm from writing a second lockfile',
      lockfile: 'pnpm-lock.yaml',
      files: { '.npmrc': 'package-lock=false\n' },
      found: [],
    },
    {
      why: 'pnpm is told to ignore its lockfile',
      lockfile: 'pnpm-lock.yaml',
      files: { 'pnpm-workspace.yaml': 'lockfile: false\n' },
      found: ['lockfile: false'],
    },
    {
      why: 'Yarn may change its lockfile',
      lockfile: 'yarn.lock',
      files: { '.yarnrc.yml': 'enableImmutableInstalls: false\n' },
      found: ['enableImmutableInstalls: false'],
    },
    {
      why: 'bun may change its lockfile',
      lockfile: 'bun.lock',
      files: { 'bunfig.toml': '[install]\nfrozenLockfile = false\n' },
      found: ['frozenLockfile = false'],
    },
    {
      why: 'a comment sets nothing',
      lockfile: 'package-lock.json',
      files: { '.npmrc': '; package-lock=false\n' },
      found: [],
    },
    { why: 'the safe value', lockfile: 'package-lock.json', files: { '.npmrc': 'package-lock=true\n' }, found: [] },
  ];
  for (const { why, lockfile, files, found } of cases) {
    test(why, async () => {
      write({ [lockfile]: '', ...files } as Record<string, string>);
      const { bypasses } = await lookAround(path.join(directory, lockfile), NOBODY);
      assert.deepEqual(
        bypasses.map(({ setting }) => setting),
        found,
      );
    });
  }
});

describe('lookAround, at the environment', () => {
  const cases: readonly (readonly [why: string, lockfile: string, env: Record<string, string>, isFound: boolean])[] = [
    ['npm ignores its lockfile', 'package-lock.json', { npm_config_package_lock: 'false' }, true],
    ['in capitals, as CI systems have them', 'package-lock.json', { NPM_CONFIG_PACKAGE_LOCK: '0' }, true],
    ['under its former name', 'npm-shrinkwrap.json', { npm_config_shrinkwrap: 'false' }, true],
    ['with a hyphen', 'package-lock.json', { 'npm_config_package-lock': 'false' }, true],
    ['npm heeds its lockfile', 'package-lock.json', { npm_config_package_lock: 'true' }, false],
    ['empty is unset', 'package-lock.json', { npm_config_package_lock: '' }, false],
    ['npm installs nothing', 'package-lock.json', { npm_config_package_lock_only: 'true' }, true],
    ['npm installs elsewhere', 'package-lock.json', { npm_config_global: 'true' }, true],
    ['the same by another name', 'package-lock.json', { npm_config_location: 'global' }, true],
    ['npm installs here', 'package-lock.json', { npm_config_global: 'false', npm_config_location: 'user' }, false],
    ['a setting of npm is none of Yarn', 'yarn.lock', { npm_config_package_lock: 'false' }, false],
    [
      'a longer name',
      'package-lock.json',
      { npm_config_package_lock_x: 'false', x_npm_config_package_lock: '0' },
      false,
    ],
    ['pnpm ignores its lockfile', 'pnpm-lock.yaml', { npm_config_lockfile: 'false' }, true],
    ['pnpm under its own name', 'pnpm-lock.yaml', { pnpm_config_frozen_lockfile: 'false' }, true],
    ['pnpm prefers to resolve', 'pnpm-lock.yaml', { PNPM_CONFIG_PREFER_FROZEN_LOCKFILE: 'false' }, true],
    ['pnpm reads one lockfile a workspace', 'pnpm-lock.yaml', { pnpm_config_shared_workspace_lockfile: 'false' }, true],
    ['pnpm reads a lockfile elsewhere', 'pnpm-lock.yaml', { npm_config_lockfile_dir: '/elsewhere' }, true],
    ['pnpm reads the lockfile of a branch', 'pnpm-lock.yaml', { npm_config_git_branch_lockfile: 'true' }, true],
    ['which is this one', 'pnpm-lock.main.yaml', { npm_config_git_branch_lockfile: 'true' }, false],
    ['pnpm heeds its lockfile', 'pnpm-lock.yaml', { pnpm_config_frozen_lockfile: 'true' }, false],
    ['Yarn may change its lockfile', 'yarn.lock', { YARN_ENABLE_IMMUTABLE_INSTALLS: '0' }, true],
    ['Yarn may not', 'yarn.lock', { YARN_ENABLE_IMMUTABLE_INSTALLS: 'true' }, false],
    ['Yarn reads another lockfile', 'yarn.lock', { YARN_LOCKFILE_FILENAME: 'other.lock' }, true],
    ['Yarn reads this lockfile', 'yarn.lock', { YARN_LOCKFILE_FILENAME: 'yarn.lock' }, false],
    ['Yarn reads another configuration', 'yarn.lock', { YARN_RC_FILENAME: '.other.yml' }, true],
    ['bun reads no lockfile', 'bun.lock', { BUN_CONFIG_SKIP_LOAD_LOCKFILE: '1' }, true],
    ['bun reads no lockfile, whatever the word', 'bun.lock', { BUN_CONFIG_SKIP_LOAD_LOCKFILE: 'false' }, true],
    ['bun reads its lockfile', 'bun.lock', { BUN_CONFIG_SKIP_LOAD_LOCKFILE: '0' }, false],
    ['bun checks no hash', 'bun.lock', { BUN_CONFIG_NO_VERIFY: '0' }, true],
    ['bun checks hashes, strange as it looks', 'bun.lock', { BUN_CONFIG_NO_VERIFY: '1' }, false],
  ];
  for (const [why, lockfile, env, isFound] of cases) {
    test(`${isFound ? 'finds' : 'passes'}: ${why}`, async () => {
      write({ [lockfile]: '' });
      const { bypasses } = await lookAround(path.join(directory, lockfile), { env, home: '/nonexistent' });
      const settings = Object.entries(env).map(([name, value]) => ({
        file: 'the environment',
        setting: `${name}=${value}`,
      }));
      assert.deepEqual(bypasses, isFound ? settings : []);
    });
  }
});

describe("lookAround, at the user's own files", () => {
  const cases: readonly {
    readonly why: string;
    readonly lockfile: string;
    readonly files: Readonly<Record<string, string>>;
    readonly env?: Readonly<Record<string, string>>;
    /** File below the home, and setting. */
    readonly found: readonly (readonly [file: string, setting: string])[];
  }[] = [
    {
      why: 'npm ignores every lockfile of this user',
      lockfile: 'package-lock.json',
      files: { 'home/.npmrc': 'registry=https://r.test/\npackage-lock=false\n' },
      found: [['.npmrc', 'package-lock=false']],
    },
    {
      why: 'the project says otherwise, which counts',
      lockfile: 'package-lock.json',
      files: { 'home/.npmrc': 'package-lock = false\n', '.npmrc': 'package-lock=true\n' },
      found: [],
    },
    {
      why: 'the file that the environment names',
      lockfile: 'package-lock.json',
      files: { 'home/.npmrc': '', 'home/other': 'package-lock=false\n' },
      env: { NPM_CONFIG_USERCONFIG: 'home/other' },
      found: [['other', 'package-lock=false']],
    },
    {
      why: 'a setting of npm is none of pnpm',
      lockfile: 'pnpm-lock.yaml',
      files: { 'home/.npmrc': 'package-lock=false\nlockfile=false\n' },
      found: [['.npmrc', 'lockfile=false']],
    },
    {
      why: 'a workspace is the project’s alone',
      lockfile: 'pnpm-lock.yaml',
      files: { 'home/pnpm-workspace.yaml': 'lockfile: false\n' },
      found: [],
    },
    {
      why: 'Yarn 1 ignores every lockfile of this user',
      lockfile: 'yarn.lock',
      files: { 'home/.yarnrc': '--install.no-lockfile true\n' },
      found: [['.yarnrc', '--install.no-lockfile true']],
    },
    {
      why: 'Yarn may change every lockfile of this user',
      lockfile: 'yarn.lock',
      files: { 'home/.yarnrc.yml': 'enableImmutableInstalls: false\n' },
      found: [['.yarnrc.yml', 'enableImmutableInstalls: false']],
    },
    {
      why: 'bun may change every lockfile of this user',
      lockfile: 'bun.lock',
      files: { 'home/.bunfig.toml': '[install]\nfrozenLockfile = false\n' },
      found: [['.bunfig.toml', 'frozenLockfile = false']],
    },
    {
      why: 'bun looks where the environment says',
      lockfile: 'bun.lock',
      files: {
        'home/config/.bunfig.toml': 'frozenLockfile = false\n',
        'home/.bunfig.toml': 'frozenLockfile = false\n',
      },
      env: { XDG_CONFIG_HOME: 'home/config' },
      found: [['config/.bunfig.toml', 'frozenLockfile = false']],
    },
    {
      why: 'a folder is no file',
      lockfile: 'package-lock.json',
      files: { 'home/.npmrc/x': 'package-lock=false\n' },
      found: [],
    },
  ];
  for (const { why, lockfile, files, env: given = {}, found } of cases) {
    test(why, async () => {
      write({ [lockfile]: '', 'home/x': '', ...files });
      const home = path.join(directory, 'home');
      const env = Object.fromEntries(Object.entries(given).map(([name, file]) => [name, path.join(directory, file)]));
      const { bypasses } = await lookAround(path.join(directory, lockfile), { env, home });
      assert.deepEqual(
        bypasses.map(({ file, setting }) => [file, setting]),
        found.map(([file, setting]) => [path.join(home, file), setting]),
      );
    });
  }

  test('the project in the home itself is told of once', async () => {
    write({ 'package-lock.json': '', '.npmrc': 'package-lock=false\n' });
    const { bypasses } = await lookAround(path.join(directory, 'package-lock.json'), { env: {}, home: directory });
    assert.deepEqual(bypasses, [{ file: '.npmrc', setting: 'package-lock=false' }]);
  });
});

describe('writeFileAtomically', () => {
  test('writes, and replaces', async () => {
    const file = path.join(directory, 'report.json');
    await writeFileAtomically(file, 'one');
    await writeFileAtomically(file, 'two');
    assert.equal(String(await createProjectFiles(directory).read(file)), 'two');
    assert.deepEqual(await createProjectFiles(directory).list(directory), [{ name: 'report.json', type: 'file' }]);
  });

  test('a folder that is not there', async () => {
    await assert.rejects(writeFileAtomically(path.join(directory, 'no', 'report.json'), 'x'), withCode('ERR_OUTPUT'));
  });

  test('a target that is a folder leaves no temporary file behind', async () => {
    write({ 'report/x': '' });
    await assert.rejects(writeFileAtomically(path.join(directory, 'report'), 'x'), withCode('ERR_OUTPUT'));
    assert.deepEqual(await createProjectFiles(directory).list(directory), [{ name: 'report', type: 'directory' }]);
  });
});

test(
  'a lockfile that is a link to what ends nowhere is refused, not read',
  { skip: process.platform === 'win32' && 'has no /dev' },
  async () => {
    symlinkSync('/dev/zero', path.join(directory, 'package-lock.json'));
    await assert.rejects(findLockfile(directory), withCode('ERR_LOCKFILE_UNREADABLE'));
  },
);
