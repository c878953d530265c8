// `lockseal verify` over HTTP against a registry on loopback that serves real attestations and tarballs of npm.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { runCli } from './support/run-cli.ts';
import { sharedDir } from './support/shared.ts';

const NPM_CLI = 'npm+cli/test/fixtures/sigstore';
const PACOTE = 'npm+pacote/test/fixtures/sigstore';
const SLSA = 'slsa-framework+slsa-verifier/cli/slsa-verifier/testdata/npm/gha';
const SLSA_UNIT = 'slsa-framework+slsa-verifier/verifiers/internal/gha/testdata';
const LIBNPM = 'npm+cli/workspaces/libnpmpublish/test/fixtures';
const GO = 'sigstore+sigstore-go';
const NUXT = 'danielroe+provenance-action/test/fixtures/npm-registry/attestations/npm-v1';

interface Expected {
  readonly grade: 'proven' | 'signed' | 'contradicted' | 'unprovable';
  readonly repository?: string;
  readonly workflow?: string;
  readonly ref?: string;
  readonly commit?: string;
  /** Part of the reason that some observation or check must give. */
  readonly reason?: RegExp;
}

interface CorpusCase {
  readonly why: string;
  readonly name: string;
  readonly version: string;
  /** In `tarballs/`, or beside the attestations. Without one the digest is the attested one. */
  readonly tarball?: string;
  readonly sha512?: string;
  readonly attestations: readonly string[];
  readonly expected: Expected;
}

const sigstoreJs = { repository: 'https://github.com/sigstore/sigstore-js' };

const cases: readonly CorpusCase[] = [
  {
    why: 'SLSA v1 in a v0.3 bundle',
    name: 'nuxt',
    version: '4.1.2',
    tarball: 'tarballs/nuxt-4.1.2.tgz',
    attestations: [`${NUXT}/nuxt@4.1.2.json`],
    expected: {
      grade: 'proven',
      repository: 'https://github.com/nuxt/nuxt',
      workflow: '.github/workflows/release.yml',
      ref: 'refs/heads/main',
      commit: '412786a1d8283aaa2360a855d44ebd3ac21924f1',
    },
  },
  {
    why: 'SLSA v1 in a v0.2 bundle',
    name: 'nuxt',
    version: '3.13.0',
    tarball: 'tarballs/nuxt-3.13.0.tgz',
    attestations: [`${NUXT}/nuxt@3.13.0.json`],
    expected: { grade: 'proven', repository: 'https://github.com/nuxt/nuxt' },
  },
  {
    why: 'SLSA v0.2 in a v0.1 bundle, beside the publish attestation',
    name: 'sigstore',
    version: '1.0.0',
    tarball: 'tarballs/sigstore-1.0.0.tgz',
    attestations: [`${NPM_CLI}/valid-sigstore-attestations.json`],
    expected: { grade: 'proven', ...sigstoreJs, workflow: '.github/workflows/publish.yml', ref: 'refs/tags/v1.0.0' },
  },
  {
    why: 'bundles in two files',
    name: 'sigstore',
    version: '1.3.0',
    tarball: 'tarballs/sigstore-1.3.0.tgz',
    attestations: [`${GO}/examples/bundle-provenance.json`, `${GO}/examples/bundle-publish.json`],
    expected: { grade: 'proven', ...sigstoreJs },
  },
  {
    why: 'only the publish attestation is there: signed, not proven',
    name: 'sigstore',
    version: '1.8.0',
    tarball: 'tarballs/sigstore-1.8.0.tgz',
    attestations: [`${GO}/examples/bundle-public-key.json`],
    expected: { grade: 'signed' },
  },
  {
    why: 'only provenance is there',
    name: 'sigstore',
    version: '2.0.0',
    tarball: 'tarballs/sigstore-2.0.0.tgz',
    attestations: [`${GO}/pkg/testing/data/bundles/sigstore.js@2.0.0-provenance.sigstore.json`],
    expected: { grade: 'proven', ...sigstoreJs },
  },
  {
    why: 'a bundle that another tool keeps as a fixture',
    name: 'sigstore',
    version: '2.1.0',
    tarball: 'tarballs/sigstore-2.1.0.tgz',
    attestations: ['cli+cli/pkg/cmd/attestation/test/data/sigstore-js-2.1.0-bundle-v0.1.json'],
    expected: { grade: 'proven', ...sigstoreJs },
  },
  {
    why: 'SLSA v1 with its publish attestation',
    name: 'sigstore',
    version: '2.3.1',
    tarball: 'tarballs/sigstore-2.3.1.tgz',
    attestations: [`${SLSA}/provenance-npm-test-cli-v1-prega.tgz.json`],
    expected: { grade: 'proven', ...sigstoreJs, ref: 'refs/heads/main' },
  },
  {
    why: 'the provenance was changed after it was logged',
    name: 'sigstore',
    version: '2.3.1',
    tarball: 'tarballs/sigstore-2.3.1.tgz',
    attestations: [`${SLSA}/provenance-npm-test-cli-v1-prega-invalidsigprov.tgz.json`],
    expected: { grade: 'contradicted', reason: /provenance.*payload hash mismatch/is },
  },
  {
    why: 'the publish attestation was changed: valid provenance does not heal it',
    name: 'sigstore',
    version: '2.3.1',
    tarball: 'tarballs/sigstore-2.3.1.tgz',
    attestations: [`${SLSA}/provenance-npm-test-cli-v1-prega-invalidsigpub.tgz.json`],
    expected: { grade: 'contradicted', reason: /publish.*payload hash mismatch/is },
  },
  {
    why: 'genuine, of the oldest version that has attestations',
    name: 'sigstore',
    version: '0.4.0',
    tarball: 'tarballs/sigstore-0.4.0.tgz',
    attestations: [`${PACOTE}/valid-attestations.json`],
    expected: { grade: 'proven', ...sigstoreJs, ref: 'refs/tags/v0.4.0' },
  },
  {
    why: 'its publish attestation was changed',
    name: 'sigstore',
    version: '0.4.0',
    tarball: 'tarballs/sigstore-0.4.0.tgz',
    attestations: [`${PACOTE}/invalid-attestations.json`],
    expected: { grade: 'contradicted', reason: /sig is not canonical base64/ },
  },
  {
    why: 'its publish attestation names another version',
    name: 'sigstore',
    version: '0.4.0',
    tarball: 'tarballs/sigstore-0.4.0.tgz',
    attestations: [`${PACOTE}/mismatched-subject-name-attestations.json`],
    expected: { grade: 'contradicted', reason: /payload hash mismatch/i },
  },
  {
    why: "another version's genuine attestations",
    name: 'sigstore',
    version: '2.3.1',
    tarball: 'tarballs/sigstore-2.3.1.tgz',
    attestations: [`${NPM_CLI}/valid-sigstore-attestations.json`],
    expected: { grade: 'contradicted', reason: /it is about/ },
  },
  ...['', '-invalidsigprov', '-invalidsigpub'].flatMap((suffix): CorpusCase[] => [
    {
      why: `delegated builder of slsa-github-generator${suffix}`,
      name: '@laurentsimon/provenance-npm-test',
      version: '1.0.5',
      tarball: `attestations/${SLSA}/provenance-npm-test-ossf.tgz`,
      attestations: [`${SLSA}/provenance-npm-test-ossf${suffix}.tgz.json`],
      expected:
        suffix === ''
          ? { grade: 'proven', repository: 'https://github.com/laurentsimon/provenance-npm-test' }
          : { grade: 'contradicted', reason: /payload hash mismatch/i },
    },
    {
      why: `npm CLI, SLSA v0.2${suffix}`,
      name: '@laurentsimon/provenance-npm-test',
      version: '1.0.3',
      tarball: `attestations/${SLSA}/provenance-npm-test-cli-v02-prega.tgz`,
      attestations: [`${SLSA}/provenance-npm-test-cli-v02-prega${suffix}.tgz.json`],
      expected:
        suffix === ''
          ? { grade: 'proven', repository: 'https://github.com/laurentsimon/provenance-npm-test' }
          : { grade: 'contradicted', reason: /payload hash mismatch/i },
    },
  ]),
  ...[
    ['npm-attestations', 'proven', undefined],
    ['npm-att-mismatch-pub-payloadtype', 'contradicted', /signature|payload/i],
    ['npm-att-mismatch-pub-predicatetype', 'contradicted', /served as/],
    ['npm-att-prov-invalid-signature', 'contradicted', /hash mismatch/i],
    ['npm-att-publish-invalid-signature', 'contradicted', /hash mismatch/i],
    ['npm-att-publish-nodigest', 'contradicted', /hash mismatch/i],
    ['npm-stmt-mismatch-prov-predicatetype', 'contradicted', /hash mismatch/i],
    ['npm-stmt-mismatch-prov-type', 'contradicted', /hash mismatch/i],
  ].map(([file, grade, reason]): CorpusCase => ({
    why: `slsa-verifier's ${String(file)}`,
    name: '@laurentsimon/provenance-npm-test',
    version: '1.0.0',
    attestations: [`${SLSA_UNIT}/${String(file)}.intoto.sigstore`],
    expected: { grade: grade as Expected['grade'], ...(reason === undefined ? {} : { reason: reason as RegExp }) },
  })),
  ...['bad-dsse-payload', 'digest-mismatch-provenance', 'invalid-signature', 'multi-subject-provenance', 'valid'].map(
    (file): CorpusCase => ({
      why: `libnpmpublish's ${file}-bundle, which nothing timestamps`,
      name: '@npmcli/libnpmpublish-test',
      version: '1.0.0',
      sha512:
        'ba5d2ecfa66724e1fafe473489339464a86ef4b5c69718ad94731f311b2d60578a83134b3393af9828aef83dc5edb19126a8aeda55253c31ec1909cbfd48f66f',
      attestations: [`${LIBNPM}/${file}-bundle.json`],
      expected: { grade: 'contradicted' },
    }),
  ),
  ...['no-provenance-envelope', 'no-provenance-subject'].map((file): CorpusCase => ({
    why: `libnpmpublish's ${file}-bundle`,
    name: '@npmcli/libnpmpublish-test',
    version: '1.0.0',
    sha512:
      'ba5d2ecfa66724e1fafe473489339464a86ef4b5c69718ad94731f311b2d60578a83134b3393af9828aef83dc5edb19126a8aeda55253c31ec1909cbfd48f66f',
    attestations: [`${LIBNPM}/${file}-bundle.json`],
    expected: { grade: 'contradicted' },
  })),
  {
    why: 'what is served as attestations is no JSON: nothing can be said',
    name: '@npmcli/libnpmpublish-test',
    version: '1.0.0',
    sha512:
      'ba5d2ecfa66724e1fafe473489339464a86ef4b5c69718ad94731f311b2d60578a83134b3393af9828aef83dc5edb19126a8aeda55253c31ec1909cbfd48f66f',
    attestations: [`${LIBNPM}/bad-bundle.json`],
    expected: { grade: 'unprovable' },
  },
];

interface JsonCheck {
  readonly status: string;
  readonly reason?: string;
  readonly identity?: Readonly<Record<string, string>>;
}
interface JsonEvidence {
  readonly grade: string;
  readonly reason: string;
  readonly checks: Readonly<Record<string, JsonCheck>>;
}

describe('verify against a registry that serves real evidence', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'lockseal-corpus-'));
  after(() => rmSync(directory, { recursive: true, force: true }));

  test('each case of the corpus gets the grade that it deserves, for the right reason', async (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    for (const each of cases) {
      await t.test(`${each.why}: ${each.name}@${each.version}`, async () => {
        const evidence = await verifyCase(path.join(shared, 'corpus'), directory, each);
        assertGrade(evidence, each.expected);
      });
    }
  });
});

function assertGrade(evidence: JsonEvidence, expected: Expected): void {
  const said = JSON.stringify(evidence.checks);
  assert.equal(evidence.grade, expected.grade, said);
  if (expected.reason !== undefined) assert.match(said, expected.reason);
  const { identity = {} } = evidence.checks['provenance'] ?? {};
  for (const member of ['repository', 'workflow', 'ref', 'commit'] as const) {
    if (expected[member] !== undefined) assert.equal(identity[member], expected[member]);
  }
  if (expected.grade === 'proven') assert.match(identity['commit'] ?? '', /^[0-9a-f]{40}$/);
}

async function verifyCase(corpus: string, directory: string, each: CorpusCase): Promise<JsonEvidence> {
  const tarball = each.tarball === undefined ? undefined : readFileSync(path.join(corpus, each.tarball));
  const raws = each.attestations.map((file) => readFileSync(path.join(corpus, 'attestations', file), 'utf8'));
  const sha512 =
    tarball === undefined ? (each.sha512 ?? attestedSha512(raws)) : createHash('sha512').update(tarball).digest('hex');
  const integrity = `sha512-${Buffer.from(sha512, 'hex').toString('base64')}`;
  const server = await serve(each, integrity, raws, tarball);
  try {
    writeProject(directory, each, integrity);
    const flags = ['--json', '--no-cache', '--registry', server.url, ...(tarball === undefined ? [] : ['--tarballs'])];
    const trusted = ['--trusted-root', path.join(corpus, 'trust/trusted_root.json')];
    const { stdout, stderr } = await runCli(['verify', ...flags, ...trusted], { cwd: directory });
    assert.notEqual(stdout, '', stderr);
    const { evidence } = JSON.parse(stdout) as { readonly evidence: readonly JsonEvidence[] };
    assert.equal(evidence.length, 1);
    return evidence[0] ?? assert.fail();
  } finally {
    server.close();
  }
}

function writeProject(directory: string, { name, version }: CorpusCase, integrity: string): void {
  const dependencies = { [name]: version };
  const project = { name: 'corpus', version: '1.0.0', dependencies };
  const packages = { '': project, [`node_modules/${name}`]: { version, integrity } };
  const lockfile = { name: 'corpus', version: '1.0.0', lockfileVersion: 3, requires: true, packages };
  writeFileSync(path.join(directory, 'package.json'), JSON.stringify(project));
  writeFileSync(path.join(directory, 'package-lock.json'), JSON.stringify(lockfile));
}

/** The registry's answer, made of whatever form the fixture has: an answer already, a bundle, or bundles with types. */
function attestationsBody(raws: readonly string[]): string {
  const [first = ''] = raws;
  if (raws.length === 1 && !isJson(first)) return first;
  const documents = raws.map((raw) => JSON.parse(raw) as Record<string, unknown>);
  if (documents.length === 1 && Array.isArray(documents[0]?.['attestations'])) return first;
  const attestations = documents.map((bundle) => ({ predicateType: predicateTypeOf(bundle), bundle }));
  return JSON.stringify({ attestations });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** A bundle that has no readable payload is served as provenance, which is what it was made for. */
function predicateTypeOf(bundle: Record<string, unknown>): string {
  const { dsseEnvelope } = bundle as { readonly dsseEnvelope?: { readonly payload: string } };
  const text = Buffer.from(dsseEnvelope?.payload ?? '', 'base64').toString();
  return isJson(text)
    ? (JSON.parse(text) as { predicateType: string }).predicateType
    : 'https://slsa.dev/provenance/v0.2';
}

/** Where no tarball is at hand: the digest that the first attestation with one is about. */
function attestedSha512(raws: readonly string[]): string {
  const match = raws
    .flatMap((raw) => [...raw.matchAll(/"payload": ?"([^"]+)"/g)])
    .map(([, payload = '']) => Buffer.from(payload, 'base64').toString());
  const digests = match.flatMap((text) =>
    [...text.matchAll(/"sha512": ?"([0-9a-f]{128})"/g)].map(([, hex = '']) => hex),
  );
  return digests[0] ?? assert.fail('no attested digest');
}

async function serve(
  { name, version }: CorpusCase,
  integrity: string,
  raws: readonly string[],
  tarball: Buffer | undefined,
): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    const base = `http://${request.headers.host ?? ''}/`;
    const document = {
      name,
      version,
      dist: { integrity, tarball: `${base}${name}/-/x.tgz`, attestations: { url: 'x' } },
    };
    if (url === `/-/npm/v1/attestations/${name}@${version}`) response.end(attestationsBody(raws));
    else if (url === `/${name}/${version}`) response.end(JSON.stringify(document));
    else if (url === `/${name}/-/x.tgz` && tarball !== undefined) response.end(tarball);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close() };
}
