// Attestations that are signed by the wrong party or say the wrong thing. Each vector says why it must be refused.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  checkAttestations,
  checkProvenance,
  checkPublishAttestation,
  createBundleVerifier,
  parseTrustedRoot,
  PUBLISH_PREDICATE,
  type AttestationChecks,
  type RawAttestation,
} from '@lockseal/core';
import {
  emailIdentity,
  githubBuild,
  githubIdentity,
  provenanceStatement,
  publishStatement,
  type ProvenanceOptions,
  type Statement,
} from '@lockseal/testkit';
import {
  artifact,
  assertInvalid,
  at,
  createAttestedPackage,
  served,
  SLSA_V02,
  SLSA_V1,
  verifierOf,
  withPredicate,
} from './support/attested-package.ts';
import { rootBytes } from './support/bundles.ts';

const { box, check, provenance, publish, registryKey, verifier } = await createAttestedPackage();
const otherDigest = 'cd'.repeat(64);

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
    const bundle = box.publishAttestation({ ...artifact, registryKey: key });
    const own = verifierOf(box);
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
    const own = verifierOf(box);
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
    assert.deepEqual([many.provenance.served, many.publishAttestation], [true, many.provenance]);
  });
});

describe('where the keys of the registry cannot be had', () => {
  const lack = { error: 'ERR_HTTP', reason: 'for a test' } as const;
  const keyless = { ...createBundleVerifier(parseTrustedRoot(rootBytes(box)), []), lack };
  const checkKeyless = (...raws: readonly RawAttestation[]): AttestationChecks =>
    checkAttestations(raws, artifact, artifact.sha512, keyless);
  const open = {
    status: 'unavailable',
    error: 'ERR_HTTP',
    reason: 'it is served, and the keys that it must be signed with could not be had: for a test',
    served: true,
  };

  test('a publish attestation is undecided, whoever signed it', () => {
    const stranger = box.publishAttestation({ ...artifact, registryKey: box.addRegistryKey() });
    for (const bundle of [publish(), stranger]) {
      const checks = checkKeyless(served(PUBLISH_PREDICATE, bundle), served(SLSA_V1, provenance()));
      assert.deepEqual(checks.publishAttestation, open);
      assert.equal(checks.provenance.status, 'verified');
    }
  });

  const invalid: readonly (readonly [why: string, raw: () => RawAttestation, reason: RegExp])[] = [
    [
      'about other bytes',
      () => served(PUBLISH_PREDICATE, box.publishAttestation({ ...artifact, sha512: otherDigest, registryKey })),
      /sha512/,
    ],
    [
      'about another version',
      () => served(PUBLISH_PREDICATE, box.publishAttestation({ ...artifact, version: '1.2.4', registryKey })),
      /widgets@1\.2\.4/,
    ],
    [
      'whose predicate names another registry',
      () =>
        served(
          PUBLISH_PREDICATE,
          publish((s) => withPredicate(s, 'registry', 'https://registry.example.com')),
        ),
      /names the registry/,
    ],
    [
      'of another type than it is served as',
      () => served(PUBLISH_PREDICATE, signedAs('https://example.com/x')),
      /served as/,
    ],
    ['that is signed with a certificate', () => served(PUBLISH_PREDICATE, byCertificate()), /with a certificate/],
    ['that is no bundle', () => served(PUBLISH_PREDICATE, {}), /not well-formed/],
  ];
  const signedAs = (predicateType: string): unknown => publish((s) => ({ ...s, predicateType }));
  const byCertificate = (): unknown =>
    box.signStatement(publishStatement(artifact, 'https://registry.npmjs.org'), {
      type: 'certificate',
      identity: githubIdentity(githubBuild()),
    });
  for (const [why, raw, reason] of invalid) {
    test(`one ${why} stays invalid: no key would mend it`, () => {
      assertInvalid(checkKeyless(raw()).publishAttestation, 'publish-attestation-invalid', reason);
    });
  }

  test('one that is invalid outweighs one that is undecided, in whatever order', () => {
    const raws = [served(PUBLISH_PREDICATE, publish()), served(PUBLISH_PREDICATE, {})];
    for (const some of [raws, raws.toReversed()]) {
      assertInvalid(checkKeyless(...some).publishAttestation, 'publish-attestation-invalid', /not well-formed/);
    }
  });

  test('provenance that is signed with a key stays invalid', () => {
    const statement = provenanceStatement(artifact, githubBuild(), 'slsa-v1');
    const bundle = box.signStatement(statement, { type: 'key', key: registryKey });
    assertInvalid(checkKeyless(served(SLSA_V1, bundle)).provenance, 'provenance-invalid', /with a key, not by a build/);
  });

  test('an unknown key stays invalid where there are keys, and where the registry has none', () => {
    const stranger = box.publishAttestation({ ...artifact, registryKey: box.addRegistryKey() });
    for (const known of [verifier, { ...keyless, lack: undefined }]) {
      const raw = served(PUBLISH_PREDICATE, stranger);
      const { publishAttestation } = checkAttestations([raw], artifact, artifact.sha512, known);
      assertInvalid(publishAttestation, 'publish-attestation-invalid', /^the signing key is not trusted/);
    }
  });
});

describe('one attestation at a time', () => {
  test('checkProvenance and checkPublishAttestation judge as checkAttestations does, and each only its own kind', () => {
    const [built, published] = [served(SLSA_V1, provenance()), served(PUBLISH_PREDICATE, publish())];
    assert.equal(checkProvenance(built, artifact, artifact.sha512, verifier).status, 'verified');
    assert.equal(checkPublishAttestation(published, artifact, artifact.sha512, verifier).status, 'verified');
    const swapped = checkPublishAttestation(built, artifact, artifact.sha512, verifier);
    assertInvalid(swapped, 'publish-attestation-invalid', /^its predicate is of type https:\/\/slsa\.dev/);
    assertInvalid(
      checkProvenance(published, artifact, artifact.sha512, verifier),
      'provenance-invalid',
      /signed with a key, not by a build/,
    );
  });

  test("a private registry's publish attestation names that registry", () => {
    const registry = 'https://npm.example.com/';
    const raw = served(
      PUBLISH_PREDICATE,
      publish((s) => withPredicate(s, 'registry', 'https://npm.example.com')),
    );
    assert.equal(checkPublishAttestation(raw, artifact, artifact.sha512, verifier, registry).status, 'verified');
    assertInvalid(
      checkPublishAttestation(raw, artifact, artifact.sha512, verifier),
      'publish-attestation-invalid',
      /names the registry https:\/\/npm\.example\.com, not https:\/\/registry\.npmjs\.org$/,
    );
  });

  test('a publish predicate that lacks a member', () => {
    const raw = served(
      PUBLISH_PREDICATE,
      publish((s) => ({ ...s, predicate: { name: artifact.name } })),
    );
    assertInvalid(check(raw).publishAttestation, 'publish-attestation-invalid', /predicate\.version is missing/);
  });

  test('provenance of a version that nobody has taught us', () => {
    const type = 'https://slsa.dev/provenance/v2';
    const bundle = provenance({ edit: (s) => ({ ...s, predicateType: type }) });
    assertInvalid(check(served(type, bundle)).provenance, 'provenance-unsupported', /predicates of type .*\/v2/);
  });

  test("an enterprise of GitHub's has an issuer of its own", () => {
    const issuer = 'https://token.actions.githubusercontent.com/acme-corp';
    const bundle = provenance({ claims: { issuer, issuerV1: issuer } });
    const checks = check(served(SLSA_V1, bundle));
    assert.ok(checks.provenance.status === 'verified');
    assert.equal(checks.provenance.identity.issuer, issuer);
  });

  for (const { issuer } of [
    { issuer: 'https://token.actions.githubusercontent.com.evil.example' },
    { issuer: 'https://token.actions.githubusercontent.com/a/../b' },
  ]) {
    test(`${issuer} is not GitHub`, () => {
      const bundle = provenance({ claims: { issuer, issuerV1: issuer, repositoryV1: undefined } });
      assertInvalid(
        check(served(SLSA_V1, bundle)).provenance,
        'provenance-inconsistent',
        /cannot be by an identity of/,
      );
    });
  }

  test('an old entry point: the name of the workflow', () => {
    const named = (value: string): unknown =>
      provenance({
        predicate: 'slsa-v0.2-npm',
        edit: (s) => withPredicate(s, 'invocation.configSource.entryPoint', value),
      });
    assert.equal(check(served(SLSA_V02, named('release'))).provenance.status, 'verified');
    const other = check(served(SLSA_V02, named('evil'))).provenance;
    assertInvalid(other, 'provenance-inconsistent', /workflow name is evil, the certificate says release$/);
  });

  test('the runner environment that actions/attest tells', () => {
    const edit = (s: Statement): unknown => {
      const copy = structuredClone(s) as { predicate: { buildDefinition: { internalParameters: { github: object } } } };
      Object.assign(copy.predicate.buildDefinition.internalParameters.github, { runner_environment: 'self-hosted' });
      return copy;
    };
    const { provenance: result } = check(served(SLSA_V1, provenance({ edit })));
    assertInvalid(
      result,
      'provenance-inconsistent',
      /runner environment is self-hosted, the certificate says github-hosted/,
    );
  });
});
