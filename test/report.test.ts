// The path of a lockfile without the command line: read, verified against a registry over HTTP, judged, rendered.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseTrustedRoot, verifyLockfile, type Lockfile, type Project, type TarballMode } from '@lockseal/core';
import {
  createRegistry,
  createSigstore,
  type NpmLockfile,
  type RegistryBox,
  type RegistryServer,
} from '@lockseal/testkit';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { bindProject, dependencyPaths, loadProject, readLockfile } from '@lockseal/lockfile';
import { defaultPolicy, evaluate } from '@lockseal/policy';
import { createNetworkSource, HttpClient, loadRegistryConfig } from '@lockseal/registry';
import { renderHuman, renderJson, type Report } from '@lockseal/report';

const sigstore = await createSigstore();
const manifest = { name: 'shop', version: '1.0.0', dependencies: { express: '^4.0.0' } };
const schema: object = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, '../packages/report/schema/report-v1.json'), 'utf8'),
);
const ajv = new Ajv2020({ strict: true, allErrors: true });
const valid = ajv.compile(schema);

let folder: string;
let registry: RegistryBox;
let server: RegistryServer;
let intact: NpmLockfile;

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-report-'));
  registry = createRegistry({ sigstore });
  registry.publish({ name: 'ms', version: '2.0.0', evidence: { provenance: false, publishAttestation: false } });
  registry.publish({ name: 'debug', version: '2.6.9', dependencies: { ms: '2.0.0' } });
  registry.publish({ name: 'express', version: '4.21.2', dependencies: { debug: '2.6.9' } });
  registry.publish({ name: 'msx', version: '2.0.0' });
  server = await registry.serve();
  intact = await registry.writeProject(folder, manifest, { registry: server.url });
});
after(async () => {
  await server.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

async function reportOn(
  lockfile: object,
  options: { offline?: boolean; tarballs?: TarballMode } = {},
): Promise<Report> {
  const read = readLockfile('package-lock.json', Buffer.from(JSON.stringify(lockfile, null, 2)));
  const project = await loadProject(read, folder, {
    read: async (file) => (fs.existsSync(file) ? fs.readFileSync(file) : undefined),
    list: async () => [],
  });
  const bound = bindProject(read, project);
  const verification = await verify(bound, project, options);
  const entries = new Map(bound.entries.map((entry) => [entry.id, entry]));
  const judgement = evaluate(verification, defaultPolicy, {
    describe: (id) => entries.get(id) ?? assert.fail(`no entry ${id}`),
    pathTo: dependencyPaths(bound),
  });
  return { tool: { name: 'lockseal', version: '0.0.0' }, verification, ...judgement, warnings: [], durationMs: 12 };
}

async function verify(
  lockfile: Lockfile,
  project: Project | undefined,
  { offline = false, tarballs = 'needed' }: { offline?: boolean; tarballs?: TarballMode },
): Promise<Report['verification']> {
  const config = await loadRegistryConfig({
    directory: folder,
    env: { npm_config_fetch_retries: '0' },
    home: folder,
    format: 'npm',
  });
  const client = new HttpClient({ config, offline });
  try {
    const trustedKeys = { file: [], npm: [] };
    return await verifyLockfile({
      lockfile,
      project,
      registries: config.map,
      source: createNetworkSource({ config, client, cache: undefined, offline, trustedKeys }),
      trustedRoot: parseTrustedRoot(Buffer.from(JSON.stringify(sigstore.trustedRoot))),
      trust: { origin: 'file', sha256: '00'.repeat(32), asOf: undefined },
      clock: { now: () => Date.now() },
      tarballs,
      concurrency: 4,
    });
  } finally {
    client.close();
  }
}

/** A copy of the lockfile with one entry changed. */
function changed(name: string, change: (entry: Record<string, unknown>) => void): NpmLockfile {
  const copy = structuredClone(intact);
  change(copy.packages[`node_modules/${name}`] ?? assert.fail(name));
  return copy;
}

function isShown(report: Report, texts: readonly RegExp[]): void {
  assert.ok(valid(JSON.parse(renderJson(report))), ajv.errorsText(valid.errors));
  const human = renderHuman(report, { columns: 160 });
  for (const text of texts) assert.match(human, text);
}

describe('a lockfile that says what was published', () => {
  for (const tarballs of ['none', 'needed', 'all'] as const) {
    test(`is good with tarballs: ${tarballs}`, async () => {
      const report = await reportOn(intact, { tarballs });
      assert.deepEqual(
        report.findings.filter(({ level }) => level !== 'note'),
        [],
      );
      assert.equal(report.verdict, 'good');
      const proof = tarballs === 'all' ? /edges {4}3 by tarball/ : /edges {4}0 by tarball, 3 as the registry says/;
      isShown(report, [/proven {8}2/, /signed {8}1/, proof, /Good: .* in 3 entries .* Next: npm ci\n$/]);
    });
  }
});

describe('a lockfile that was changed', () => {
  test('another digest is contradicted, with both digests', async () => {
    const other = registry.find('msx', '2.0.0')?.integrity;
    const report = await reportOn(changed('ms', (entry) => (entry['integrity'] = other)));
    assert.equal(report.verdict, 'findings');
    isShown(report, [
      /x integrity-mismatch/,
      /ms@2\.0\.0 {2}package-lock\.json:\d+:\d+/,
      /path {6}\. > express@4\.21\.2 > debug@2\.6\.9 > ms@2\.0\.0/,
      /expected {2}sha512-/,
      /Mend the errors, then: lockseal verify package-lock\.json\n$/,
    ]);
  });

  test('another dependency is contradicted, at its edge', async () => {
    const report = await reportOn(changed('debug', (entry) => (entry['dependencies'] = { ms: 'npm:msx@2.0.0' })));
    assert.equal(report.verdict, 'findings');
    isShown(report, [
      /x (?:edge-forged|name-mismatch)/,
      /edge {6}ms/,
      /"overrides" in package\.json|Restore the entry/,
    ]);
  });

  test('a digest of a broken algorithm is a finding, though it is the right one', async () => {
    const sha1 = Buffer.from(registry.find('ms', '2.0.0')?.shasum ?? '', 'hex').toString('base64');
    const report = await reportOn(changed('ms', (entry) => (entry['integrity'] = `sha1-${sha1}`)));
    assert.equal(report.verdict, 'findings');
    isShown(report, [/x integrity-weak/, /found {5}sha1-/]);
  });

  test('no digest is a finding that says how to get one', async () => {
    const report = await reportOn(changed('ms', (entry) => delete entry['integrity']));
    assert.equal(report.verdict, 'findings');
    isShown(report, [/x integrity-missing/, /npm install --package-lock-only/]);
  });
});

describe('what cannot be had', () => {
  test('offline nothing is decided, and every entry says so', async () => {
    const report = await reportOn(intact, { offline: true });
    assert.equal(report.verdict, 'undecided');
    assert.equal(report.undecided.length, 3);
    isShown(report, [/3 undecided/, /ERR_OFFLINE/, /without --offline/]);
  });

  test('attestations that do not arrive are a warning', async () => {
    const end = registry.fault({ route: 'attestations' }, { type: 'status', status: 403 });
    const report = await reportOn(intact);
    end();
    assert.equal(report.verdict, 'good');
    isShown(report, [/! evidence-unavailable/, /ERR_/]);
  });

  test('attestations that were tampered with are contradicted', async () => {
    const end = registry.fault({ route: 'attestations', name: 'debug' }, { type: 'tamper-bundle', tamper: 'payload' });
    const report = await reportOn(intact);
    end();
    assert.equal(report.verdict, 'findings');
    isShown(report, [/contradicted {2}1/, /Do not install debug@2\.6\.9/]);
  });
});
