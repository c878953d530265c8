// Real npm attestations, genuine and altered, as copied from public repositories.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import {
  attestationKeys,
  checkAttestations,
  createBundleVerifier,
  parseTrustedRoot,
  PUBLISH_PREDICATE,
  type AttestationChecks,
  type BundleVerifier,
  type RawAttestation,
} from '@lockseal/core';
import { readKeysTarget } from './support/bundles.ts';
import { sharedDir } from './support/shared.ts';

/** Where each package was really built: repository, workflow, ref, commit. */
const BUILDS: Readonly<Record<string, readonly [string, string, string, string]>> = {
  'sigstore@0.4.0': [
    'sigstore/sigstore-js',
    'publish.yml',
    'refs/tags/v0.4.0',
    '8a2ee2fd20dda58ffa4a8d808a65cb1e04711c03',
  ],
  'sigstore@1.0.0': [
    'sigstore/sigstore-js',
    'publish.yml',
    'refs/tags/v1.0.0',
    '06528997c3c8ab9f864fad9a3658446aca7fd86d',
  ],
  'sigstore@1.3.0': [
    'sigstore/sigstore-js',
    'release.yml',
    'refs/heads/main',
    'dae8bd8eb433a4147b4655c00fe73e0f22bc0fb1',
  ],
  'sigstore@2.0.0': [
    'sigstore/sigstore-js',
    'release.yml',
    'refs/heads/main',
    'f0b49a04e5a62250e0f60fb128004a73110fe311',
  ],
  'sigstore@2.1.0': [
    'sigstore/sigstore-js',
    'release.yml',
    'refs/heads/main',
    '26d16513386ffaa790b1c32f927544f1322e4194',
  ],
  'sigstore@2.3.1': [
    'sigstore/sigstore-js',
    'release.yml',
    'refs/heads/main',
    '46e7056ff9912ebfee5298d94024895a9fea76c0',
  ],
  '@laurentsimon/provenance-npm-test@1.0.0': [
    'laurentsimon/provenance-npm-test',
    'release.yml',
    'refs/heads/main',
    '16babffb9153811e193c019939391357372b25ce',
  ],
  '@laurentsimon/provenance-npm-test@1.0.3': [
    'laurentsimon/provenance-npm-test',
    'release.yml',
    'refs/heads/main',
    'b38894f2dda4355ea5606fccb166e61565e12a14',
  ],
  '@laurentsimon/provenance-npm-test@1.0.5': [
    'laurentsimon/provenance-npm-test',
    'release-slsa3.yml',
    'refs/heads/main',
    '34490b44db557f009617bcb92b8780f972c189ab',
  ],
  'nuxt@3.13.0': ['nuxt/nuxt', 'release.yml', 'refs/tags/v3.13.0', '74ef96d096d0045fd00fccd880c1dbbfea51e22a'],
  'nuxt@4.1.2': ['nuxt/nuxt', 'release.yml', 'refs/heads/main', '412786a1d8283aaa2360a855d44ebd3ac21924f1'],
};

/** Every file's expected outcome: [publish attestation, provenance]; a pattern is the reason why it is invalid. */
const good = 'verified';
const none = 'absent';
const otherEntry = /^the log entry is of something else than this bundle/;
/** Fixtures of npm's own tests that never were in a log; they are not even of the bundle format any more. */
const unlogged = /^the bundle is not well-formed: verificationData is a member/;
type Expected = 'verified' | 'absent' | RegExp;
const FILES: Readonly<Record<string, readonly [Expected, Expected]>> = {
  'valid-sigstore-attestations.json': [good, good],
  'valid-attestations.json': [good, good],
  'invalid-attestations.json': [/sig is not canonical base64$/, good],
  'mismatched-subject-name-attestations.json': [otherEntry, good],
  'bad-dsse-payload-bundle.json': [none, unlogged],
  'digest-mismatch-provenance-bundle.json': [none, unlogged],
  'invalid-signature-bundle.json': [none, unlogged],
  'multi-subject-provenance-bundle.json': [none, unlogged],
  'no-provenance-envelope-bundle.json': [none, unlogged],
  'no-provenance-subject-bundle.json': [none, unlogged],
  'valid-bundle.json': [none, unlogged],
  'provenance-npm-test-cli-v02-prega.tgz.json': [good, good],
  'provenance-npm-test-cli-v02-prega-invalidsigprov.tgz.json': [good, otherEntry],
  'provenance-npm-test-cli-v02-prega-invalidsigpub.tgz.json': [otherEntry, good],
  'provenance-npm-test-cli-v1-prega.tgz.json': [good, good],
  'provenance-npm-test-cli-v1-prega-invalidsigprov.tgz.json': [good, otherEntry],
  'provenance-npm-test-cli-v1-prega-invalidsigpub.tgz.json': [otherEntry, good],
  'provenance-npm-test-ossf.tgz.json': [good, good],
  'provenance-npm-test-ossf-invalidsigprov.tgz.json': [good, otherEntry],
  'provenance-npm-test-ossf-invalidsigpub.tgz.json': [otherEntry, good],
  'npm-attestations.intoto.sigstore': [good, good],
  'npm-att-mismatch-pub-payloadtype.intoto.sigstore': [good, /^the signature does not verify/],
  'npm-att-mismatch-pub-predicatetype.intoto.sigstore': [
    /^served as .*\/publis\/v0\.1, it is signed as .*\/publish\/v0\.1$/,
    good,
  ],
  'npm-att-prov-invalid-signature.intoto.sigstore': [good, otherEntry],
  'npm-att-publish-invalid-signature.intoto.sigstore': [otherEntry, good],
  'npm-att-publish-nodigest.intoto.sigstore': [otherEntry, good],
  'npm-stmt-mismatch-prov-predicatetype.intoto.sigstore': [good, otherEntry],
  'npm-stmt-mismatch-prov-type.intoto.sigstore': [good, otherEntry],
  'bundle-provenance.json': [none, good],
  'bundle-publish.json': [good, none],
  'bundle-public-key.json': [good, none],
  'sigstore.js@2.0.0-provenance.sigstore.json': [none, good],
  'sigstore-js-2.1.0-bundle-v0.1.json': [none, good],
  'sigstore-js-2.1.0_with_2_bundles.jsonl': [none, good],
  'nuxt@3.13.0.json': [good, good],
  'nuxt@4.1.2.json': [good, good],
};

interface IndexedFile {
  readonly local: string;
  readonly error?: string;
  readonly attestations?: readonly {
    readonly declaredPredicateType: string | null;
    readonly predicateType?: string;
    readonly subjects?: readonly { readonly name: string; readonly sha512: string }[];
    readonly expected: 'valid' | 'invalid';
  }[];
}

test('real attestations, genuine and altered', async (t) => {
  const shared = sharedDir(t);
  if (shared === undefined) return;
  const corpus = path.join(shared, 'corpus');
  const verifier = createVerifier(corpus);
  const index = readJson(path.join(corpus, 'index.json')) as { attestationFiles: readonly IndexedFile[] };
  const files = index.attestationFiles.filter((file) => file.error === undefined);
  assert.deepEqual(files.map(({ local }) => path.basename(local)).toSorted(), Object.keys(FILES).toSorted());
  for (const file of files) {
    const name = path.basename(file.local);
    await t.test(name, () => {
      const raws = readAttestations(path.join(corpus, file.local), file);
      const { spec, sha512 } = subjectOf(file);
      const at = spec.lastIndexOf('@');
      const checks = checkAttestations(
        raws,
        { name: spec.slice(0, at), version: spec.slice(at + 1) },
        sha512,
        verifier,
      );
      assertOutcome(checks, spec, FILES[name] ?? [none, none]);
      file.attestations?.forEach(({ expected }, each) => {
        const verdict = verifier.verify(raws[each]?.bundle);
        assert.equal(verdict.status === 'verified', expected === 'valid', `bundle ${each} on its own`);
      });
    });
  }
});

test('a real attestation is of no use for another package or other bytes', (t) => {
  const shared = sharedDir(t);
  if (shared === undefined) return;
  const corpus = path.join(shared, 'corpus');
  const verifier = createVerifier(corpus);
  const local =
    'attestations/danielroe+provenance-action/test/fixtures/npm-registry/attestations/npm-v1/nuxt@4.1.2.json';
  const index = readJson(path.join(corpus, 'index.json')) as { attestationFiles: readonly IndexedFile[] };
  const file = index.attestationFiles.find((each) => each.local === local);
  assert.ok(file);
  const raws = readAttestations(path.join(corpus, local), file);
  const { sha512 } = subjectOf(file);
  const vectors = [
    {
      name: 'nuxt',
      version: '4.1.2',
      sha512: '0'.repeat(128),
      reason: /^it is about pkg:npm\/nuxt@4\.1\.2 with another sha512$/,
    },
    {
      name: 'nuxt',
      version: '4.1.3',
      sha512,
      reason: /^it names these bytes pkg:npm\/nuxt@4\.1\.2, not pkg:npm\/nuxt@4\.1\.3$/,
    },
    {
      name: 'next',
      version: '4.1.2',
      sha512,
      reason: /^it names these bytes pkg:npm\/nuxt@4\.1\.2, not pkg:npm\/next@4\.1\.2$/,
    },
    {
      name: 'next',
      version: '1.0.0',
      sha512: '0'.repeat(128),
      reason: /^it is about pkg:npm\/nuxt@4\.1\.2, not pkg:npm\/next@1\.0\.0$/,
    },
  ];
  for (const { name, version, sha512: locked, reason } of vectors) {
    const checks = checkAttestations(raws, { name, version }, locked, verifier);
    assertInvalid(checks.publishAttestation, 'publish-attestation-invalid', reason);
    assertInvalid(checks.provenance, 'provenance-invalid', reason);
  }
});

function createVerifier(corpus: string): BundleVerifier {
  const trust = parseTrustedRoot(fs.readFileSync(path.join(corpus, 'trust/trusted_root.json')));
  const keys = readKeysTarget(readJson(path.join(corpus, 'trust/npm-registry-keys.tuf.json')));
  return createBundleVerifier(trust, attestationKeys(keys));
}

function readJson(file: string): unknown {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/** The registry's answer, or bare bundles (one a line), which are taken to be served as what they are. */
function readAttestations(file: string, { attestations = [] }: IndexedFile): RawAttestation[] {
  const text = fs.readFileSync(file, 'utf8');
  const documents = (file.endsWith('.jsonl') ? text.trim().split('\n') : [text]).map(
    (line) => JSON.parse(line) as object,
  );
  return documents.flatMap((document): RawAttestation[] => {
    if ('attestations' in document) {
      return (document.attestations as RawAttestation[]).map((each) => ({ ...each, digest: 'digest' }));
    }
    const predicateType = attestations[0]?.predicateType ?? 'https://slsa.dev/provenance/v0.2';
    return [{ predicateType, bundle: document, digest: 'digest' }];
  });
}

/** `name@version` and digest of what the genuine attestation of a file is about. */
function subjectOf({ attestations = [] }: IndexedFile): { spec: string; sha512: string } {
  const subjects = attestations
    .toSorted((a, b) => b.expected.localeCompare(a.expected))
    .flatMap((each) => each.subjects ?? []);
  const [subject] = subjects;
  const spec = subject?.name.replace(/^pkg:npm\/(?:%40)?/, (prefix) => (prefix.endsWith('%40') ? '@' : ''));
  return { spec: spec ?? 'none@1.0.0', sha512: subject?.sha512 ?? '0'.repeat(128) };
}

function assertOutcome(
  checks: AttestationChecks,
  spec: string,
  [publish, provenance]: readonly [Expected, Expected],
): void {
  if (publish instanceof RegExp) assertInvalid(checks.publishAttestation, 'publish-attestation-invalid', publish);
  else assert.equal(checks.publishAttestation.status, publish);
  if (checks.publishAttestation.status === 'verified')
    assert.match(checks.publishAttestation.keyid, /^SHA256:(?:jl3b|DhQ8)/);
  if (provenance instanceof RegExp) return assertInvalid(checks.provenance, 'provenance-invalid', provenance);
  assert.equal(checks.provenance.status, provenance);
  if (checks.provenance.status !== 'verified') return;
  const [repository, workflow, ref, commit] = BUILDS[spec] ?? [];
  const { identity } = checks.provenance;
  assert.deepEqual(
    [identity.repository, identity.workflow, identity.ref, identity.commit],
    [`https://github.com/${repository}`, `.github/workflows/${workflow}`, ref, commit],
  );
  assert.match(checks.provenance.signedAt, /^202\d-.*Z$/);
  assert.match(checks.provenance.logIndex ?? '', /^\d+$/);
}

function assertInvalid(
  check: AttestationChecks['provenance' | 'publishAttestation'],
  code: string,
  reason: RegExp,
): void {
  assert.equal(check.status, 'invalid');
  assert.ok(check.status === 'invalid');
  assert.equal(check.code, code);
  assert.match(check.reason, reason);
}

test('the predicate type of publish attestations is spelled as npm spells it', () => {
  assert.equal(PUBLISH_PREDICATE, 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1');
});
