import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { X509Certificate as ParsedCertificate } from '@sigstore/core';
import { createSigstore, type BundleJson, type PredicateKind } from '@lockseal/testkit';
import { sharedDir } from '../../../../test/support/shared.ts';

// What is minted here is held against what npm and Sigstore's public services made.

const sigstore = await createSigstore();
const artifact = { name: '@acme/widget', version: '1.2.3', sha512: 'ab'.repeat(64) };
const NUXT = 'attestations/danielroe+provenance-action/test/fixtures/npm-registry/attestations/npm-v1/nuxt@4.1.2.json';
const SLSA_02 =
  'attestations/slsa-framework+slsa-verifier/cli/slsa-verifier/testdata/npm/gha/provenance-npm-test-cli-v02-prega.tgz.json';

/** The names of all members, in order, with the type of each value; list members by their first element. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.entries(value).map(([member, inner]) => [member, shapeOf(inner)]);
}

function statementOf(bundle: BundleJson): { predicateType: string } {
  return JSON.parse(Buffer.from(bundle.dsseEnvelope?.payload ?? '', 'base64').toString()) as { predicateType: string };
}

async function realBundles(shared: string, file: string): Promise<BundleJson[]> {
  const document = JSON.parse(await readFile(path.join(shared, 'corpus', file), 'utf8')) as {
    attestations: { bundle: BundleJson }[];
  };
  return document.attestations.map(({ bundle }) => bundle);
}

function certificateOf(bundle: BundleJson): Buffer {
  const { certificate, x509CertificateChain } = bundle.verificationMaterial;
  return Buffer.from((certificate ?? x509CertificateChain?.certificates[0])?.rawBytes ?? '', 'base64');
}

const PREDICATES: [PredicateKind, string][] = [
  ['slsa-v1', NUXT],
  ['slsa-v0.2-npm', SLSA_02],
];

for (const [predicate, file] of PREDICATES) {
  test(`a provenance statement has the members that npm writes, in their order: ${predicate}`, async (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const ours = statementOf(sigstore.provenance({ ...artifact, predicate }));
    const theirs = (await realBundles(shared, file))
      .map(statementOf)
      .find((each) => each.predicateType === ours.predicateType);
    assert.deepEqual(shapeOf(ours), shapeOf(theirs));
  });
}

test('a publish statement has the members that npm writes, in their order', async (t) => {
  const shared = sharedDir(t);
  if (shared === undefined) return;
  const ours = statementOf(sigstore.publishAttestation({ ...artifact, registryKey: sigstore.addRegistryKey() }));
  const [publish] = (await realBundles(shared, NUXT)).map(statementOf);
  assert.deepEqual(shapeOf(ours), shapeOf(publish));
});

test('a certificate has the extensions of a real one, in their order and encoding', async (t) => {
  const shared = sharedDir(t);
  if (shared === undefined) return;
  const [, provenance] = await realBundles(shared, NUXT);
  assert.ok(provenance);
  const outline = (der: Buffer): unknown =>
    ParsedCertificate.parse(Buffer.from(der)).extensions.map(({ subs: [id, ...rest] }) => {
      const value = rest.at(-1)?.value;
      const name = id?.toOID() ?? '';
      // A DER UTF8String begins with 0x0c; the legacy extensions are bare text.
      return [name, rest.length, name.startsWith('1.3.6.1.4.1.57264.1.') && value?.[0] === 0x0c];
    });
  assert.deepEqual(outline(certificateOf(sigstore.provenance(artifact))), outline(certificateOf(provenance)));
});

test('bundle and log entry have the members that sigstore-js writes', async (t) => {
  const shared = sharedDir(t);
  if (shared === undefined) return;
  const [publish, provenance] = await realBundles(shared, NUXT);
  assert.ok(publish && provenance);
  const members = (bundle: BundleJson): unknown => {
    const body: unknown = JSON.parse(
      Buffer.from(bundle.verificationMaterial.tlogEntries[0]?.canonicalizedBody ?? '', 'base64').toString(),
    );
    return [Object.keys(bundle), Object.keys(bundle.verificationMaterial).toSorted(), shapeOf(body)];
  };
  const registryKey = sigstore.addRegistryKey();
  assert.deepEqual(members(sigstore.provenance(artifact)), members(provenance));
  assert.deepEqual(members(sigstore.publishAttestation({ ...artifact, registryKey })), members(publish));
});

test("OpenSSL agrees with the chain, the purpose and the workflow's name", () => {
  const leaf = new X509Certificate(certificateOf(sigstore.provenance(artifact)));
  const [intermediate, root] = sigstore.services.certificateAuthority.chain.map((der) => new X509Certificate(der));
  assert.ok(intermediate && root);
  assert.ok(leaf.checkIssued(intermediate) && leaf.verify(intermediate.publicKey));
  assert.ok(intermediate.checkIssued(root) && intermediate.verify(root.publicKey) && root.verify(root.publicKey));
  assert.deepEqual([leaf.ca, intermediate.ca, root.ca], [false, true, true]);
  assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.3']);
  assert.equal(
    leaf.subjectAltName,
    'URI:https://github.com/acme/widgets/.github/workflows/release.yml@refs/heads/main',
  );
});

test('claims may differ from the build, and be left out', () => {
  const claims = { issuer: 'https://evil.example', runInvocationUri: undefined };
  const certificate = ParsedCertificate.parse(Buffer.from(certificateOf(sigstore.provenance({ ...artifact, claims }))));
  const issuer = certificate.extension('1.3.6.1.4.1.57264.1.8')?.valueObj.subs[0]?.value.toString();
  assert.equal(issuer, 'https://evil.example');
  assert.equal(certificate.extension('1.3.6.1.4.1.57264.1.21'), undefined);
});
