// What the lockfile binds to nothing, approved by what the registry signs: a yarn.lock with a package for one platform, of
// which Yarn records no checksum, and with an archive of which nobody but Yarn can rebuild one. Yarn itself is in
// test/managers/gate.matrix.ts.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { main } from 'lockseal';
import { packTarball, type Fault, type Published } from '@lockseal/testkit';
import { openWorkshop, policyOf, REPOSITORY, type Workshop } from '../approval/support/workshop.ts';
import { runCli, type CliRun } from '../support/run-cli.ts';

const NATIVE = '@acme/native-linux';
const TARBALL = 'acme/native-linux/-/native-linux-1.0.0.tgz';

let workshop: Workshop;
let keys: string;
/** Signed for its own version, and for no other. */
let next: Published;

before(async () => {
  workshop = await openWorkshop(['ana', 'ben'], (box) => {
    const manifest = { os: ['linux', 'darwin', 'win32'], cpu: ['x64', 'arm64'] };
    for (const version of ['1.0.0', '1.0.1']) box.publish({ name: NATIVE, version, manifest });
    // libzip guesses at the encoding of such a name.
    const text = '{"name":"odd","version":"1.0.0"}';
    const tarball = packTarball([
      { path: 'package/package.json', content: text },
      { path: 'package/a\u0001.js', content: '' },
    ]);
    box.publish({ name: 'odd', version: '1.0.0', tarball });
  });
  keys = await (await fetch(`${workshop.registry.url}-/npm/v1/keys`)).text();
  next = workshop.box.find(NATIVE, '1.0.1') ?? assert.fail();
  const { host } = new URL(workshop.registry.url);
  await workshop.write('keys.json', keys);
  await workshop.write('.yarnrc.yml', `npmRegistryServer: http://${host}/\nunsafeHttpWhitelist: ['127.0.0.1']\n`);
  fs.rmSync(path.join(workshop.directory, '.npmrc'));
});
beforeEach(async () => {
  await lock();
  await workshop.write('lockseal.yaml', policyOf(workshop.keys));
  fs.rmSync(approvals(), { force: true });
});
afterEach(() => workshop.box.clearFaults());
after(() => workshop.close());

const approvals = (): string => path.join(workshop.directory, 'yarn.lock.approvals.jsonl');

/** Writes a project that depends on these, and its lockfile. */
async function lock(
  entries: Readonly<Record<string, string>> = { [NATIVE]: 'conditions: os=linux & cpu=x64' },
): Promise<void> {
  const names = Object.keys(entries);
  const dependencies = Object.fromEntries(names.map((name) => [name, '1.0.0']));
  await workshop.write('package.json', JSON.stringify({ name: 'shop', dependencies }));
  const locked = names.map(
    (name) => `"${name}@npm:1.0.0":
  version: 1.0.0
  resolution: "${name}@npm:1.0.0"
  ${entries[name]}
  languageName: node
  linkType: hard
`,
  );
  const root = `"shop@workspace:.":
  version: 0.0.0-use.local
  resolution: "shop@workspace:."
  dependencies:
${names.map((name) => `    "${name}": "npm:1.0.0"\n`).join('')}  languageName: unknown
  linkType: soft
`;
  const head = '__metadata:\n  version: 10\n  cacheKey: 10c0\n';
  await workshop.write('yarn.lock', [head, ...locked, root].join('\n'));
}

/** What the registry signs for another version is served as if it were this one's. */
const signatureOfNext: Fault = {
  type: 'edit',
  edit: (document) => withDist(document, (dist) => ({ ...dist, signatures: next.signatures })),
};
/** Another tarball, with its own hash, under the signature of the first. */
const unsignedTarball: Fault = {
  type: 'edit',
  edit: (document) => withDist(document, (dist) => ({ ...dist, integrity: next.integrity, shasum: next.shasum })),
};

function withDist(document: unknown, change: (dist: object) => object): unknown {
  const copy = structuredClone(document) as { versions?: Record<string, { dist: object }>; dist?: object };
  const version = copy.versions?.['1.0.0'] ?? copy;
  version.dist = change(version.dist ?? {});
  return copy;
}

const APPROVED = `--repository=${REPOSITORY}`;
const VERIFIED = ['--verified-only', '--registry-keys=keys.json'] as const;
const approve = (who = 'ana', ...args: string[]): Promise<CliRun> =>
  workshop.approve(who, '--registry-keys=keys.json', ...args);

async function approved(): Promise<void> {
  const { exitCode, stdout, stderr } = await approve();
  assert.equal(exitCode, 0, stdout + stderr);
}

interface Gate {
  /** By the registry's face and by the proxy's: status and body of the tarball. */
  readonly tarballs: readonly (readonly [status: number | undefined, body: Buffer])[];
  readonly refused: readonly string[];
  readonly signedDigests: number;
  readonly stderr: string;
}

/** Opens a gate, asks both faces for the tarball, and closes it. */
async function askGate(...args: readonly string[]): Promise<Gate> {
  const interrupt = new AbortController();
  const opening = Promise.withResolvers<{
    url: string;
    proxyUrl: string;
    signedDigests: number;
    refusedEntries: { reason: string }[];
  }>();
  let output = '';
  const exit = main(['gate', '--json', '--no-cache', '--trusted-root=root.json', ...args], {
    cwd: workshop.directory,
    env: {},
    home: workshop.directory,
    stdout: {
      write: (text: string) => {
        output += text;
        if (text.includes('"event":"open"')) opening.resolve(JSON.parse(text));
      },
    },
    stderr: { write: (text: string) => void (output += text) },
    now: () => Date.now(),
    signal: interrupt.signal,
  });
  void exit.then((code) => opening.reject(new Error(`ended with ${code}: ${output}`)));
  try {
    const { url, proxyUrl, signedDigests, refusedEntries } = await opening.promise;
    const byProxy = await viaProxy(proxyUrl, `${workshop.registry.url}@${TARBALL}`);
    const answer = await fetch(`${url}@${TARBALL}`).then(
      async (each) => [each.status, Buffer.from(await each.arrayBuffer())] as const,
    );
    const refused = refusedEntries.map(({ reason }) => reason);
    return { tarballs: [answer, byProxy], refused, signedDigests, stderr: output };
  } finally {
    interrupt.abort();
    await exit;
  }
}

async function viaProxy(proxy: string, url: string): Promise<readonly [number | undefined, Buffer]> {
  const { hostname, port, username, password } = new URL(proxy);
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  const headers = { 'proxy-authorization': `Basic ${credentials}`, host: new URL(url).host };
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  http.get({ hostname, port, path: url, headers, agent: false }, resolve).on('error', reject);
  const response = await promise;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return [response.statusCode, Buffer.concat(chunks)];
}

const genuine = (): Buffer => workshop.box.find(NATIVE, '1.0.0')?.tarball ?? assert.fail();
const statuses = ({ tarballs }: Gate): unknown => tarballs.map(([status]) => status);

describe('what the lockfile does not bind', () => {
  test('is approved by what the registry signs, which approve, enforce and the statement say', async () => {
    const { exitCode, stdout } = await approve();
    assert.equal(exitCode, 0);
    assert.match(
      stdout,
      /^1 bound by no hash of the lockfile: your approval binds them to the sha512 that the registry signs$/m,
    );
    const { payload } = JSON.parse(fs.readFileSync(approvals(), 'utf8').split('\n')[0] ?? '').dsseEnvelope;
    const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString());
    const sha512 = workshop.box.find(NATIVE, '1.0.0')?.sha512;
    assert.equal(predicate.signedDigests, 1);
    const [{ digest, grade, signedDigest }] = predicate.packageSet.packages;
    assert.deepEqual([digest, grade, signedDigest], [null, 'unprovable', { sha512, source: 'registry-signature' }]);
    assert.equal(predicate.findings[0].code, 'checksum-missing-elsewhere');
    const enforced = await workshop.enforce();
    assert.equal(enforced.exitCode, 0);
    assert.match(enforced.stdout, /1 package is bound by no hash of the lockfile, but to what the registry signed/);
  });

  test('passes both faces of the gate if it is that, with an approval', async () => {
    await approved();
    const gate = await askGate(APPROVED);
    assert.deepEqual(gate.tarballs, [
      [200, genuine()],
      [200, genuine()],
    ]);
    assert.deepEqual(gate.refused, []);
    assert.equal(gate.signedDigests, 1);
  });

  test('passes both faces of the gate if it is that, without one', async () => {
    const gate = await askGate(...VERIFIED);
    assert.deepEqual(gate.tarballs, [
      [200, genuine()],
      [200, genuine()],
    ]);
  });

  test('is told by people, and told apart from what the lockfile binds', async () => {
    await approved();
    const open = ['gate', '--no-cache', '--lifetime=1s', '--trusted-root=root.json', APPROVED];
    const { stdout, stderr } = await runCli(open, { cwd: workshop.directory });
    const line = /^  signed     1 package is bound by no hash of the lockfile: bytes are held against the sha512/m;
    assert.match(stdout + stderr, line);
    const install = ['install', '--no-cache', '--json', '--trusted-root=root.json', APPROVED, '--', 'true'];
    const run = await runCli(install, { cwd: workshop.directory, env: { PATH: process.env['PATH'] ?? '' } });
    assert.equal(run.exitCode, 0, run.stderr + run.stdout);
    assert.equal(JSON.parse(run.stdout).signedDigests, 1, run.stderr);
    assert.match(run.stderr, line);
  });

  for (const [how, prepare] of [
    ['with an approval', approved],
    ['without one', async () => undefined],
  ] as const) {
    test(`is stopped at both faces if it is another tarball, ${how}`, async () => {
      await prepare();
      workshop.box.fault({ route: 'tarball' }, { type: 'other-bytes', bytes: next.tarball });
      const gate = await askGate(...(how === 'without one' ? VERIFIED : [APPROVED]));
      assert.deepEqual(statuses(gate), [403, 403]);
      assert.match(gate.stderr, /tarball-mismatch/);
    });
  }

  test('is what was approved, even if the registry signs other bytes for it by now', async () => {
    await approved();
    const signed = { integrity: next.integrity, shasum: next.shasum, signatures: next.signatures };
    const edit = (document: unknown): unknown => withDist(document, (dist) => ({ ...dist, ...signed }));
    workshop.box.fault({ route: ['version', 'packument'] }, { type: 'edit', edit });
    workshop.box.fault({ route: 'tarball' }, { type: 'other-bytes', bytes: next.tarball });
    assert.deepEqual(statuses(await askGate(APPROVED)), [403, 403]);
  });

  for (const [why, fault] of [
    ['another tarball with its own hash, which nobody signed', unsignedTarball],
    ["another version's signature", signatureOfNext],
  ] as const) {
    test(`is approved by nobody and let through by nothing where the registry serves ${why}`, async () => {
      workshop.box.fault({ route: ['version', 'packument'] }, fault);
      const { exitCode, stderr } = await approve();
      assert.equal(exitCode, 1);
      assert.match(stderr, /signature-invalid/);
      assert.ok(!fs.existsSync(approvals()));
      await assert.rejects(askGate(...VERIFIED), /ended with 1: .*signature-invalid/s);
    });
  }

  test('stays refused where nothing is signed, by name and with the way out of it', async () => {
    workshop.box.fault({ route: ['version', 'packument'] }, { type: 'strip-signatures' });
    await approved();
    const withApproval = await askGate(APPROVED);
    assert.deepEqual(statuses(withApproval), [404, 404]);
    assert.equal(withApproval.signedDigests, 0, 'what is refused is let through by nothing');
    const reason =
      /approved without a digest: .*\(lock it with a hash, or approve it where the registry serves its signatures/;
    assert.match(withApproval.refused[0] ?? '', reason);
    assert.match(withApproval.stderr, new RegExp(`gate-refused  ${NATIVE} .*${NATIVE}@1\\.0\\.0: .*${reason.source}`));
    const without = await askGate(...VERIFIED);
    assert.deepEqual(statuses(without), [404, 404]);
    assert.match(without.refused[0] ?? '', /no signature of the registry tells its sha512/);
    const verified = await workshop.run(
      'verify',
      '--no-cache',
      '--trusted-root=root.json',
      '--registry-keys=keys.json',
    );
    assert.match(verified.stdout, /checksum-missing-elsewhere[\s\S]*verify where a registry serves its signatures/);
  });

  test('stays refused where the registry alone says which keys are its own', async () => {
    assert.equal((await workshop.approve('ana')).exitCode, 0);
    assert.deepEqual(statuses(await askGate(APPROVED)), [404, 404]);
  });

  test('is let through by no approval whose marked digest was edited', async () => {
    await approved();
    const bundle = JSON.parse(fs.readFileSync(approvals(), 'utf8').split('\n')[0] ?? '');
    const text = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString();
    const { sha512 } = workshop.box.find(NATIVE, '1.0.0') ?? assert.fail();
    bundle.dsseEnvelope.payload = Buffer.from(text.replace(sha512, next.sha512)).toString('base64');
    fs.writeFileSync(approvals(), `${JSON.stringify(bundle)}\n`);
    await assert.rejects(askGate(APPROVED), /ended with 1: .*approval-signature-invalid/s);
  });

  test('is let through by no approval from before the lockfile had a checksum', async () => {
    await approved();
    await lock({ [NATIVE]: `checksum: 10c0/${'00'.repeat(64)}` });
    await assert.rejects(askGate(APPROVED), /ended with 1: .*approval-other-lockfile/s);
  });

  test('approved as a package set, is let through only while the lockfile pins nothing', async () => {
    await workshop.write('lockseal.yaml', `${policyOf(workshop.keys)}  subject: package-set\n`);
    await approved();
    assert.deepEqual(statuses(await askGate(APPROVED)), [200, 200]);
    await lock({ [NATIVE]: `checksum: 10c0/${'00'.repeat(64)}` });
    const gate = await askGate(APPROVED);
    assert.deepEqual(statuses(gate), [404, 404]);
    assert.deepEqual(gate.refused, [
      'it was approved by what the registry signed, and the lockfile may pin something else now',
    ]);
  });

  test('is agreed on by two approvers only if the registry signed the same for both', async () => {
    await workshop.write('lockseal.yaml', policyOf(workshop.keys).replace('threshold: 1', 'threshold: 2'));
    await approved();
    workshop.box.fault({ route: ['version', 'packument'] }, { type: 'strip-signatures' });
    assert.equal((await approve('ben')).exitCode, 0);
    assert.match((await workshop.enforce()).stdout, /approvers-disagree/);
    workshop.box.clearFaults();
    assert.equal((await approve('ben')).exitCode, 0);
    assert.equal((await workshop.enforce()).exitCode, 0);
  });
});

describe('a checksum', () => {
  const odd = { odd: `checksum: 10c0/${'00'.repeat(64)}` };

  test('that cannot be rebuilt is approved by what the registry signs, if the policy says what the finding tells it to', async () => {
    await lock(odd);
    const refused = await approve();
    assert.equal(refused.exitCode, 1);
    const [, exception = ''] =
      /checksum-unreproducible[\s\S]*under `overrides`: `([^`]+)`/.exec(refused.stderr.replaceAll(/\s+/g, ' ')) ?? [];
    await workshop.write('lockseal.yaml', `${policyOf(workshop.keys)}overrides:\n  ${exception}\n`);
    await approved();
    const { opened } = await servedBy(APPROVED);
    assert.deepEqual(opened, { artifacts: 1, signedDigests: 1, refusedEntries: [] });
  });

  test('that disagrees is a contradiction, whatever the registry signs', async () => {
    await lock({ [NATIVE]: `checksum: 10c0/${'00'.repeat(64)}` });
    const { exitCode, stderr } = await approve();
    assert.equal(exitCode, 1);
    assert.match(stderr, /tarball-mismatch/);
    await assert.rejects(askGate(...VERIFIED), /ended with 1/);
  });
});

/** How many artifacts a gate would serve. */
async function servedBy(...args: readonly string[]): Promise<{ readonly opened: unknown }> {
  const { stdout } = await runCli(
    ['gate', '--json', '--no-cache', '--lifetime=1s', '--trusted-root=root.json', ...args],
    {
      cwd: workshop.directory,
    },
  );
  const { artifacts, signedDigests, refusedEntries } = JSON.parse(stdout.split('\n')[0] ?? '');
  return { opened: { artifacts, signedDigests, refusedEntries } };
}
