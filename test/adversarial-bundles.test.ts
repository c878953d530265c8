// Bundles that @sigstore/verify accepts, or that are signed by the wrong party or say the wrong thing, made by a
// Sigstore in a box. Each vector says what is wrong with it and why lockseal must refuse it.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import {
  attestationKeys,
  checkAttestations,
  createBundleVerifier,
  parseTrustedRoot,
  PUBLISH_PREDICATE,
  type AttestationChecks,
  type BundleFault,
  type BundleVerifier,
  type FindingCode,
  type RawAttestation,
} from '@lockseal/core';
import {
  createSigstore,
  emailIdentity,
  githubBuild,
  githubIdentity,
  provenanceStatement,
  publishStatement,
  TAMPERS,
  type BundleJson,
  type ProvenanceOptions,
  type RegistryKeyPair,
  type SigstoreBox,
  type Statement,
  type Tamper,
} from '@lockseal/testkit';
import { requireTimeStamping } from '../packages/core/src/sigstore/stricter-rules.ts';
import { readKeysTarget, rootBytes, stockRefusal } from './support/bundles.ts';

const SLSA_V1 = 'https://slsa.dev/provenance/v1';
const SLSA_V02 = 'https://slsa.dev/provenance/v0.2';
const artifact = { name: '@acme/widgets', version: '1.2.3', sha512: 'ab'.repeat(64) };
const otherDigest = 'cd'.repeat(64);
const at = new Date('2026-03-04T05:06:07.000Z');

let box: SigstoreBox;
let registryKey: RegistryKeyPair;
let verifier: BundleVerifier;

before(async () => {
  box = await createSigstore({ clock: () => at });
  registryKey = box.addRegistryKey();
  verifier = createBundleVerifier(parseTrustedRoot(rootBytes(box)), attestationKeys(readKeysTarget(box.keysTarget())));
});

function served(predicateType: string, bundle: unknown): RawAttestation {
  return { predicateType, bundle, digest: 'digest' };
}

function check(...raws: readonly RawAttestation[]): AttestationChecks {
  return checkAttestations(raws, artifact, artifact.sha512, verifier);
}

function assertInvalid(
  result: AttestationChecks['provenance' | 'publishAttestation'],
  code: FindingCode,
  reason: RegExp,
): void {
  assert.ok(result.status === 'invalid', `it is ${result.status}`);
  assert.equal(result.code, code, result.reason);
  assert.match(result.reason, reason);
}

const provenance = (options: Partial<ProvenanceOptions> = {}): BundleJson =>
  box.provenance({ ...artifact, ...options });
const publish = (edit?: (statement: Statement) => unknown): BundleJson =>
  box.publishAttestation({ ...artifact, registryKey, ...(edit && { edit }) });

describe('what npm serves is accepted', () => {
  test('publish attestation and provenance of every kind, log and bundle version', () => {
    const variants: readonly Partial<ProvenanceOptions>[] = [
      {},
      { predicate: 'slsa-v0.2-npm', bundleVersion: '0.1', log: 'rekor-v1-intoto' },
      { predicate: 'slsa-v0.2-npm', bundleVersion: '0.2', log: 'rekor-v1-dsse' },
      { predicate: 'slsa-v0.2-gitlab' },
      { log: 'rekor-v1-hashedrekord' },
      { log: 'rekor-v2' },
      { log: 'rekor-v2-hashedrekord' },
      { log: 'rekor-v1-intoto', timestamp: true },
    ];
    for (const variant of variants) {
      const type = variant.predicate?.startsWith('slsa-v0.2') ? SLSA_V02 : SLSA_V1;
      const checks = check(served(PUBLISH_PREDICATE, publish()), served(type, provenance(variant)));
      assert.ok(checks.publishAttestation.status === 'verified');
      assert.equal(checks.publishAttestation.keyid, registryKey.keyid);
      assert.ok(checks.provenance.status === 'verified', JSON.stringify([variant, checks.provenance]));
      assert.equal(checks.provenance.signedAt, at.toISOString());
    }
  });

  test('a workflow that calls a reusable one of another repository, as actions/attest writes it', () => {
    const san = 'https://github.com/acme/shared/.github/workflows/publish.yml@refs/tags/v3';
    const edit = (statement: Statement): unknown => withPredicate(statement, 'runDetails.builder.id', san);
    const checks = check(served(SLSA_V1, provenance({ san, claims: { buildSignerUri: san }, edit })));
    assert.ok(checks.provenance.status === 'verified', JSON.stringify(checks.provenance));
    assert.equal(checks.provenance.identity.workflow, '.github/workflows/release.yml');
    assert.equal(checks.provenance.identity.san, san);
  });
});

describe('rules on top of @sigstore/verify', () => {
  interface Vector {
    readonly why: string;
    readonly fault: BundleFault;
    readonly reason: RegExp;
    readonly bundle: () => unknown;
  }
  const edited = (edit: (draft: Draft) => void, options: Partial<ProvenanceOptions> = {}): unknown => {
    const draft = structuredClone(provenance(options)) as unknown as Draft;
    edit(draft);
    return draft;
  };
  const vectors: readonly Vector[] = [
    {
      why: 'a certificate for TLS servers signs code',
      fault: 'certificate-usage',
      reason: /does not list code signing/,
      bundle: () => provenance({ certificate: { extendedKeyUsage: '1.3.6.1.5.5.7.3.1' } }),
    },
    {
      why: "the proof's root hash is not the checkpoint's, so that reports of it would lie",
      fault: 'checkpoint',
      reason: /root hashes differ/,
      bundle: () => edited((draft) => (entryOf(draft).inclusionProof.rootHash = Buffer.alloc(32).toString('base64'))),
    },
    {
      why: "the proof's tree size is not the checkpoint's",
      fault: 'checkpoint',
      reason: /the proof has tree size 999999/,
      bundle: () => edited((draft) => (entryOf(draft).inclusionProof.treeSize = '999999')),
    },
    {
      why: 'the certificate names the repository twice, in two spellings that disagree',
      fault: 'identity',
      reason: /two values of repository: https:\/\/github.com\/acme\/widgets and https:\/\/github.com\/evil\/widgets/,
      bundle: () => provenance({ claims: { repositoryV1: 'evil/widgets' } }),
    },
    ...(['issuerV1', 'triggerV1', 'commitV1', 'refV1'] as const).map((claim) => ({
      why: `the certificate's old extension ${claim} disagrees with the new one`,
      fault: 'identity' as const,
      reason: /two values of (?:issuer|trigger|commit|ref): /,
      bundle: () => provenance({ claims: { [claim]: 'something-else' } }),
    })),
    {
      why: 'the certificate names no issuer, so that nobody has said who that is',
      fault: 'identity',
      reason: /names no issuer/,
      bundle: () => provenance({ claims: { issuer: undefined, issuerV1: undefined } }),
    },
    ...['+json;version=0.4', '.v9.9+json', '.v0.3+jsonXYZ', '+json;version=0.3 '].map((suffix) => ({
      why: `the media type ends in ${suffix}: no format that is known`,
      fault: 'malformed' as const,
      reason: /^the bundle is not well-formed: mediaType is unknown/,
      bundle: () => edited((draft) => (draft['mediaType'] = `application/vnd.dev.sigstore.bundle${suffix}`)),
    })),
    {
      why: 'base64 with trailing garbage: two texts for the same bytes',
      fault: 'malformed',
      reason: /dsseEnvelope\.payload is not canonical base64/,
      bundle: () => edited((draft) => (draft.dsseEnvelope.payload += '!!!')),
    },
    {
      why: 'a member that the format does not define',
      fault: 'malformed',
      reason: /verificationMaterial\.note is a member that the format does not define/,
      bundle: () => edited((draft) => (draft.verificationMaterial['note'] = 'hello')),
    },
    {
      why: 'a member of the envelope that the format does not define',
      fault: 'malformed',
      reason: /dsseEnvelope\.payload_type is a member/,
      bundle: () => edited((draft) => ((draft.dsseEnvelope as Record<string, unknown>)['payload_type'] = 'x')),
    },
    {
      why: 'more certificates than any chain has',
      fault: 'malformed',
      reason: /has 11 elements, more than 10/,
      bundle: () =>
        edited(
          ({ verificationMaterial }) => {
            const chain = verificationMaterial['x509CertificateChain'] as { certificates: unknown[] };
            chain.certificates = Array.from({ length: 11 }, () => chain.certificates[0]);
          },
          { bundleVersion: '0.2' },
        ),
    },
    {
      why: 'an index in hexadecimal: two spellings of one number',
      fault: 'malformed',
      reason: /inclusionProof\.logIndex is not a whole number/,
      bundle: () =>
        edited((draft) => {
          const { inclusionProof } = entryOf(draft);
          inclusionProof.logIndex = `0x${Number(inclusionProof.logIndex).toString(16)}`;
        }),
    },
    ...(['rekor-v1-intoto', 'rekor-v1-dsse', 'rekor-v1-hashedrekord'] as const).map((log) => ({
      why: `the log (${log}) took the signature in as another signer's`,
      fault: 'log-signer' as const,
      reason: /its certificate is another one/,
      bundle: () => relogged(provenance({ log }), provenance({ log })),
    })),
  ];
  for (const { why, fault, reason, bundle } of vectors) {
    test(why, () => {
      const value = bundle();
      assert.equal(
        stockRefusal(value, box.trustedRoot),
        undefined,
        '@sigstore/verify accepts it: else the rule is idle',
      );
      const verdict = verifier.verify(value);
      assert.ok(verdict.status === 'invalid');
      assert.equal(verdict.fault, fault, verdict.reason);
      assert.match(verdict.reason, reason);
    });
  }

  test('a timestamp by an authority whose certificate is for something else', () => {
    const { certificateAuthorities, timestampAuthorities } = parseTrustedRoot(rootBytes(box)).authorities;
    const issuedBy = ([authority]: typeof timestampAuthorities): Parameters<typeof requireTimeStamping>[0] => {
      const { serialNumber, issuer } = authority?.certChain[0] ?? assert.fail('there is no certificate');
      return { signerSerialNumber: serialNumber, signerIssuer: issuer } as Parameters<typeof requireTimeStamping>[0];
    };
    const both = [...timestampAuthorities, ...certificateAuthorities];
    assert.doesNotThrow(() => requireTimeStamping(issuedBy(timestampAuthorities), both));
    assert.throws(() => requireTimeStamping(issuedBy(certificateAuthorities), both), /does not list timestamping/);
    assert.throws(() => requireTimeStamping(issuedBy(timestampAuthorities), []), /does not list timestamping/);
  });
});

interface Draft {
  dsseEnvelope: { payload: string };
  verificationMaterial: Record<string, unknown> & {
    tlogEntries: { inclusionProof: { rootHash: string; treeSize: string; logIndex: string } }[];
  };
  [member: string]: unknown;
}

function entryOf(draft: Draft): Draft['verificationMaterial']['tlogEntries'][number] {
  const [entry] = draft.verificationMaterial.tlogEntries;
  assert.ok(entry);
  return entry;
}

/** The bundle with a genuine log entry of its own signature, except that it names the signer of the donor. */
function relogged(bundle: BundleJson, donor: BundleJson): unknown {
  const [own, other] = [bundle, donor].map(({ verificationMaterial }) => {
    const body = verificationMaterial.tlogEntries[0]?.canonicalizedBody ?? '';
    return Buffer.from(body, 'base64').toString();
  });
  const signer = /"(?:publicKey|verifier|content)":"(LS0t[^"]+)"/;
  const [mine, theirs] = [signer.exec(own ?? '')?.[1], signer.exec(other ?? '')?.[1]];
  assert.ok(own !== undefined && mine !== undefined && theirs !== undefined && mine !== theirs);
  const { kind, apiVersion, spec } = JSON.parse(own.replace(mine, theirs)) as {
    kind: 'dsse';
    apiVersion: '0.0.1';
    spec: unknown;
  };
  const entry = box.services.rekorV1.append({ kind, version: apiVersion, spec }, at);
  const { inclusionProof, integrated } = entry;
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const logged = {
    logIndex: String(entry.logIndex),
    logId: { keyId: base64(entry.logId) },
    kindVersion: { kind, version: apiVersion },
    integratedTime: String(integrated?.time),
    inclusionPromise: { signedEntryTimestamp: base64(integrated?.signedEntryTimestamp ?? Buffer.of()) },
    inclusionProof: {
      logIndex: String(inclusionProof.logIndex),
      rootHash: base64(inclusionProof.rootHash),
      treeSize: String(inclusionProof.treeSize),
      hashes: inclusionProof.hashes.map(base64),
      checkpoint: { envelope: inclusionProof.checkpoint },
    },
    canonicalizedBody: base64(entry.canonicalizedBody),
  };
  return { ...bundle, verificationMaterial: { ...bundle.verificationMaterial, tlogEntries: [logged] } };
}

describe('tampered bundles', () => {
  for (const [tamper, why] of Object.entries(TAMPERS) as [Tamper, string][]) {
    test(`${tamper}: ${why}`, () => {
      const options = tamper.includes('timestamp') ? { timestamp: true } : {};
      const bundle = tamper === 'key-hint' ? undefined : provenance({ ...options, tamper });
      const hinted = box.publishAttestation({ ...artifact, registryKey, tamper: 'key-hint' });
      const verdict = verifier.verify(bundle ?? hinted);
      assert.ok(verdict.status === 'invalid');
      assert.notEqual(verdict.fault, 'unreadable', verdict.reason);
    });
  }
});

describe('attestations that say the wrong thing or are signed by the wrong party', () => {
  const slsa = 'provenance-invalid';
  const npm = 'publish-attestation-invalid';
  const subject = (name: string, sha512?: string): object => ({
    name,
    digest: sha512 === undefined ? { sha1: 'aa' } : { sha512 },
  });
  const purl = 'pkg:npm/%40acme/widgets@1.2.3';
  const statements: readonly {
    readonly why: string;
    readonly edit: (s: Statement) => unknown;
    readonly reason: RegExp;
  }[] = [
    {
      why: 'another version',
      edit: (s) => ({ ...s, subject: [subject('pkg:npm/%40acme/widgets@1.2.4', artifact.sha512)] }),
      reason: /names these bytes pkg:npm\/%40acme\/widgets@1\.2\.4/,
    },
    {
      why: 'other bytes',
      edit: (s) => ({ ...s, subject: [subject(purl, otherDigest)] }),
      reason: /with another sha512/,
    },
    {
      why: 'the scope unencoded, which is another name',
      edit: (s) => ({ ...s, subject: [subject('pkg:npm/@acme/widgets@1.2.3', artifact.sha512)] }),
      reason: /names these bytes pkg:npm\/@acme/,
    },
    {
      why: 'name and digest on two different subjects',
      edit: (s) => ({ ...s, subject: [subject(purl, otherDigest), subject('pkg:npm/other@1.0.0', artifact.sha512)] }),
      reason: /with another sha512/,
    },
    {
      why: 'a second subject of the same name with other bytes',
      edit: (s) => ({ ...s, subject: [...s.subject, subject(purl, otherDigest)] }),
      reason: /more than one digest/,
    },
    { why: 'a weak digest only', edit: (s) => ({ ...s, subject: [subject(purl)] }), reason: /with another sha512/ },
    {
      why: 'the digest in upper case',
      edit: (s) => ({ ...s, subject: [subject(purl, artifact.sha512.toUpperCase())] }),
      reason: /is not a sha512 in lower-case hex/,
    },
    { why: 'no subject at all', edit: (s) => ({ ...s, subject: [] }), reason: /subject is empty/ },
    {
      why: 'an unknown version of Statement',
      edit: (s) => ({ ...s, _type: 'https://in-toto.io/Statement/v2' }),
      reason: /of no known version/,
    },
    {
      why: 'another predicate type inside than outside',
      edit: (s) => ({ ...s, predicateType: 'https://example.com/x' }),
      reason: /^served as .*, it is signed as https:\/\/example\.com\/x$/,
    },
    { why: 'no JSON object', edit: () => 'hello', reason: /the document is not an object/ },
  ];
  for (const { why, edit, reason } of statements) {
    test(`${why}, in a provenance`, () =>
      assertInvalid(check(served(SLSA_V1, provenance({ edit }))).provenance, slsa, reason));
    test(`${why}, in a publish attestation`, () =>
      assertInvalid(check(served(PUBLISH_PREDICATE, publish(edit))).publishAttestation, npm, reason));
  }

  test('a matching subject among others is enough', () => {
    const edit = (s: Statement): unknown => ({
      ...s,
      subject: [subject('pkg:npm/other@1.0.0', otherDigest), ...s.subject],
    });
    assert.equal(check(served(SLSA_V1, provenance({ edit }))).provenance.status, 'verified');
  });

  test('another payload type than in-toto, although signed', () => {
    const bundle = provenance({ payloadType: 'application/json' });
    assertInvalid(check(served(SLSA_V1, bundle)).provenance, slsa, /^the payload type is "application\/json"$/);
  });

  test('a provenance that the registry signed itself', () => {
    const statement = provenanceStatement(artifact, githubBuild(), 'slsa-v1');
    const bundle = box.signStatement(statement, { type: 'key', key: registryKey });
    assertInvalid(check(served(SLSA_V1, bundle)).provenance, slsa, /signed with a key, not by a build/);
  });

  test('a publish attestation signed by a build: any workflow could vouch for the registry', () => {
    const signer = { type: 'certificate', identity: githubIdentity(githubBuild()) } as const;
    const bundle = box.signStatement(publishStatement(artifact, 'https://registry.npmjs.org'), signer);
    assertInvalid(
      check(served(PUBLISH_PREDICATE, bundle)).publishAttestation,
      npm,
      /with a certificate, not with one of the registry's keys/,
    );
  });

  test('a provenance signed by a person: any mail address gets a certificate', () => {
    const statement = provenanceStatement(artifact, githubBuild(), 'slsa-v1');
    const bundle = box.signStatement(statement, {
      type: 'certificate',
      identity: emailIdentity('mallory@example.com'),
    });
    assertInvalid(
      check(served(SLSA_V1, bundle)).provenance,
      'provenance-inconsistent',
      /cannot be by an identity of https:\/\/accounts\.example\.com/,
    );
  });

  test('a publish attestation by a key that only signs packages', () => {
    const key = box.addRegistryKey({ usages: ['npm:signatures'] });
    const keys = readKeysTarget(box.keysTarget());
    const bundle = box.publishAttestation({ ...artifact, registryKey: key });
    const own = createBundleVerifier(parseTrustedRoot(rootBytes(box)), attestationKeys(keys));
    const { publishAttestation } = checkAttestations(
      [served(PUBLISH_PREDICATE, bundle)],
      artifact,
      artifact.sha512,
      own,
    );
    assertInvalid(publishAttestation, npm, /^the signing key is not trusted/);
  });

  test('a publish attestation by a key that had expired when it was logged', () => {
    const key = box.addRegistryKey({ validUntil: new Date('2026-03-04T05:06:06.000Z') });
    const bundle = box.publishAttestation({ ...artifact, registryKey: key });
    const keys = attestationKeys(readKeysTarget(box.keysTarget()));
    const own = createBundleVerifier(parseTrustedRoot(rootBytes(box)), keys);
    const { publishAttestation } = checkAttestations(
      [served(PUBLISH_PREDICATE, bundle)],
      artifact,
      artifact.sha512,
      own,
    );
    assertInvalid(publishAttestation, npm, /Public key is not valid for timestamp: 2026-03-04T05:06:07/);
  });

  for (const [member, value] of Object.entries({
    name: 'other',
    version: '1.2.4',
    registry: 'https://registry.example.com',
  })) {
    test(`a publish predicate of another ${member} than its subject`, () => {
      const bundle = publish((s) => withPredicate(s, member, value));
      assertInvalid(
        check(served(PUBLISH_PREDICATE, bundle)).publishAttestation,
        npm,
        new RegExp(`names the ${member} ${value}`),
      );
    });
  }
});

describe('the predicate against the certificate', () => {
  const commit = 'f'.repeat(40);
  const v1 = 'buildDefinition.';
  const vectors: readonly { readonly path: string; readonly value: string; readonly reason: RegExp }[] = [
    {
      path: `${v1}externalParameters.workflow.repository`,
      value: 'https://github.com/evil/widgets',
      reason:
        /repository is https:\/\/github\.com\/evil\/widgets, the certificate says https:\/\/github\.com\/acme\/widgets/,
    },
    {
      path: `${v1}externalParameters.workflow.repository`,
      value: 'https://github.com/Acme/widgets',
      reason: /repository is https:\/\/github\.com\/Acme/,
    },
    {
      path: `${v1}externalParameters.workflow.ref`,
      value: 'refs/heads/evil',
      reason: /workflow ref is refs\/heads\/evil/,
    },
    {
      path: `${v1}externalParameters.workflow.path`,
      value: '.github/workflows/evil.yml',
      reason: /workflow is \.github\/workflows\/evil\.yml/,
    },
    { path: `${v1}internalParameters.github.event_name`, value: 'pull_request', reason: /trigger is pull_request/ },
    { path: `${v1}internalParameters.github.repository_id`, value: '1', reason: /repository id is 1/ },
    { path: `${v1}internalParameters.github.repository_owner_id`, value: '1', reason: /owner id is 1/ },
    {
      path: `${v1}resolvedDependencies.0.uri`,
      value: 'git+https://github.com/evil/widgets@refs/heads/main',
      reason: /repository is https:\/\/github\.com\/evil/,
    },
    {
      path: `${v1}resolvedDependencies.0.uri`,
      value: 'git+https://github.com@evil.example/acme/widgets',
      reason: /repository is https:\/\/github\.com,/,
    },
    {
      path: `${v1}resolvedDependencies.0.uri`,
      value: 'git+https://github.com/acme/widgets@refs/heads/evil',
      reason: /the ref is refs\/heads\/evil/,
    },
    { path: `${v1}resolvedDependencies.0.digest.gitCommit`, value: commit, reason: /the commit is ffff/ },
    {
      path: 'runDetails.builder.id',
      value: 'https://github.com/actions/runner/self-hosted',
      reason: /builder is .*self-hosted/,
    },
    {
      path: 'runDetails.builder.id',
      value: 'https://example.com/builder',
      reason: /builder is https:\/\/example\.com/,
    },
    {
      path: 'runDetails.metadata.invocationId',
      value: 'https://github.com/acme/widgets/actions/runs/1/attempts/1',
      reason: /the run is .*runs\/1\//,
    },
  ];
  for (const { path, value, reason } of vectors) {
    test(`SLSA 1: ${path} is ${value}`, () => {
      const bundle = provenance({ edit: (s) => withPredicate(s, path, value) });
      assertInvalid(check(served(SLSA_V1, bundle)).provenance, 'provenance-inconsistent', reason);
    });
  }

  const v02: readonly { readonly path: string; readonly value: string; readonly about: string }[] = [
    {
      path: 'invocation.configSource.uri',
      value: 'git+https://github.com/evil/widgets@refs/heads/main',
      about: 'repository',
    },
    { path: 'invocation.configSource.digest.sha1', value: commit, about: 'commit' },
    { path: 'invocation.configSource.entryPoint', value: '.github/workflows/evil.yml', about: 'workflow' },
    {
      path: 'invocation.configSource.entryPoint',
      value: 'evil/widgets/.github/workflows/release.yml@refs/heads/main',
      about: 'repository',
    },
    { path: 'invocation.environment.GITHUB_EVENT_NAME', value: 'pull_request', about: 'trigger' },
    { path: 'invocation.environment.GITHUB_REF', value: 'refs/heads/evil', about: 'ref' },
    { path: 'invocation.environment.GITHUB_REPOSITORY', value: 'evil/widgets', about: 'repository' },
    { path: 'invocation.environment.GITHUB_REPOSITORY_ID', value: '1', about: 'repository id' },
    { path: 'invocation.environment.GITHUB_REPOSITORY_OWNER_ID', value: '1', about: 'owner id' },
    { path: 'invocation.environment.GITHUB_RUN_ID', value: '1', about: 'run' },
    { path: 'invocation.environment.GITHUB_SHA', value: commit, about: 'commit' },
    {
      path: 'invocation.environment.GITHUB_WORKFLOW_REF',
      value: 'acme/widgets/.github/workflows/release.yml@refs/heads/evil',
      about: 'workflow ref',
    },
    { path: 'invocation.environment.GITHUB_WORKFLOW_SHA', value: commit, about: 'workflow commit' },
    { path: 'materials.0.uri', value: 'git+https://github.com/evil/widgets', about: 'repository' },
    { path: 'materials.0.digest.sha1', value: commit, about: 'commit' },
    { path: 'metadata.buildInvocationId', value: '1-1', about: 'run' },
  ];
  for (const { path, value, about } of v02) {
    test(`SLSA 0.2 of npm: ${path} is ${value}`, () => {
      const bundle = provenance({ predicate: 'slsa-v0.2-npm', edit: (s) => withPredicate(s, path, value) });
      assertInvalid(
        check(served(SLSA_V02, bundle)).provenance,
        'provenance-inconsistent',
        new RegExp(`says that the ${about} is`),
      );
    });
  }

  const gitlab: readonly { readonly path: string; readonly value: string; readonly reason: RegExp }[] = [
    {
      path: 'invocation.configSource.uri',
      value: 'git+https://gitlab.com/evil/widgets',
      reason: /repository is https:\/\/gitlab\.com\/evil/,
    },
    { path: 'invocation.configSource.digest.sha1', value: commit, reason: /commit is ffff/ },
    { path: 'invocation.parameters.CI_PROJECT_ID', value: '1', reason: /repository id is 1/ },
    { path: 'invocation.parameters.CI_COMMIT_REF_NAME', value: 'evil', reason: /ref name is evil/ },
    { path: 'invocation.parameters.CI_CONFIG_PATH', value: 'evil.yml', reason: /workflow is evil\.yml/ },
    {
      path: 'invocation.parameters.CI_JOB_URL',
      value: 'https://gitlab.com/acme/widgets/-/jobs/1',
      reason: /run is .*jobs\/1,/,
    },
    {
      path: 'builder.id',
      value: 'https://gitlab.com/evil/widgets/-/runners/1',
      reason: /builder is https:\/\/gitlab\.com\/evil/,
    },
  ];
  for (const { path, value, reason } of gitlab) {
    test(`SLSA 0.2 of GitLab: ${path} is ${value}`, () => {
      const bundle = provenance({ predicate: 'slsa-v0.2-gitlab', edit: (s) => withPredicate(s, path, value) });
      assertInvalid(check(served(SLSA_V02, bundle)).provenance, 'provenance-inconsistent', reason);
    });
  }

  test('a GitHub predicate under a GitLab certificate', () => {
    const claims = { issuer: 'https://gitlab.com', issuerV1: 'https://gitlab.com', repositoryV1: undefined };
    const bundle = provenance({ claims });
    assertInvalid(
      check(served(SLSA_V1, bundle)).provenance,
      'provenance-inconsistent',
      /cannot be by an identity of https:\/\/gitlab\.com/,
    );
  });

  test('a certificate that names no commit backs no provenance', () => {
    const bundle = provenance({ claims: { commitV1: undefined, sourceRepositoryDigest: undefined } });
    assertInvalid(
      check(served(SLSA_V1, bundle)).provenance,
      'provenance-inconsistent',
      /the certificate names no commit/,
    );
  });

  test('a predicate without a source', () => {
    const bundle = provenance({ edit: (s) => withPredicate(s, 'buildDefinition.resolvedDependencies', []) });
    assertInvalid(
      check(served(SLSA_V1, bundle)).provenance,
      'provenance-inconsistent',
      /the predicate names no commit/,
    );
  });

  test('a predicate that is not as its build type prescribes', () => {
    const bundle = provenance({ edit: (s) => withPredicate(s, 'buildDefinition.externalParameters', {}) });
    assertInvalid(
      check(served(SLSA_V1, bundle)).provenance,
      'provenance-invalid',
      /externalParameters\.workflow is missing/,
    );
  });

  test('a build type that nobody has taught us is not evidence either way', () => {
    const bundle = provenance({
      edit: (s) => withPredicate(s, 'buildDefinition.buildType', 'https://example.com/build/v1'),
    });
    assertInvalid(
      check(served(SLSA_V1, bundle)).provenance,
      'provenance-unsupported',
      /builds of type https:\/\/example\.com\/build\/v1/,
    );
  });

  test("a generator's build type under a certificate that is not the generator's", () => {
    const buildType = 'https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0';
    const edit = (s: Statement): unknown => withPredicate(s, 'buildType', buildType);
    const bundle = provenance({ predicate: 'slsa-v0.2-npm', edit });
    assertInvalid(
      check(served(SLSA_V02, bundle)).provenance,
      'provenance-inconsistent',
      /^the builder is https:\/\/github\.com\/actions\/runner/,
    );
  });
});

describe('several attestations', () => {
  test('a valid sibling does not heal an invalid one', () => {
    const broken = provenance({ tamper: 'payload' });
    for (const raws of [
      [provenance(), broken],
      [broken, provenance()],
    ]) {
      const checks = check(...raws.map((bundle) => served(SLSA_V1, bundle)));
      assertInvalid(checks.provenance, 'provenance-invalid', /^the log entry is of something else/);
    }
  });

  test('an invalid provenance leaves the publish attestation as it is, and the other way round', () => {
    const one = check(served(PUBLISH_PREDICATE, publish()), served(SLSA_V1, provenance({ tamper: 'signature' })));
    assert.deepEqual([one.publishAttestation.status, one.provenance.status], ['verified', 'invalid']);
    const other = check(
      served(
        PUBLISH_PREDICATE,
        publish((s) => ({ ...s, subject: [] })),
      ),
      served(SLSA_V1, provenance()),
    );
    assert.deepEqual([other.publishAttestation.status, other.provenance.status], ['invalid', 'verified']);
  });

  test('a provenance served as a publish attestation counts against both', () => {
    const checks = check(served(PUBLISH_PREDICATE, provenance()));
    assertInvalid(checks.publishAttestation, 'publish-attestation-invalid', /^served as/);
    assertInvalid(checks.provenance, 'provenance-invalid', /^served as/);
  });

  test('a provenance served under an unknown type is found all the same', () => {
    const checks = check(served('https://example.com/x', provenance()));
    assertInvalid(checks.provenance, 'provenance-invalid', /^served as https:\/\/example\.com\/x/);
  });

  test('two provenances that tell different stories cannot both be true', () => {
    const other = provenance({ repository: 'https://github.com/evil/widgets' });
    const checks = check(served(SLSA_V1, provenance()), served(SLSA_V1, other));
    assertInvalid(
      checks.provenance,
      'provenance-inconsistent',
      /^one tells of .*acme\/widgets.*, another of .*evil\/widgets/,
    );
  });

  test('an unknown predicate type is noted, and is evidence of nothing', () => {
    const statement = {
      ...provenanceStatement(artifact, githubBuild(), 'slsa-v1'),
      predicateType: 'https://example.com/sbom',
    };
    const bundle = box.signStatement(statement, { type: 'key', key: registryKey });
    const checks = check(served('https://example.com/sbom', bundle));
    assert.deepEqual([checks.publishAttestation.status, checks.provenance.status], ['absent', 'absent']);
    assert.deepEqual(checks.observations, [{ code: 'attestation-unrecognized', found: 'https://example.com/sbom' }]);
  });

  test('no attestations are absent, too many are undecided', () => {
    assert.deepEqual([check().publishAttestation.status, check().provenance.status], ['absent', 'absent']);
    const many = check(...Array.from({ length: 33 }, () => served(SLSA_V1, {})));
    assert.ok(many.provenance.status === 'unavailable' && many.provenance.error === 'ERR_RESPONSE_TOO_LARGE');
  });
});

/** The statement with one member of its predicate replaced; the path is dotted, numbers index lists. */
function withPredicate(statement: Statement, path: string, value: unknown): unknown {
  const copy = structuredClone(statement) as { predicate: Record<string, unknown> };
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let node = copy.predicate;
  for (const key of keys) node = node[key] as Record<string, unknown>;
  assert.ok(last in node, `the predicate has no ${path} to replace`);
  node[last] = value;
  return copy;
}
