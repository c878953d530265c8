// What change rules compare with: the last state that was approved, else the lockfile of a git ref.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createRegistry, createSigstore, type RegistryBox, type RegistryServer } from '@lockseal/testkit';
import { generateKey } from '../packages/signer/src/index.ts';
import { runCli, type CliRun } from './support/run-cli.ts';

const DAY = 86_400_000;
const APPROVALS = 'package-lock.json.approvals.jsonl';
const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-policy-baseline-'));
let registry: RegistryBox;
let server: RegistryServer;
const keys = { ana: generateKey('P-256'), eve: generateKey('P-256') };

const git = (...args: string[]): void => {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'pipe' });
};
const at = (name: string): string => path.join(folder, name);
const lock = async (version: string): Promise<void> => {
  await registry.writeProject(folder, { name: 'shop', dependencies: { tool: version } }, { registry: server.url });
};
const run = (...args: string[]): Promise<CliRun> =>
  runCli([...args, '--trusted-root=root.json', '--no-cache'], { cwd: folder });
const writePolicy = (approver: string, more = ''): void => {
  fs.writeFileSync(
    at('lockseal.yaml'),
    `version: 1
extends: recommended
${more}approvals:
  repository: https://github.com/example/shop
  allowUntimestamped: true
  roles:
    security:
      threshold: 1
      approvers:
        - name: ana
          keys: [${JSON.stringify(approver)}]
`,
  );
};
const approve = async (key: string): Promise<void> => {
  fs.writeFileSync(at('key.pem'), key);
  const { exitCode, stdout, stderr } = await run(
    'approve',
    '--key=key.pem',
    '--yes',
    '--repository=https://github.com/example/shop',
  );
  assert.equal(exitCode, 0, stdout + stderr);
};

before(async () => {
  const sigstore = await createSigstore();
  registry = createRegistry({ sigstore });
  const publishedAt = (days: number): Date => new Date(Date.now() - days * DAY);
  registry.publish({ name: 'tool', version: '1.0.0', publishedAt: publishedAt(300) });
  const evidence = { provenance: false, publishAttestation: false };
  registry.publish({ name: 'tool', version: '1.1.0', publishedAt: publishedAt(90), evidence });
  server = await registry.serve();
  fs.writeFileSync(at('root.json'), JSON.stringify(sigstore.trustedRoot));
  writePolicy(keys.ana.publicKey);
  git('init', '--quiet', '--initial-branch=main');
  await lock('1.0.0');
  await approve(keys.ana.privateKey);
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
});
after(async () => {
  await server.close();
  fs.rmSync(folder, { recursive: true });
});

describe('the baseline', () => {
  test('is the last approval: a change since then is found without any git ref', async () => {
    await lock('1.1.0');
    const { exitCode, stdout } = await run('verify', '--verbose');
    assert.match(stdout, /^baseline +approval 1 of package-lock\.json, by ana, \d{4}-\d\d-\d\d$/m);
    assert.match(stdout, /provenance-downgrade/);
    assert.match(stdout, /as 1\.0\.0 has/);
    assert.doesNotMatch(stdout, /baseline-missing/);
    assert.equal(exitCode, 1);
  });

  test('is the last approval also where a git ref is given', async () => {
    const { stdout } = await run('verify', '--base=main');
    assert.match(stdout, /^baseline +approval 1 of/m);
  });

  test('is told by programs, too', async () => {
    const { stdout } = await run('verify', '--json');
    assert.match((JSON.parse(stdout) as { baseline: string }).baseline, /^approval 1 of package-lock\.json, by ana/);
  });

  test('is the approval of this very state once somebody gave it: what people looked at has not changed', async () => {
    const own = fs.readFileSync(at('lockseal.yaml'));
    const waiver = '{package: tool, rule: provenance-downgrade, reason: read, who: ana, expires: DATE}';
    const expires = new Date(Date.now() + 5 * DAY).toISOString().slice(0, 10);
    writePolicy(keys.ana.publicKey, `waivers:\n  - ${waiver.replace('DATE', expires)}\n`);
    await approve(keys.ana.privateKey);
    fs.writeFileSync(at('lockseal.yaml'), own);
    const { exitCode, stdout } = await run('verify');
    assert.match(stdout, /^baseline +approval 2 of/m);
    assert.equal(exitCode, 0, stdout);
    git('checkout', '--quiet', '--', APPROVALS);
  });

  test('is no approval by a stranger, which is said, but the lockfile of the git ref', async () => {
    writePolicy(keys.eve.publicKey);
    const { exitCode, stdout } = await run('verify', '--base=main');
    assert.match(stdout, /^baseline +package-lock\.json at main$/m);
    assert.match(stdout, /package-lock\.json\.approvals\.jsonl:1 is no baseline \(approval-signer-unknown\)/);
    assert.match(stdout, /provenance-downgrade/);
    assert.equal(exitCode, 1);
  });

  test('is missing without either, which is said once', async () => {
    const { stdout } = await run('verify', '--verbose');
    assert.equal(stdout.match(/baseline-missing/g)?.length, 1);
    assert.match(stdout, /is no baseline \(approval-signer-unknown\)/);
    assert.doesNotMatch(stdout, /^baseline/m);
  });

  test('is no approval where the policy lists nobody who may approve', async () => {
    fs.writeFileSync(at('lockseal.yaml'), 'version: 1\nextends: recommended\n');
    const { stdout } = await run('verify', '--base=main');
    assert.match(stdout, /approvals\.jsonl is no baseline: the policy lists nobody who may approve/);
    assert.match(stdout, /^baseline +package-lock\.json at main$/m);
    git('checkout', '--quiet', '--', 'lockseal.yaml');
  });

  test('cannot be found where the approvals cannot be read: nothing is decided', async () => {
    fs.appendFileSync(at(APPROVALS), '<<<<<<< HEAD\n');
    const { exitCode, stderr } = await run('verify');
    assert.match(stderr, /ERR_APPROVALS_CONFLICT/);
    assert.equal(exitCode, 3);
    git('checkout', '--quiet', '--', APPROVALS);
  });

  test('is none that somebody changed', async () => {
    const line = fs.readFileSync(at(APPROVALS), 'utf8').split('\n')[0] ?? '';
    const { dsseEnvelope } = JSON.parse(line) as { dsseEnvelope: { payload: string } };
    const forged = Buffer.from(dsseEnvelope.payload, 'base64').toString().replaceAll('tool@1.0.0', 'tool@1.1.0');
    fs.writeFileSync(at(APPROVALS), `${line.replace(dsseEnvelope.payload, Buffer.from(forged).toString('base64'))}\n`);
    const { stdout } = await run('verify');
    assert.match(stdout, /is no baseline \(approval-signature-invalid\)/);
    assert.doesNotMatch(stdout, /^baseline/m);
    git('checkout', '--quiet', '--', APPROVALS);
  });
});
