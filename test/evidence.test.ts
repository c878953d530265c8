// Evidence packs as their users see them: the same report from a file, anywhere and at any time.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test } from 'node:test';
import {
  digestOf,
  openEvidenceProject,
  textOf,
  TRUST,
  unpack,
  type EvidenceProject,
} from './support/evidence-project.ts';
import { lockseal } from './support/transcript.ts';

const FAR = Date.parse('2076-01-01T00:00:00Z');
/** Members of the JSON report that tell of the run, not of what was found: docs/evidence-packs.md lists them. */
const HEADER = ['verifiedAt', 'durationMs', 'warnings', 'evidencePack'];

function bodyOf(report: string): string {
  const members = Object.entries(JSON.parse(report)).filter(([name]) => !HEADER.includes(name));
  return JSON.stringify(Object.fromEntries(members), null, 2);
}

describe('an evidence pack', () => {
  let project: EvidenceProject;
  let online: string;
  let digest: string;

  before(async () => {
    project = await openEvidenceProject();
    online = (await project.run(['verify', '--json', ...TRUST])).stdout;
    const packed = await project.run(['evidence', 'pack', '--output=e.pack', ...TRUST]);
    assert.equal(packed.exitCode, 0, packed.stderr);
    [, digest = ''] = /--evidence-digest=sha256:([0-9a-f]{64})/.exec(packed.stdout) ?? [];
  });
  after(() => project.close());

  test('is addressed by what it unpacks to', () => assert.equal(digestOf(textOf(project.file('e.pack'))), digest));

  test('is the same bytes for the same inputs: another day, one connection, without a cache, another folder', async () => {
    const again = ['evidence', 'pack', '-o', 'again.pack', '--no-cache', '--concurrency=1', ...TRUST];
    const moved = fs.mkdtempSync(`${project.directory}-moved-`);
    fs.cpSync(project.directory, moved, { recursive: true });
    assert.equal((await project.run([...again, moved], FAR)).exitCode, 0);
    fs.rmSync(moved, { recursive: true });
    assert.deepEqual(fs.readFileSync(project.file('again.pack')), fs.readFileSync(project.file('e.pack')));
  });

  for (const tarballs of ['--no-tarballs', '--tarballs']) {
    test(`repeats the report bit for bit but for its header, fifty years later: ${tarballs}`, async () => {
      const there = await project.run(['verify', '--json', tarballs, ...TRUST]);
      const packed = await project.run(['evidence', 'pack', '-o', 'same.pack', tarballs, ...TRUST]);
      const [, pin = ''] = /--evidence-digest=(\S+)/.exec(packed.stdout) ?? [];
      const here = await project.run(
        ['verify', '--json', tarballs, '--offline', '--evidence=same.pack', `--evidence-digest=${pin}`],
        FAR,
      );
      assert.equal(bodyOf(here.stdout), bodyOf(there.stdout));
      assert.equal(here.exitCode, 0);
      assert.equal(here.exitCode, there.exitCode);
      assert.deepEqual(JSON.parse(here.stdout).evidencePack, { sha256: pin.replace('sha256:', ''), pinned: true });
      assert.equal(JSON.parse(here.stdout).verifiedAt, '2076-01-01T00:00:00.000Z');
    });
  }

  test('repeats it without being pinned, by the trust that the user gives, and says so', async () => {
    const here = await project.run(['verify', '--json', '--offline', '--evidence=e.pack', ...TRUST], FAR);
    assert.equal(bodyOf(here.stdout), bodyOf(online));
    assert.deepEqual(JSON.parse(here.stdout).evidencePack, { sha256: digest, pinned: false });
    assert.match(JSON.parse(here.stdout).warnings.join(), /no digest pins/);
  });

  test('holds what a policy asks about the past, too', async () => {
    const policy = 'version: 1\nrules:\n  release-age: {level: error, minAge: P7D}\n';
    fs.writeFileSync(project.file('aged.yaml'), policy);
    // Without the cache, which knows the tarballs of the test before and would prove more than was asked for.
    const options = ['--policy=aged.yaml', '--no-cache', ...TRUST];
    const there = await project.run(['verify', '--json', ...options]);
    const packed = await project.run(['evidence', 'pack', '-o', 'aged.pack', ...options]);
    assert.equal(packed.exitCode, 0, packed.stderr);
    const here = await project.run(['verify', '--json', '--offline', '--evidence=aged.pack', ...options], FAR);
    assert.equal(bodyOf(here.stdout), bodyOf(there.stdout));
    assert.ok(unpack(project.file('aged.pack')).lines.some(({ part }) => part === 'histories'));
    // The first pack was made under no such policy: what it lacks is undecided, never a pass.
    const poor = await project.run(['verify', '--offline', '--evidence=e.pack', ...options]);
    assert.equal(poor.exitCode, 3);
    assert.match(poor.stderr, /ERR_EVIDENCE_MISSING.*histories/);
  });

  test('is shown with what it holds, for people and programs', async () => {
    const shown = await project.run(['evidence', 'show', 'e.pack']);
    assert.match(shown.stdout, new RegExp(`^digest +sha256:${digest}$`, 'm'));
    assert.match(shown.stdout, /^versions +4$/m);
    assert.match(shown.stdout, /^bundles +6, logged \S+Z to \S+Z$/m);
    assert.match(shown.stdout, /^attestations +4 lines, \S+ kB: 1 that there are none$/m);
    const json = JSON.parse((await project.run(['evidence', 'show', 'e.pack', '--json'])).stdout);
    assert.equal(json.sha256, digest);
    assert.equal(json.parts.documents.lines, 4);
  });

  test('is named by the approval that was made with it', async () => {
    await project.run(['trust', 'keygen', 'approver.pem']);
    const shown = await project.run(['trust', 'show', 'approver.pub.pem']);
    const [, spki = ''] = /^in policies +(\S+)$/m.exec(shown.stdout) ?? [];
    const approvers = `    security: {threshold: 1, approvers: [{name: ana, keys: ['${spki}']}]}`;
    fs.writeFileSync(
      project.file('lockseal.yaml'),
      `version: 1\napprovals:\n  repository: https://github.com/example/shop\n  allowUntimestamped: true\n  roles:\n${approvers}\n`,
    );
    const source = ['--offline', '--evidence=e.pack', `--evidence-digest=sha256:${digest}`, '--trusted-root=root.json'];
    const repository = '--repository=https://github.com/example/shop';
    const approved = await project.run(['approve', '--yes', '--key=approver.pem', repository, ...source]);
    assert.equal(approved.exitCode, 0, approved.stderr);
    assert.match(approved.stdout, new RegExp(`evidence pack sha256:${digest}`));
    const [line = ''] = fs.readFileSync(project.file('package-lock.json.approvals.jsonl'), 'utf8').split('\n');
    const statement = JSON.parse(Buffer.from(JSON.parse(line).dsseEnvelope.payload, 'base64').toString());
    assert.deepEqual(statement.predicate.evidence.pack, { digest: { sha256: digest } });
    for (const name of ['lockseal.yaml', 'package-lock.json.approvals.jsonl']) fs.rmSync(project.file(name));
  });

  test('needs no connection: every socket and every name look-up of the process is trapped', async () => {
    await project.disconnect();
    const args = ['verify', '--offline', '--evidence=e.pack', `--evidence-digest=sha256:${digest}`];
    const trap = path.join(import.meta.dirname, 'support', 'no-network.mjs');
    const [node = '', ...rest] = lockseal;
    const offline = await runChild(node, ['--import', trap, ...rest, ...args], project.directory);
    assert.equal(offline.exitCode, 0, offline.stderr);
    // The trap itself: the same process with the registry is stopped by it.
    const trapped = await runChild(
      node,
      ['--import', trap, ...rest, 'verify', '--no-cache', ...TRUST],
      project.directory,
    );
    assert.match(trapped.stderr, /the network was touched/);
    assert.equal(trapped.exitCode, 99);
  });
});

async function runChild(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ exitCode: number | null; stderr: string }> {
  const child = spawn(program, args, {
    cwd,
    env: { HOME: cwd, PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (exitCode) => resolve({ exitCode, stderr }));
  });
}
