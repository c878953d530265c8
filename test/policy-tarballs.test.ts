// tarball-delta through the whole tool: tarballs are read because the rule is on, and only of what changed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createRegistry, createSigstore, type RegistryBox, type RegistryServer } from '@lockseal/testkit';
import { runCli, type CliRun } from './support/run-cli.ts';

const DAY = 86_400_000;
const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-policy-tarballs-'));
let registry: RegistryBox;
let server: RegistryServer;
let asked: number;

const git = (...args: string[]): void => {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'pipe' });
};
const lock = async (version: string): Promise<void> => {
  const dependencies = { tool: version, other: '1.0.0' };
  await registry.writeProject(folder, { name: 'shop', dependencies }, { registry: server.url });
};
const policy = (text: string): void => fs.writeFileSync(path.join(folder, 'lockseal.yaml'), `version: 1\n${text}\n`);
const verify = (...args: string[]): Promise<CliRun> =>
  runCli(['verify', '--base=main', ...args, '--trusted-root=root.json', '--no-cache'], { cwd: folder });
/** Tarballs that were asked for since the test began. */
const tarballs = (): readonly string[] =>
  server.requests
    .slice(asked)
    .filter(({ route }) => route === 'tarball')
    .map(({ name, version }) => `${name}@${version}`)
    .toSorted();

before(async () => {
  const sigstore = await createSigstore();
  registry = createRegistry({ sigstore });
  const publishedAt = new Date(Date.now() - 100 * DAY);
  const elf = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]);
  const own = { 'index.js': 'exports.a = 1;\n' };
  registry.publish({ name: 'other', version: '1.0.0', publishedAt });
  registry.publish({ name: 'tool', version: '1.0.0', publishedAt, files: own });
  registry.publish({ name: 'tool', version: '1.0.1', publishedAt, files: { 'index.js': 'exports.a = 2;\n' } });
  const files = { ...own, 'binding.gyp': '{}', 'loader/run.bin': elf, 'loader/a.js': '' };
  registry.publish({ name: 'tool', version: '1.0.2', publishedAt, files, scripts: { install: 'true' } });
  server = await registry.serve();
  fs.writeFileSync(path.join(folder, 'root.json'), JSON.stringify(sigstore.trustedRoot));
  git('init', '--quiet', '--initial-branch=main');
  await lock('1.0.0');
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
});
beforeEach(() => {
  registry.clearFaults();
  asked = server.requests.length;
});
after(async () => {
  await server.close();
  fs.rmSync(folder, { recursive: true });
});

describe('tarball-delta', () => {
  test('finds what the new tarball has and the old one had not, and reads no other', async () => {
    await lock('1.0.2');
    policy('rules: {tarball-delta: error}');
    const { exitCode, stdout } = await verify('--verbose');
    assert.equal(exitCode, 1);
    assert.match(stdout, /the scripts of 1\.0\.0\n +found +new: install/);
    assert.match(stdout, /the build files of 1\.0\.0\n +found +new: binding\.gyp/);
    assert.match(stdout, /the programs of 1\.0\.0\n +found +new: loader\/run\.bin \(elf\)/);
    assert.match(stdout, /the folders and kinds of files of 1\.0\.0\n +found +new: loader\/a\.js/);
    assert.deepEqual(tarballs(), ['tool@1.0.0', 'tool@1.0.2']);
  });

  test('has nothing against other bytes in the same files', async () => {
    await lock('1.0.1');
    policy('rules: {tarball-delta: error}');
    const { exitCode, stdout } = await verify();
    assert.equal(exitCode, 0, stdout);
    assert.deepEqual(tarballs(), ['tool@1.0.0', 'tool@1.0.1']);
  });

  test('reads no tarball where the rule is off, nothing changed, or nobody wants any', async () => {
    await lock('1.0.2');
    policy('rules: {tarball-delta: off}');
    assert.equal((await verify()).exitCode, 0);
    policy('rules: {tarball-delta: warn}');
    await verify('--no-tarballs');
    await lock('1.0.0');
    await verify();
    assert.deepEqual(tarballs(), []);
  });

  test('is undecided where the tarball of the baseline cannot be had', async () => {
    await lock('1.0.1');
    policy('rules: {tarball-delta: error}');
    registry.fault({ route: 'tarball', version: '1.0.0' }, { type: 'status', status: 404 });
    const { exitCode, stdout } = await verify();
    assert.match(stdout, /the tarball of 1\.0\.0, which the baseline locks, could not be read/);
    assert.equal(exitCode, 3);
  });
});
