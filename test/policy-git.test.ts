// Policies and baselines from git refs, as the build of a pull request uses them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createRegistry, createSigstore, type RegistryBox, type RegistryServer } from '@lockseal/testkit';
import { runCli, type CliRun } from './support/run-cli.ts';

const DAY = 86_400_000;
const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-policy-git-'));
let registry: RegistryBox;
let server: RegistryServer;

const git = (...args: string[]): void => {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'pipe' });
};
const write = (name: string, text: string): void => {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  fs.writeFileSync(path.join(folder, name), text);
};
const lock = async (version: string): Promise<void> => {
  await registry.writeProject(folder, { name: 'shop', dependencies: { tool: version } }, { registry: server.url });
};
const run = (...args: string[]): Promise<CliRun> =>
  runCli([...args, '--trusted-root=root.json', '--no-cache'], { cwd: folder });

before(async () => {
  const sigstore = await createSigstore();
  registry = createRegistry({ sigstore });
  const publishedAt = (days: number): Date => new Date(Date.now() - days * DAY);
  registry.publish({ name: 'tool', version: '1.0.0', publishedAt: publishedAt(300) });
  const evidence = { provenance: false, publishAttestation: false };
  registry.publish({ name: 'tool', version: '1.1.0', publishedAt: publishedAt(90), evidence });
  server = await registry.serve();
  write('root.json', JSON.stringify(sigstore.trustedRoot));
  write('lockseal.yaml', 'version: 1\nextends: ./policies/team.yaml\n');
  write('policies/team.yaml', 'version: 1\nextends: recommended\nrules: {policy-file: warn}\n');
  git('init', '--quiet', '--initial-branch=main');
  await lock('1.0.0');
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
  await lock('1.1.0');
});
after(async () => {
  await server.close();
  fs.rmSync(folder, { recursive: true });
});

describe('a pull request', () => {
  test('is compared with the lockfile of the base, on verified evidence', async () => {
    const { exitCode, stdout } = await run('verify', '--policy-ref=main', '--base=main');
    assert.match(stdout, /provenance-downgrade/);
    assert.match(stdout, /as 1\.0\.0 has: https:\/\/github\.com\/acme\/tool/);
    assert.match(stdout, /^policy +lockseal\.yaml from git ref main/m);
    assert.match(stdout, /^baseline +package-lock\.json at main$/m);
    assert.doesNotMatch(stdout, /baseline-missing/);
    assert.equal(exitCode, 1);
  });

  test('that turns the policy off is judged by the protected one, and told', async () => {
    write('lockseal.yaml', 'version: 1\n');
    const { exitCode, stdout } = await run('verify', '--policy-ref=main', '--base=main');
    assert.match(stdout, /policy-changed/);
    assert.match(stdout, /provenance-downgrade/);
    assert.equal(exitCode, 1);
  });

  test('that breaks the policy is judged by the protected one all the same', async () => {
    write('lockseal.yaml', 'version: 9\n');
    assert.equal((await run('verify', '--policy-ref=main', '--base=main')).exitCode, 1);
    assert.equal((await run('verify')).exitCode, 2);
  });

  test('that edits what the policy extends does not change the protected one', async () => {
    git('checkout', '--quiet', '--', 'lockseal.yaml');
    write('policies/team.yaml', 'version: 1\n');
    const protectedRun = await run('verify', '--policy-ref=main', '--base=main');
    assert.match(protectedRun.stdout, /provenance-downgrade/);
    assert.match(protectedRun.stdout, /policies\/team\.yaml in the working tree is not the one at main/);
    const own = await run('verify', '--base=main');
    assert.doesNotMatch(own.stdout, /provenance-downgrade/);
    git('checkout', '--quiet', '--', 'policies/team.yaml');
  });

  test('without a base is told once that nothing is compared', async () => {
    const { stdout } = await run('verify', '--verbose');
    assert.equal(stdout.match(/baseline-missing/g)?.length, 1);
  });

  const refused: readonly (readonly [why: string, args: readonly string[], words: RegExp])[] = [
    ['a ref that is not there', ['--policy-ref=nowhere'], /git knows no ref nowhere/],
    ['a base that is not there', ['--base=nowhere'], /git knows no ref nowhere/],
    ['a ref that is an option', ['--base=--all'], /git knows no ref/],
    ['a policy outside of the repository at a ref', ['--policy=/etc/lockseal.yaml', '--policy-ref=main'], /outside/],
    ['a policy that the ref does not have', ['--policy=other.yaml', '--policy-ref=main'], /There is no such policy/],
  ];
  for (const [why, args, words] of refused) {
    test(`is not judged by ${why}`, async () => {
      const { exitCode, stderr } = await run('verify', ...args);
      assert.match(stderr, words);
      assert.equal(exitCode, 2);
    });
  }
});

describe('the past', () => {
  test('is judged commit by commit, each against the one before', async () => {
    git('commit', '--quiet', '-am', 'two');
    const { exitCode, stdout } = await run('policy', 'test', '--history=main');
    assert.equal(exitCode, 0);
    assert.match(stdout, /^[0-9a-f]{12} {2}\d{4}-\d\d-\d\d {2}good$/m);
    assert.match(stdout, /provenance-downgrade tool@1\.1\.0/);
    assert.match(stdout, /^1 of 2 updates would have been stopped\.$/m);
  });

  test('is judged with the manifests of each commit, of the root and of workspaces', async () => {
    const edit = (name: string, change: (value: { packages: Record<string, object> }) => void): void => {
      const value = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as {
        packages: Record<string, object>;
      };
      change(value);
      write(name, JSON.stringify(value, null, 2));
    };
    const askFor = (range: string): void =>
      write('packages/app/package.json', `{"name": "app", "version": "1.0.0", "dependencies": {"tool": "${range}"}}`);
    const workspaces = ['packages/*'];
    edit('package.json', (manifest) => Object.assign(manifest, { workspaces }));
    edit('package-lock.json', ({ packages }) => {
      Object.assign(packages[''] ?? {}, { workspaces });
      packages['packages/app'] = { version: '1.0.0', dependencies: { tool: '^1.0.0' } };
      packages['node_modules/app'] = { resolved: 'packages/app', link: true };
    });
    askFor('^1.0.0');
    git('add', '.');
    git('commit', '--quiet', '-m', 'three');
    edit('package-lock.json', (lockfile) => Object.assign(lockfile, { name: 'shop' }));
    fs.appendFileSync(path.join(folder, 'package-lock.json'), '\n');
    askFor('^2.0.0');
    git('add', '.');
    git('commit', '--quiet', '-m', 'four, whose workspace asks for what is not locked');
    // What the working tree says now is of no interest.
    askFor('^1.0.0');
    const { stdout } = await run('policy', 'test', '--history=main');
    const [, , three, four] = stdout.split('\n').map((line) => line.slice(26));
    assert.equal(three, 'good', (await run('verify')).stdout);
    assert.match(four ?? '', /^edge-forged packages\/app/);
    assert.match(stdout, /^2 of 4 updates would have been stopped\.$/m);
    git('checkout', '--quiet', '--', '.');
  });

  test('takes a range that has commits of the lockfile', async () => {
    const { exitCode, stderr } = await run('policy', 'test', '--history=main..main');
    assert.match(stderr, /0 commits of package-lock\.json/);
    assert.equal(exitCode, 2);
  });

  test('takes no option for a range', async () => {
    assert.equal((await run('policy', 'test', '--history=--all')).exitCode, 2);
  });
});
