// Where approvals lie and what they are held against: several lockfiles, baselines, the package set, the archive.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { openWorkshop, type Workshop } from './support/workshop.ts';

let shop: Workshop;
let lockfile: string;
let newer: string;
const POLICY = 'lockseal.yaml';
const APPROVALS = 'package-lock.json.approvals.jsonl';

before(async () => {
  shop = await openWorkshop(['ana', 'ben'], (box) => {
    box.publish({ name: 'ms', version: '1.0.0' });
    box.publish({ name: 'debug', version: '1.0.0', dependencies: { ms: '^1.0.0' } });
  });
  const project = { dependencies: { debug: '^1.0.0' } };
  await shop.box.writeProject(shop.directory, project, { registry: shop.registry.url });
  lockfile = await shop.read('package-lock.json');
  shop.box.publish({ name: 'ms', version: '1.1.0' });
  newer = JSON.stringify(shop.box.lockfile('npm-v3', project, { registry: shop.registry.url }), null, 2);
  await shop.write('policy.yaml', await shop.read(POLICY));
});
after(() => shop.close());

beforeEach(async () => {
  await shop.write('package-lock.json', lockfile);
  await shop.write(POLICY, await shop.read('policy.yaml'));
});
afterEach(async () => {
  for (const name of [APPROVALS, 'package-lock.json.archive.approvals.jsonl', '.git', 'site']) {
    await rm(path.join(shop.directory, name), { recursive: true, force: true });
  }
});

/** The work of `sh` in transcripts, for what they would tell no better. */
function git(...args: readonly string[]): void {
  const settings = ['-c', 'user.name=ana', '-c', 'user.email=ana@example.com', '-c', 'init.defaultBranch=main'];
  execFileSync('git', [...settings, ...args], { cwd: shop.directory, stdio: 'pipe' });
}

async function approved(who: string, ...args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await shop.approve(who, ...args);
  assert.equal(exitCode, 0, stderr);
}

describe('several lockfiles of one repository', () => {
  async function addSite(text: string = newer): Promise<void> {
    await mkdir(path.join(shop.directory, 'site'), { recursive: true });
    await shop.write('site/package.json', await shop.read('package.json'));
    await shop.write('site/.npmrc', await shop.read('.npmrc'));
    await shop.write('site/package-lock.json', text);
    git('init', '-q');
  }

  test('are approved in one run, each by a statement of its own', async () => {
    await addSite();
    const { exitCode, stdout } = await shop.approve('ana', '.', 'site');
    assert.equal(exitCode, 0);
    assert.match(
      stdout,
      /Commit package-lock\.json\.approvals\.jsonl site\/package-lock\.json\.approvals\.jsonl together/,
    );
    assert.equal((await shop.enforce()).exitCode, 0);
    assert.equal((await shop.enforce('site')).exitCode, 0);
  });

  test('are approved all or none', async () => {
    const bad = JSON.parse(newer) as { packages: Record<string, { dependencies?: object }> };
    Object.assign(bad.packages['node_modules/debug'] ?? {}, { dependencies: { debug: '*' } });
    await addSite(JSON.stringify(bad));
    assert.equal((await shop.approve('ana', '.', 'site')).exitCode, 1);
    assert.equal((await shop.enforce()).exitCode, 1, 'nothing was stored for the good one either');
  });

  test('are not approved by an approval that was carried from one to the other', async () => {
    await addSite(lockfile);
    await approved('ana');
    await shop.write(`site/${APPROVALS}`, await shop.read(APPROVALS));
    const { exitCode, stdout } = await shop.enforce('site');
    assert.equal(exitCode, 1);
    assert.match(stdout, /approval-other-path/);
  });

  test('make no release together', async () => {
    await addSite();
    const { exitCode, stderr } = await shop.approve('ana', '.', 'site', '--sbom=sbom.json');
    assert.equal(exitCode, 2);
    assert.match(stderr, /--sbom is about one lockfile/);
  });
});

describe('a baseline', () => {
  test('that is a file shows an approval that was put back to be older', async () => {
    await approved('ana');
    await shop.write('first.jsonl', await shop.read(APPROVALS));
    await shop.write('package-lock.json', newer);
    await approved('ana');
    await shop.write('baseline.jsonl', await shop.read(APPROVALS));
    assert.equal((await shop.enforce('--baseline=baseline.jsonl')).exitCode, 0);
    await shop.write('package-lock.json', lockfile);
    await shop.write(APPROVALS, await shop.read('first.jsonl'));
    assert.equal((await shop.enforce()).exitCode, 0, 'nothing else could tell');
    const { exitCode, stdout } = await shop.enforce('--baseline=baseline.jsonl');
    assert.equal(exitCode, 1);
    assert.match(stdout, /approval-replayed/);
  });

  test('that is a git ref does, too, and remembers a revocation that somebody deleted', async () => {
    git('init', '-q');
    await approved('ana');
    await shop.write('first.jsonl', await shop.read(APPROVALS));
    const revoked = await shop.run('revoke', '--yes', '--trusted-root=root.json', '--key=ben.pem');
    assert.equal(revoked.exitCode, 0, revoked.stderr);
    git('add', APPROVALS, 'package-lock.json', POLICY);
    git('commit', '-q', '-m', 'revoked');
    await shop.write(APPROVALS, await shop.read('first.jsonl'));
    assert.equal((await shop.enforce()).exitCode, 0, 'nothing else could tell');
    const { exitCode, stdout } = await shop.enforce('--baseline=main');
    assert.equal(exitCode, 1);
    assert.match(stdout, /approval-revoked/);
  });

  test('at which nothing was approved yet is one all the same', async () => {
    git('init', '-q');
    git('add', POLICY);
    git('commit', '-q', '-m', 'policy');
    await approved('ana');
    assert.equal((await shop.enforce('--baseline=main')).exitCode, 0);
  });

  test('that is neither file nor ref is an error', async () => {
    git('init', '-q');
    await approved('ana');
    assert.equal((await shop.enforce('--baseline=nowhere')).exitCode, 2);
  });
});

describe('an approval of the package set', () => {
  beforeEach(async () => {
    const policy = await shop.read('policy.yaml');
    await shop.write(POLICY, policy.replace('  roles:', '  subject: package-set\n  roles:'));
    await approved('ana');
  });

  test('holds for the same packages in other bytes', async () => {
    await shop.write('package-lock.json', JSON.stringify(JSON.parse(lockfile)));
    const { exitCode, stdout } = await shop.enforce();
    assert.equal(exitCode, 0, stdout);
  });

  test('does not hold for other packages', async () => {
    await shop.write('package-lock.json', newer);
    const { exitCode, stdout } = await shop.enforce();
    assert.equal(exitCode, 1);
    assert.match(stdout, /approval-other-package-set/);
  });

  test('does not hold for other bytes of a package', async () => {
    const other = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;
    await shop.write('package-lock.json', lockfile.replace(/sha512-[\w+/=]+/, other));
    assert.equal((await shop.enforce()).exitCode, 1);
  });

  test('is worth nothing where the policy wants the bytes', async () => {
    await shop.write(POLICY, await shop.read('policy.yaml'));
    await shop.write('package-lock.json', JSON.stringify(JSON.parse(lockfile)));
    assert.equal((await shop.enforce()).exitCode, 1);
  });
});

describe('archiving what is superseded', () => {
  test('keeps what builds need, and the next approval goes on from there', async () => {
    await approved('ana');
    await shop.write('package-lock.json', newer);
    await approved('ana');
    const { exitCode, stdout } = await shop.run('trust', 'prune', '--trusted-root=root.json');
    assert.equal(exitCode, 0);
    assert.match(stdout, /^Kept 2 lines: sequence 2 .* 2 went to package-lock\.json\.archive\.approvals\.jsonl\.$/m);
    assert.equal((await shop.enforce()).exitCode, 0);
    await shop.write('package-lock.json', lockfile);
    assert.match((await shop.approve('ana')).stdout, /^1 carried forward from sequence 2, 1 looked at/m);
    assert.match((await shop.enforce()).stdout, /sequence 3/);
  });

  test('is refused to whom the policy trusts in nothing', async () => {
    const { exitCode, stderr } = await shop.run('trust', 'prune', '--trusted-root=root.json');
    assert.equal(exitCode, 2);
    assert.match(stderr, /nothing is superseded/);
  });
});
