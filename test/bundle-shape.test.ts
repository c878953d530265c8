// Bundles that are refused by their shape alone, before anything in them is decoded.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { createBundleVerifier, parseTrustedRoot, type BundleVerifier } from '@lockseal/core';
import { createSigstore } from '@lockseal/testkit';
import { rootBytes } from './support/bundles.ts';

type Members = Record<string, unknown>;

let verifier: BundleVerifier;
let provenance: unknown;
let message: unknown;
let keySigned: unknown;

before(async () => {
  const box = await createSigstore();
  const artifact = { name: 'widgets', version: '1.0.0', sha512: 'ab'.repeat(64) };
  const key = box.addRegistryKey();
  verifier = createBundleVerifier(parseTrustedRoot(rootBytes(box)), []);
  provenance = box.provenance({ ...artifact, bundleVersion: '0.2', timestamp: true });
  message = box.signMessage(Buffer.from('hello'), { type: 'key', key });
  keySigned = box.publishAttestation({ ...artifact, registryKey: key });
});

/** A copy with the member at the dotted path replaced; undefined deletes it; a function makes the new from the old. */
function edit(bundle: unknown, path: string, value: unknown): unknown {
  const copy = structuredClone(bundle);
  const names = path.split('.');
  const last = names.pop() ?? '';
  let node = copy as Members;
  for (const name of names) node = node[name] as Members;
  if (value === undefined) delete node[last];
  else node[last] = typeof value === 'function' ? (value as (old: unknown) => unknown)(node[last]) : value;
  return copy;
}

const times = (count: number) => (old: unknown) => Array.from({ length: count }, () => (old as unknown[])[0]);
const entry = 'verificationMaterial.tlogEntries.0';
const proof = `${entry}.inclusionProof`;
const timestamps = 'verificationMaterial.timestampVerificationData.rfc3161Timestamps';

interface Vector {
  readonly why: string;
  readonly of?: 'message' | 'key';
  readonly path: string;
  readonly value: unknown;
  readonly reason: RegExp;
}

const vectors: readonly Vector[] = [
  { why: 'no media type', path: 'mediaType', value: undefined, reason: /mediaType is missing/ },
  { why: 'a media type that is no text', path: 'mediaType', value: 3, reason: /mediaType is not a string/ },
  {
    why: 'no verification material',
    path: 'verificationMaterial',
    value: undefined,
    reason: /verificationMaterial is missing/,
  },
  {
    why: 'no signer',
    path: 'verificationMaterial.x509CertificateChain',
    value: undefined,
    reason: /verificationMaterial must have one of/,
  },
  {
    why: 'two signers',
    path: 'verificationMaterial.publicKey',
    value: { hint: 'x' },
    reason: /verificationMaterial must have one of/,
  },
  {
    why: 'no content',
    path: 'dsseEnvelope',
    value: undefined,
    reason: /the document must have one of dsseEnvelope, messageSignature/,
  },
  { why: 'two contents', path: 'messageSignature', value: {}, reason: /the document must have one of/ },
  { why: 'a null content is none', path: 'dsseEnvelope', value: null, reason: /the document must have one of/ },
  { why: 'no signature', path: 'dsseEnvelope.signatures', value: [], reason: /must hold exactly one signature/ },
  {
    why: 'two signatures: which one was logged?',
    path: 'dsseEnvelope.signatures',
    value: times(2),
    reason: /must hold exactly one signature/,
  },
  {
    why: 'a signature that is none',
    path: 'dsseEnvelope.signatures',
    value: ['x'],
    reason: /signatures\[0\] is not an object/,
  },
  {
    why: 'an empty signature',
    path: 'dsseEnvelope.signatures.0.sig',
    value: '',
    reason: /signatures\[0\]\.sig is empty/,
  },
  { why: 'an empty payload', path: 'dsseEnvelope.payload', value: '', reason: /payload is empty/ },
  {
    why: 'a payload of the URL alphabet',
    path: 'dsseEnvelope.payload',
    value: '__--',
    reason: /payload is not canonical base64/,
  },
  {
    why: 'a payload without padding',
    path: 'dsseEnvelope.payload',
    value: 'AAA',
    reason: /payload is not canonical base64/,
  },
  {
    why: 'a payload broken into lines',
    path: 'dsseEnvelope.payload',
    value: 'AAAA\nAAAA',
    reason: /payload is not canonical base64/,
  },
  { why: 'no payload type', path: 'dsseEnvelope.payloadType', value: undefined, reason: /payloadType is missing/ },
  {
    why: 'an empty chain',
    path: 'verificationMaterial.x509CertificateChain.certificates',
    value: [],
    reason: /certificates is empty/,
  },
  {
    why: 'eleven certificates',
    path: 'verificationMaterial.x509CertificateChain.certificates',
    value: times(11),
    reason: /has 11 elements/,
  },
  {
    why: 'an empty certificate',
    path: 'verificationMaterial.x509CertificateChain.certificates.0.rawBytes',
    value: '',
    reason: /rawBytes is empty/,
  },
  {
    why: 'a huge certificate',
    path: 'verificationMaterial.x509CertificateChain.certificates.0.rawBytes',
    value: 'A'.repeat(100_000),
    reason: /is longer than/,
  },
  {
    why: 'nine log entries',
    path: 'verificationMaterial.tlogEntries',
    value: times(9),
    reason: /has 9 elements, more than 8/,
  },
  {
    why: 'log entries that are no list',
    path: 'verificationMaterial.tlogEntries',
    value: { 0: {} },
    reason: /tlogEntries is not a list/,
  },
  { why: 'a negative index', path: `${entry}.logIndex`, value: '-1', reason: /logIndex is not a whole number/ },
  {
    why: 'an index that JavaScript rounds',
    path: `${entry}.logIndex`,
    value: '9007199254740993',
    reason: /logIndex is not a whole number/,
  },
  {
    why: 'an index that is a rounded number',
    path: `${entry}.logIndex`,
    value: 2 ** 53,
    reason: /logIndex is not a whole number/,
  },
  {
    why: 'an index with a leading zero',
    path: `${entry}.logIndex`,
    value: '01',
    reason: /logIndex is not a whole number/,
  },
  { why: 'an empty index', path: `${entry}.logIndex`, value: '', reason: /logIndex is not a whole number/ },
  {
    why: 'a fraction of a second',
    path: `${entry}.integratedTime`,
    value: 1.5,
    reason: /integratedTime is not a whole number/,
  },
  { why: 'no log id', path: `${entry}.logId`, value: undefined, reason: /logId is missing/ },
  { why: 'no kind', path: `${entry}.kindVersion`, value: undefined, reason: /kindVersion is missing/ },
  { why: 'no body', path: `${entry}.canonicalizedBody`, value: undefined, reason: /canonicalizedBody is missing/ },
  {
    why: 'a promise of nothing',
    path: `${entry}.inclusionPromise`,
    value: {},
    reason: /signedEntryTimestamp is missing/,
  },
  { why: 'no checkpoint', path: `${proof}.checkpoint`, value: undefined, reason: /checkpoint is missing/ },
  {
    why: 'a huge checkpoint',
    path: `${proof}.checkpoint.envelope`,
    value: 'x'.repeat(70_000),
    reason: /is longer than/,
  },
  { why: 'no tree size', path: `${proof}.treeSize`, value: undefined, reason: /treeSize is missing/ },
  { why: 'a root hash cut short', path: `${proof}.rootHash`, value: 'AAAA', reason: /rootHash is not a sha256/ },
  { why: 'a hash that is none', path: `${proof}.hashes`, value: ['AAAA'], reason: /hashes\[0\] is not a sha256/ },
  {
    why: 'more hashes than any tree is deep',
    path: `${proof}.hashes`,
    value: Array.from({ length: 65 }, () => ''),
    reason: /has 65 elements/,
  },
  { why: 'nine timestamps', path: timestamps, value: times(9), reason: /has 9 elements/ },
  {
    why: 'a timestamp that is none',
    path: `${timestamps}.0`,
    value: 'AAAA',
    reason: /rfc3161Timestamps\[0\] is not an object/,
  },
  {
    why: 'a digest of an unknown algorithm',
    of: 'message',
    path: 'messageSignature.messageDigest.algorithm',
    value: 'SHA1',
    reason: /is of algorithm "SHA1"/,
  },
  {
    why: 'no digest',
    of: 'message',
    path: 'messageSignature.messageDigest',
    value: undefined,
    reason: /messageDigest is missing/,
  },
  {
    why: 'a hint that is no text',
    of: 'key',
    path: 'verificationMaterial.publicKey.hint',
    value: {},
    reason: /hint is not a string/,
  },
  {
    why: 'a chain in a bundle of version 0.3',
    path: 'mediaType',
    value: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    reason: /is wrong: invalid bundle/,
  },
];

describe('the shape of bundles', () => {
  for (const { why, of, path, value, reason } of vectors) {
    test(`refuses ${why}`, () => {
      const bundle = edit(of === undefined ? provenance : of === 'key' ? keySigned : message, path, value);
      const verdict = verifier.verify(bundle);
      assert.ok(verdict.status === 'invalid');
      assert.equal(verdict.fault, 'malformed', verdict.reason);
      assert.match(verdict.reason, reason);
    });
  }

  test('members that are null, or zero and left out, are as Protocol Buffers write them', () => {
    let bundle = edit(provenance, 'messageSignature', null);
    bundle = edit(bundle, 'verificationMaterial.publicKey', null);
    bundle = edit(bundle, `${entry}.logIndex`, (old: unknown) => Number(old));
    assert.equal(verifier.verify(bundle).status, 'verified');
  });

  test('a message signature is not verified without the message', () => {
    const verdict = verifier.verify(message);
    assert.ok(verdict.status === 'invalid' && verdict.fault === 'artifact');
  });
});
