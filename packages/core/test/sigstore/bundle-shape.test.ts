// What is read of a bundle is what the library's own decoder makes of it. test/bundle-shape.test.ts has what is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleFromJSON } from '@sigstore/bundle';
import fc from 'fast-check';
import { parseBundle } from '../../src/sigstore/bundle-shape.ts';

const MEDIA_TYPES = [
  'application/vnd.dev.sigstore.bundle+json;version=0.1',
  'application/vnd.dev.sigstore.bundle+json;version=0.2',
  'application/vnd.dev.sigstore.bundle+json;version=0.3',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
];

/** A member that is there, null, or missing: the last two are the same to Protocol Buffers. */
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> =>
  fc.oneof({ weight: 3, arbitrary: value }, fc.constantFrom(null, undefined));
const bytes = (minLength = 1, maxLength = 64): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength, maxLength }).map((array) => Buffer.from(array).toString('base64'));
const count = fc.oneof(fc.maxSafeNat(), fc.maxSafeNat().map(String));
const hash = bytes(32, 32);
const text = fc.string();
const certificate = fc.record({ rawBytes: bytes() });

const inclusionProof = fc.record({
  logIndex: maybe(count),
  rootHash: hash,
  treeSize: count,
  hashes: maybe(fc.array(hash, { maxLength: 4 })),
  checkpoint: fc.record({ envelope: text }),
});
const logEntry = fc.record({
  logIndex: maybe(count),
  logId: fc.record({ keyId: hash }),
  kindVersion: fc.record({ kind: text, version: text }),
  integratedTime: maybe(count),
  inclusionPromise: maybe(fc.record({ signedEntryTimestamp: bytes() })),
  inclusionProof: maybe(inclusionProof),
  canonicalizedBody: bytes(),
});
const timestamps = fc.array(fc.record({ signedTimestamp: bytes() }), { maxLength: 2 });
const rest = fc.record({
  tlogEntries: maybe(fc.array(logEntry, { maxLength: 3 })),
  timestampVerificationData: maybe(fc.record({ rfc3161Timestamps: maybe(timestamps) })),
});
const keyMaterial = fc.oneof(
  fc.record({ publicKey: fc.record({ hint: maybe(text) }) }),
  fc.record({ certificate }),
  fc.record({
    x509CertificateChain: fc.record({ certificates: fc.array(certificate, { minLength: 1, maxLength: 3 }) }),
  }),
);
const signature = fc.record({ sig: bytes(), keyid: maybe(text) });
const content = fc.oneof(
  fc.record({
    dsseEnvelope: fc.record({ payload: bytes(), payloadType: text, signatures: fc.tuple(signature) }),
  }),
  fc.record({
    messageSignature: fc.record({
      messageDigest: fc.record({ algorithm: fc.constantFrom('SHA2_256', 'SHA2_384', 'SHA2_512'), digest: hash }),
      signature: bytes(),
    }),
  }),
);
const bundle = fc
  .tuple(fc.constantFrom(...MEDIA_TYPES), keyMaterial, rest, content)
  .map(([mediaType, key, others, signed]) => ({
    mediaType,
    verificationMaterial: { ...key, ...others },
    ...signed,
  }));

test('a bundle is read as the library decodes it, and refused where the library refuses it', () => {
  let read = 0;
  fc.assert(
    fc.property(bundle, (json) => {
      let expected: unknown;
      try {
        expected = bundleFromJSON(json);
      } catch {
        assert.throws(() => parseBundle(json), { name: 'ShapeError' });
        return;
      }
      assert.deepEqual(parseBundle(json), expected);
      read += 1;
    }),
    { numRuns: 500 },
  );
  assert.ok(read > 100, `only ${read} of 500 are bundles`);
});
