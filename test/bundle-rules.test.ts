// What @sigstore/verify accepts and lockseal refuses: one bundle a rule, from a Sigstore in a box.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createBundleVerifier,
  LocksealError,
  parseTrustedRoot,
  type BundleFault,
  type BundleKey,
} from '@lockseal/core';
import { TAMPERS, type BundleJson, type ProvenanceOptions, type Tamper } from '@lockseal/testkit';
import { requireTimeStamping } from '../packages/core/src/sigstore/stricter-rules.ts';
import { artifact, at, createAttestedPackage } from './support/attested-package.ts';
import { rootBytes, stockRefusal } from './support/bundles.ts';

const { box, provenance, publish, registryKey, verifier } = await createAttestedPackage();

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

describe('keys that cannot be used', () => {
  const spki = (): string => registryKey.spki.toString('base64');
  const validity = { validFrom: undefined, validUntil: undefined };
  const vectors: readonly { why: string; keys: () => readonly BundleKey[]; reason: RegExp }[] = [
    {
      why: 'no SPKI',
      keys: () => [{ hint: 'a', spki: 'AAAA', ...validity }],
      reason: /is not a public key in SPKI form/,
    },
    {
      why: 'two different keys under one hint',
      keys: () => [
        { hint: 'a', spki: spki(), ...validity },
        { hint: 'a', spki: box.addRegistryKey().spki.toString('base64'), ...validity },
      ],
      reason: /two different keys go by a/,
    },
    {
      why: 'a validity that is no time',
      keys: () => [{ hint: 'a', spki: spki(), validFrom: 'soon', validUntil: undefined }],
      reason: /a validity that is no time: soon/,
    },
  ];
  for (const { why, keys, reason } of vectors) {
    test(why, () => {
      assert.throws(
        () => createBundleVerifier(parseTrustedRoot(rootBytes(box)), keys()),
        (thrown) => thrown instanceof LocksealError && thrown.code === 'ERR_KEYS' && reason.test(thrown.message),
      );
    });
  }

  test('a key with two validities is good in each, and not between', () => {
    const hint = registryKey.keyid;
    const windows = [
      { validFrom: '2020-01-01T00:00:00Z', validUntil: '2021-01-01T00:00:00Z' },
      { validFrom: '2026-03-04T05:06:07Z', validUntil: '2026-03-04T05:06:07Z' },
    ];
    const own = createBundleVerifier(
      parseTrustedRoot(rootBytes(box)),
      windows.map((window) => ({ hint, spki: spki(), ...window })),
    );
    assert.equal(own.verify(publish()).status, 'verified');
    const between = box.publishAttestation({ ...artifact, registryKey, at: new Date('2023-01-01T00:00:00Z') });
    const verdict = own.verify(between);
    assert.ok(verdict.status === 'invalid' && verdict.fault === 'key');
  });
});
