// What `lockseal install` has loaded when it starts the package manager: all else is loaded while that runs, because what
// is loaded before makes every install longer (docs/install.md).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundleProgram, PROGRAM } from '../scripts/program/bundle.ts';

const root = path.dirname(import.meta.dirname);
const spy = path.join(import.meta.dirname, 'support', 'list-loaded-before-spawn.mjs');
const work = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-start-up-'));
const program = path.join(work, 'dist', 'program');
const project = path.join(work, 'project');
const list = path.join(work, 'loaded.json');
const REPOSITORY = '--repository=https://github.com/example/shop';

/** What is not bundled, and a package that depends on it. */
const LIBRARIES = [
  ['@npmcli/run-script', 'gate'],
  ['@sigstore/sign', 'signer'],
  ['@sigstore/tuf', 'registry'],
  ['proper-lockfile', 'signer'],
  ['tar', 'registry'],
] as const;

/**
 * What comes after the package manager: comparing the disk, reading tarballs, running scripts; and what other commands do, judging
 * above all.
 */
const LATER =
  /packages\/(?:report\/src\/(?:human|html|sarif|gitlab|junit|markdown)\/|policy\/src\/evaluate|registry\/src\/sources\/network|cli\/src\/installed|cli\/src\/scripts|gate\/src\/installed\/compare|gate\/src\/scripts\/(?:plan|run))|node_modules\/(?:tar|yargs|@npmcli\/run-script|@sigstore\/(?:sign|tuf)|@marcbachmann\/cel-js)\//;

describe('lockseal install', () => {
  /** File of the bundle -> the modules in it. */
  const modules = new Map<string, readonly string[]>();

  before(async () => {
    for (const { fileName, moduleIds } of await bundleProgram(root, program)) modules.set(fileName, moduleIds);
    fs.writeFileSync(path.join(work, 'package.json'), '{"name": "lockseal", "version": "1.2.3", "type": "module"}');
    for (const [name, of] of LIBRARIES) linkLibrary(name, of);
    makeProject();
  });
  after(() => fs.rmSync(work, { recursive: true }));

  test('starts the package manager before it loads what is needed afterwards', () => {
    assert.match(lockseal(['install', REPOSITORY], { LOADED_LIST: list }, ['--import', spy]), /all as approved/);
    const urls = JSON.parse(fs.readFileSync(list, 'utf8')) as readonly string[];
    const files = urls.map((url) => path.relative(program, fileURLToPath(url)));
    const sources = files.flatMap((file) => modules.get(file) ?? [path.resolve(program, file)]);
    assert.ok(sources.some((source) => source.endsWith('packages/gate/src/serve/open-gate.ts')));
    assert.deepEqual(
      sources.map((source) => path.relative(root, source)).filter((source) => LATER.test(source)),
      [],
    );
  });
});

/** Libraries that are no part of the bundle are found from where it lies. */
function linkLibrary(name: string, of: string): void {
  const link = path.join(work, 'node_modules', name);
  fs.mkdirSync(path.dirname(link), { recursive: true });
  fs.symlinkSync(path.join(root, 'packages', of, 'node_modules', name), link, 'junction');
}

/** An approved lockfile without packages, and a package manager that does nothing. */
function makeProject(): void {
  fs.mkdirSync(path.join(project, '.git'), { recursive: true });
  fs.mkdirSync(path.join(project, 'node_modules'));
  fs.mkdirSync(path.join(work, 'bin'));
  fs.writeFileSync(path.join(work, 'bin', 'npm'), '#!/bin/sh\n', { mode: 0o755 });
  fs.writeFileSync(path.join(project, 'package.json'), '{"name": "shop", "version": "1.0.0"}');
  const entry = '{"name": "shop", "version": "1.0.0"}';
  const lockfile = `{"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": ${entry}}}`;
  fs.writeFileSync(path.join(project, 'package-lock.json'), lockfile);
  lockseal(['trust', 'keygen', '../approver.pem']);
  const [, spki = ''] = /^in policies +(\S+)$/m.exec(lockseal(['trust', 'show', '../approver.pub.pem'])) ?? [];
  const roles = `  roles:\n    security: {threshold: 1, approvers: [{name: ana, keys: ['${spki}']}]}\n`;
  const approvals = `approvals:\n  repository: https://github.com/example/shop\n  allowUntimestamped: true\n${roles}`;
  fs.writeFileSync(path.join(project, 'lockseal.yaml'), `version: 1\nextends: baseline\n${approvals}`);
  lockseal(['approve', '--yes', '--key=../approver.pem', REPOSITORY, '--offline']);
}

function lockseal(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  options: readonly string[] = [],
): string {
  const words = [...options, path.join(program, PROGRAM), ...args];
  const PATH = [path.join(work, 'bin'), '/usr/bin', '/bin'].join(path.delimiter);
  const started = spawnSync(process.execPath, words, {
    cwd: project,
    env: { PATH, HOME: work, ...env },
    encoding: 'utf8',
  });
  assert.equal(started.status, 0, started.stdout + started.stderr);
  return started.stdout + started.stderr;
}
