// Where packages come from besides one registry: a scope with a registry of its own, a tarball by URL, git; with the npm
// on PATH. What package managers make of each is in test/managers/gate.matrix.ts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test } from 'node:test';
import { openWorkshop, REPOSITORY, type Workshop } from '../approval/support/workshop.ts';
import { runCli } from '../support/run-cli.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

let workshop: Workshop;
before(async () => {
  workshop = await openWorkshop(['ana'], (box) => {
    for (const name of ['plain', '@corp/tool', 'remote']) box.publish({ name, version: '1.0.0' });
    // As npm.jsr.io serves what JSR has: under names of its own, and without anybody's signature.
    const evidence = { provenance: false, publishAttestation: false, signature: false };
    box.publish({ name: '@jsr/std__path', version: '1.0.0', evidence });
  });
});
after(() => workshop.close());

interface Locked {
  readonly spec: string;
  readonly entry: Readonly<Record<string, unknown>>;
}

/** Writes project and lockfile with these packages of the root, and approves them. */
async function approved(packages: Readonly<Record<string, Locked>>): Promise<void> {
  const dependencies = Object.fromEntries(Object.entries(packages).map(([name, { spec }]) => [name, spec]));
  const entries = Object.entries(packages).map(([name, { entry }]) => [`node_modules/${name}`, entry]);
  const root = { name: 'shop', version: '1.0.0', dependencies };
  const lock = { name: 'shop', version: '1.0.0', lockfileVersion: 3, requires: true };
  await workshop.write('package.json', JSON.stringify(root));
  await workshop.write(
    'package-lock.json',
    JSON.stringify({ ...lock, packages: { '': root, ...Object.fromEntries(entries) } }),
  );
  fs.rmSync(path.join(workshop.directory, 'node_modules'), { recursive: true, force: true });
  fs.rmSync(workshop.approvals, { force: true });
  const { exitCode, stdout, stderr } = await workshop.approve('ana');
  assert.equal(exitCode, 0, stdout + stderr);
}

function published(name: string, base: string): Record<string, unknown> {
  const { integrity } = workshop.box.find(name, '1.0.0') ?? assert.fail(name);
  const file = name.slice(name.indexOf('/') + 1);
  return { version: '1.0.0', resolved: `${base}${name}/-/${file}-1.0.0.tgz`, integrity };
}

async function install(...args: readonly string[]): Promise<{ readonly exitCode: number; readonly output: string }> {
  const own = ['install', '--trusted-root=root.json', `--repository=${REPOSITORY}`, ...args];
  const env = {
    PATH: process.env['PATH'] ?? '',
    LOCKSEAL_CACHE_DIR: path.join(workshop.directory, 'cache'),
    // Else it would speak between the lines of the tests.
    npm_config_loglevel: 'silent',
  };
  const { exitCode, stdout, stderr } = await runCli(own, { cwd: workshop.directory, env });
  return { exitCode, output: stdout + stderr };
}

/** A commit that no branch and no tag leads to, as of somebody's pull request, with a script for when npm prepares it. */
function orphanCommit(): { readonly repository: string; readonly commit: string; readonly ran: string } {
  const base = fs.realpathSync(fs.mkdtempSync(path.join(workshop.directory, 'git-')));
  const [repository, ran] = [path.join(base, 'forked'), path.join(base, 'ran')];
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=ana', '-c', 'user.email=ana@example.org', ...args], {
      cwd: repository,
      encoding: 'utf8',
    }).trim();
  fs.mkdirSync(repository);
  git('init', '--quiet', '--initial-branch=main');
  git('commit', '--quiet', '--allow-empty', '--message=start');
  git('checkout', '--quiet', '--orphan=worm');
  const manifest = { name: 'forked', version: '1.0.0', scripts: { prepare: `touch ${ran}` }, files: ['*.js', '*.sh'] };
  fs.writeFileSync(path.join(repository, 'package.json'), JSON.stringify(manifest));
  fs.writeFileSync(path.join(repository, 'index.js'), '');
  fs.writeFileSync(path.join(repository, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  // Packing leaves it out.
  fs.writeFileSync(path.join(repository, 'notes.md'), 'notes');
  git('add', '.');
  git('commit', '--quiet', '--message=worm');
  const commit = git('rev-parse', 'HEAD');
  git('checkout', '--quiet', 'main');
  git('branch', '--quiet', '-D', 'worm');
  git('update-ref', 'refs/pull/1/head', commit);
  return { repository, commit, ran };
}

type Change = readonly [why: string, change: (folder: string) => void, told: RegExp];

const CHANGES: readonly Change[] = [
  [
    'other bytes than in the commit',
    (folder) => fs.writeFileSync(path.join(folder, 'index.js'), 'evil'),
    /installed-changed[^]*forked@1\.0\.0[^]*index\.js/,
  ],
  [
    'a file that is in no commit',
    (folder) => fs.writeFileSync(path.join(folder, 'binding.gyp'), ''),
    /installed-extra[^]*forked@1\.0\.0[^]*binding\.gyp/,
  ],
  [
    'a file that may be run, which the commit does not let',
    (folder) => fs.chmodSync(path.join(folder, 'index.js'), 0o755),
    /installed-changed[^]*forked@1\.0\.0[^]*index\.js/,
  ],
];

/** What a comparison says of a folder after a change, which is taken back. */
async function reinstalled(folder: string, change: Change[1]): ReturnType<typeof install> {
  const kept = path.join(path.dirname(path.dirname(folder)), 'kept');
  fs.cpSync(folder, kept, { recursive: true, preserveTimestamps: true });
  change(folder);
  try {
    return await install('--check-installed');
  } finally {
    fs.rmSync(folder, { recursive: true });
    fs.renameSync(kept, folder);
  }
}

const skip = process.platform === 'win32' && 'needs a POSIX shell';

describe('through the gate', { skip, concurrency: 1 }, () => {
  test('come a scope from its own registry, and a tarball by URL', async () => {
    const { url } = workshop.registry;
    const corp = url.replace('127.0.0.1', 'localhost');
    await workshop.write('.npmrc', `registry=${url}\n@corp:registry=${corp}\n`);
    const remote = published('remote', url);
    await approved({
      plain: { spec: '1.0.0', entry: published('plain', url) },
      '@corp/tool': { spec: '1.0.0', entry: published('@corp/tool', corp) },
      remote: { spec: String(remote['resolved']), entry: remote },
    });
    const { exitCode, output } = await install();
    assert.equal(exitCode, 0, output);
    assert.match(output, /3 tarballs served .*, nothing refused/);
    assert.match(output, /3 packages with \d+ files compared, all as approved/);
  });

  test('comes a package of JSR, in the form of npm, if somebody approves it', async () => {
    const { url } = workshop.registry;
    const jsr = url.replace('127.0.0.1', 'localhost');
    await workshop.write('.npmrc', `registry=${url}\n@jsr:registry=${jsr}\n`);
    const entry = { name: '@jsr/std__path', ...published('@jsr/std__path', jsr) };
    await approved({ '@std/path': { spec: 'npm:@jsr/std__path@1.0.0', entry } });
    const { exitCode, output } = await install();
    assert.equal(exitCode, 0, output);
    assert.match(output, /1 tarball served .*, nothing refused/);
    assert.match(output, /1 package with 2 files compared, all as approved/);
    assert.ok(fs.existsSync(path.join(workshop.directory, 'node_modules/@std/path/index.js')));
  });

  test('comes nothing by git, before anything is started', async () => {
    await approved({
      forked: {
        spec: `git+ssh://git@github.com/example/forked.git#${COMMIT}`,
        entry: { version: '1.0.0', resolved: `git+ssh://git@github.com/example/forked.git#${COMMIT}` },
      },
    });
    const { exitCode, output } = await install();
    assert.equal(exitCode, 1, output);
    assert.match(output, /: not started$/m);
    assert.match(output, /forked@1\.0\.0\n +path +\. > forked@1\.0\.0\n +detail +.*refuses dependencies by git/);
    assert.equal(fs.existsSync(path.join(workshop.directory, 'node_modules')), false);
  });

  test('comes what the policy takes by git, of an orphan commit too: its prepare script does not run', async () => {
    const { repository, commit, ran } = orphanCommit();
    const url = `git+file://${repository}#${commit}`;
    const policy = await workshop.read('lockseal.yaml');
    await workshop.write('lockseal.yaml', `${policy}install: {git: pinned}\n`);
    try {
      await approved({ forked: { spec: url, entry: { version: '1.0.0', resolved: url } } });
      const { exitCode, output } = await install();
      assert.equal(exitCode, 0, output);
      assert.match(output, /1 by git compared with their commits/);
      assert.match(output, /script-held[^]*forked@1\.0\.0[^]*prepare/);
      assert.equal(fs.existsSync(path.join(workshop.directory, 'node_modules/forked/index.js')), true);
      assert.equal(fs.existsSync(ran), false, 'prepare ran');
      const installed = path.join(workshop.directory, 'node_modules/forked');
      assert.deepEqual(fs.readdirSync(installed).toSorted(), ['index.js', 'package.json', 'run.sh']);
      for (const [why, change, told] of CHANGES) {
        const again = await reinstalled(installed, change);
        assert.equal(again.exitCode, 1, `${why}: ${again.output}`);
        assert.match(again.output, told, why);
      }
      const offline = await install('--check-installed', '--offline');
      assert.match(offline.output, /1 by git as fetched, not compared/);
    } finally {
      await workshop.write('lockseal.yaml', policy);
    }
  });

  test('comes nothing for npx, and the report names it', async () => {
    const { url } = workshop.registry;
    await approved({ plain: { spec: '1.0.0', entry: published('plain', url) } });
    const { exitCode, output } = await install('--', 'npx', '--yes', 'remote');
    assert.equal(exitCode, 1, output);
    assert.match(output, /gate-refused[^]*\n {4}remote\n/);
  });

  test('goes nothing past it that a setting of the project would lead there', async () => {
    const { url } = workshop.registry;
    await approved({ plain: { spec: '1.0.0', entry: published('plain', url) } });
    await workshop.write('pnpm-workspace.yaml', 'httpsProxy: http://127.0.0.1:9\n');
    const { exitCode, output } = await install('--', 'true');
    fs.rmSync(path.join(workshop.directory, 'pnpm-workspace.yaml'));
    assert.equal(exitCode, 2, output);
    assert.match(output, /ERR_MANAGER [^]*found +httpsProxy: http:\/\/127\.0\.0\.1:9/);
  });

  test('is a lockfile that changes under it found, whoever wrote it', async () => {
    const { url } = workshop.registry;
    await approved({ plain: { spec: '1.0.0', entry: published('plain', url) } });
    const { exitCode, output } = await install('--', 'sh', '-c', 'echo >> package-lock.json');
    assert.equal(exitCode, 1, output);
    assert.match(output, /lockfile-changed/);
  });
});
