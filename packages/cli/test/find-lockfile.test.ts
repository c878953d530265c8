import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
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
      const { bypasses } = await lookAround(path.join(directory, lockfile));
      assert.deepEqual(
        bypasses.map(({ setting }) => setting),
        found,
      );
    });
  }
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
