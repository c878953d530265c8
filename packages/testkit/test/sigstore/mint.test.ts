import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createSigstore,
  emailIdentity,
  tamperBundle,
  TAMPERS,
  type BundleJson,
  type BundleVersion,
  type LogKind,
  type PredicateKind,
  type SigstoreBox,
  type Tamper,
} from '@lockseal/testkit';
import { stockVerify } from '../support/verify.ts';

const artifact = { name: '@acme/widget', version: '1.2.3', sha512: 'ab'.repeat(64) };
const LOGS: LogKind[] = [
  'rekor-v1-intoto',
  'rekor-v1-dsse',
  'rekor-v1-hashedrekord',
  'rekor-v2',
  'rekor-v2-hashedrekord',
];
const VERSIONS: BundleVersion[] = ['0.1', '0.2', '0.3'];
const PREDICATES: PredicateKind[] = ['slsa-v1', 'slsa-v0.2-npm', 'slsa-v0.2-gitlab'];
const box = await createSigstore();
const registryKey = box.addRegistryKey();

interface Combination {
  readonly name: string;
  readonly mint: (box: SigstoreBox) => BundleJson;
}

const combinations: Combination[] = VERSIONS.flatMap((bundleVersion) =>
  LOGS.filter((log) => bundleVersion !== '0.1' || log.startsWith('rekor-v1')).flatMap((log) => [
    {
      name: `provenance, bundle ${bundleVersion}, ${log}`,
      mint: () => box.provenance({ ...artifact, bundleVersion, log }),
    },
    {
      name: `publish attestation, bundle ${bundleVersion}, ${log}`,
      mint: () => box.publishAttestation({ ...artifact, registryKey, bundleVersion, log }),
    },
    {
      name: `provenance with log time and timestamp, bundle ${bundleVersion}, ${log}`,
      mint: () => box.provenance({ ...artifact, bundleVersion, log, timestamp: true }),
    },
  ]),
);

for (const { name, mint } of combinations) {
  test(`stock verification accepts: ${name}`, () => {
    // Several, so that proofs of different shapes are exercised.
    for (let round = 0; round < 3; round++) assert.doesNotThrow(() => stockVerify(box, mint(box)));
  });

  test(`stock verification rejects every damage: ${name}`, () => {
    for (const tamper of Object.keys(TAMPERS) as Tamper[]) {
      const damaged = tamperIfPresent(mint(box), tamper, mint(box));
      if (damaged !== undefined) assert.throws(() => stockVerify(box, damaged), Error, tamper);
    }
  });
}

/** Undefined where the bundle has no such part; that each tamper applies somewhere is checked below. */
function tamperIfPresent(bundle: BundleJson, tamper: Tamper, donor: BundleJson): BundleJson | undefined {
  try {
    return tamperBundle(bundle, tamper, donor);
  } catch (error) {
    assert.ok(error instanceof RangeError);
    return undefined;
  }
}

for (const tamper of Object.keys(TAMPERS) as Tamper[]) {
  test(`tampering applies to some kind of bundle: ${tamper}`, () => {
    const applicable = combinations.filter(({ mint }) => tamperIfPresent(mint(box), tamper, mint(box)) !== undefined);
    assert.notEqual(applicable.length, 0);
  });
}

for (const predicate of PREDICATES) {
  test(`stock verification accepts a predicate of ${predicate}`, () => {
    const signer = stockVerify(box, box.provenance({ ...artifact, predicate }));
    assert.match(String(signer.identity?.subjectAlternativeName), /^https:\/\/git(?:hub|lab)\.com\/acme\/widgets/);
  });
}

test('tampering may be asked for at once', () => {
  assert.throws(() => stockVerify(box, box.provenance({ ...artifact, tamper: 'swap-tlog-entry' })), /tlog entry/);
});

test('well-signed lies verify: another subject, another payload type, claims that differ from the predicate', () => {
  const lies = [
    box.provenance({ ...artifact, edit: (statement) => ({ ...statement, subject: [] }) }),
    box.provenance({ ...artifact, payloadType: 'text/plain' }),
    box.provenance({ ...artifact, claims: { sourceRepositoryUri: 'https://github.com/evil/fork' } }),
    box.signStatement(['not', 'a', 'statement'], { type: 'key', key: registryKey }),
  ];
  for (const lie of lies) assert.doesNotThrow(() => stockVerify(box, lie));
});

test('a key-signed bundle needs no log where the verifier asks for none', () => {
  const bundle = box.signStatement({}, { type: 'key', key: registryKey }, { log: 'none' });
  assert.equal(bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps.length, 1);
  assert.doesNotThrow(() => stockVerify(box, bundle, undefined, { tlog: 0 }));
  assert.throws(() => stockVerify(box, bundle));
});

test('a bundle of version 0.1 cannot show a Rekor v2 log', () => {
  assert.throws(() => box.provenance({ ...artifact, bundleVersion: '0.1', log: 'rekor-v2' }), RangeError);
});

test('time may be in the past: certificate, log and timestamp agree on it', () => {
  const at = new Date('2023-04-19T10:11:12.345Z');
  const bundle = box.provenance({ ...artifact, at, timestamp: true });
  assert.equal(bundle.verificationMaterial.tlogEntries[0]?.integratedTime, String(Math.floor(at.getTime() / 1000)));
  assert.doesNotThrow(() => stockVerify(box, bundle));
});

test('a message signature verifies for its message alone', () => {
  const message = Buffer.from('hello');
  for (const log of ['rekor-v1-hashedrekord', 'rekor-v2-hashedrekord'] as const) {
    const signer = { type: 'certificate', identity: emailIdentity('someone@example.com') } as const;
    const bundle = box.signMessage(message, signer, { log });
    assert.equal(stockVerify(box, bundle, message).identity?.subjectAlternativeName, 'someone@example.com');
    assert.throws(() => stockVerify(box, bundle, Buffer.from('hullo')));
  }
});

test('a certificate without SCT is refused', () => {
  const bundle = box.provenance({ ...artifact, certificate: { sct: false } });
  assert.throws(() => stockVerify(box, bundle), /SCT/i);
});

test('a certificate that had expired when the entry was logged is refused', () => {
  const notBefore = new Date('2024-01-01T00:00:00Z');
  const bundle = box.provenance({ ...artifact, certificate: { notBefore } });
  assert.throws(() => stockVerify(box, bundle), /certificate chain/);
});

test('a bundle of another box is refused', async () => {
  const other = await createSigstore();
  assert.throws(() => stockVerify(box, other.provenance(artifact)));
});

test('a key that is not listed is refused', async () => {
  const other = await createSigstore();
  const bundle = box.publishAttestation({ ...artifact, registryKey: other.addRegistryKey() });
  assert.throws(() => stockVerify(box, bundle), /key not found/);
});
