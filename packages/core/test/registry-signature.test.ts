import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, test } from 'node:test';
import { checkRegistrySignature, type RegistryKey, type SignatureCheck, type SignedVersion } from '@lockseal/core';
import { createKeyDecoder } from '../src/registry-signature.ts';

const sha512 = 'ab'.repeat(64);
const integrity = `sha512-${Buffer.from(sha512, 'hex').toString('base64')}`;
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const otherPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const strongPair = generateKeyPairSync('ec', { namedCurve: 'P-384' });

function key(publicKey: KeyObject, more: Partial<RegistryKey> = {}): RegistryKey {
  return {
    keyid: 'SHA256:one',
    usages: ['npm:signatures'],
    spki: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    validFrom: '2022-01-01T00:00:00.000Z',
    validUntil: undefined,
    origin: 'tuf',
    ...more,
  };
}

function signature(
  text: string,
  privateKey = pair.privateKey,
  keyid = 'SHA256:one',
): SignedVersion['signatures'][number] {
  return { keyid, sig: sign('sha256', Buffer.from(text), privateKey).toString('base64') };
}

const genuine = signature(`@acme/widgets@1.2.3:${integrity}`);
const base: SignedVersion = {
  name: '@acme/widgets',
  version: '1.2.3',
  sha512,
  signatures: [genuine],
  keys: [key(pair.publicKey)],
  trustedTime: undefined,
  publishedAt: '2024-01-01T00:00:00.000Z',
};
const foreign = signature(`@acme/widgets@1.2.3:${integrity}`, otherPair.privateKey, 'SHA256:two');
const broken = signature(`@acme/widgets@1.2.4:${integrity}`);
const ended = key(pair.publicKey, { validUntil: '2024-06-30T00:00:00.000Z' });

const outcome = (check: SignatureCheck): string => (check.status === 'invalid' ? check.code : check.status);

const vectors: readonly { why: string; change: Partial<SignedVersion>; expected: string }[] = [
  { why: 'the genuine one', change: {}, expected: 'verified' },
  { why: 'another name', change: { name: '@acme/gadgets' }, expected: 'signature-invalid' },
  { why: 'another version', change: { version: '1.2.4' }, expected: 'signature-invalid' },
  { why: 'another digest', change: { sha512: 'cd'.repeat(64) }, expected: 'signature-invalid' },
  {
    why: 'a name and version split elsewhere',
    change: { name: '@acme/widgets@1.2.3', version: '' },
    expected: 'signature-invalid',
  },
  { why: 'over the digest of another version', change: { signatures: [broken] }, expected: 'signature-invalid' },
  {
    why: 'by another key under this id',
    change: { signatures: [{ ...foreign, keyid: 'SHA256:one' }] },
    expected: 'signature-invalid',
  },
  {
    why: 'a signature with garbage after it',
    change: { signatures: [{ ...genuine, sig: `${genuine.sig}!` }] },
    expected: 'signature-invalid',
  },
  { why: 'an empty signature', change: { signatures: [{ ...genuine, sig: '' }] }, expected: 'signature-invalid' },
  {
    why: 'a huge signature',
    change: { signatures: [{ ...genuine, sig: 'A'.repeat(400) }] },
    expected: 'signature-invalid',
  },
  {
    why: 'a signature that is no DER',
    change: { signatures: [{ ...genuine, sig: 'AAAA' }] },
    expected: 'signature-invalid',
  },
  {
    why: 'a good one and a broken one by the same key',
    change: { signatures: [genuine, broken] },
    expected: 'signature-invalid',
  },
  { why: 'a broken one before a good one', change: { signatures: [broken, genuine] }, expected: 'signature-invalid' },
  { why: 'a good one beside one by an unknown key', change: { signatures: [foreign, genuine] }, expected: 'verified' },
  { why: 'an unknown key alone', change: { signatures: [foreign] }, expected: 'signature-unknown-key' },
  { why: 'an unknown key and a broken one', change: { signatures: [foreign, broken] }, expected: 'signature-invalid' },
  {
    why: 'more signatures than any registry gives',
    change: { signatures: Array.from({ length: 17 }, () => genuine) },
    expected: 'signature-invalid',
  },
  { why: 'none, of a registry that signs', change: { signatures: [] }, expected: 'absent' },
  { why: 'none, of a registry without keys', change: { signatures: [], keys: [] }, expected: 'not-applicable' },
  { why: 'one, of a registry without keys', change: { keys: [] }, expected: 'signature-unknown-key' },
  {
    why: 'by a key for attestations only',
    change: { keys: [key(pair.publicKey, { usages: ['npm:attestations'] })] },
    expected: 'signature-unknown-key',
  },
  {
    why: 'a key for both',
    change: { keys: [key(pair.publicKey, { usages: ['npm:attestations', 'npm:signatures'] })] },
    expected: 'verified',
  },
  {
    why: 'a key that does not decode',
    change: { keys: [key(pair.publicKey, { spki: 'AAAA' })] },
    expected: 'unavailable',
  },
  { why: 'a key of another curve', change: { keys: [key(strongPair.publicKey)] }, expected: 'unavailable' },
  {
    why: 'two keys under one id',
    change: { keys: [key(pair.publicKey), key(otherPair.publicKey)] },
    expected: 'unavailable',
  },
  { why: 'one key listed twice', change: { keys: [key(pair.publicKey), key(pair.publicKey)] }, expected: 'verified' },
  { why: 'published before the key ended, says the registry', change: { keys: [ended] }, expected: 'verified' },
  {
    why: 'published after the key ended, says even the registry',
    change: { keys: [ended], publishedAt: '2024-07-01T00:00:00.000Z' },
    expected: 'signature-key-expired',
  },
  {
    why: 'an ended key, and nobody says when',
    change: { keys: [ended], publishedAt: undefined },
    expected: 'verified',
  },
  {
    why: 'an ended key, and a time that is none',
    change: { keys: [ended], publishedAt: 'x' },
    expected: 'signature-key-expired',
  },
  {
    why: 'logged before the key ended, whatever the registry says',
    change: { keys: [ended], trustedTime: '2024-06-30T00:00:00.000Z', publishedAt: '2025-01-01T00:00:00.000Z' },
    expected: 'verified',
  },
  {
    why: 'logged after the key ended, whatever the registry says',
    change: { keys: [ended], trustedTime: '2024-06-30T00:00:00.001Z' },
    expected: 'signature-key-expired',
  },
  { why: 'signed again with a newer key', change: { publishedAt: '2015-01-01T00:00:00.000Z' }, expected: 'verified' },
];

describe('checkRegistrySignature', () => {
  for (const { why, change, expected } of vectors) {
    test(`${why}: ${expected}`, () => assert.equal(outcome(checkRegistrySignature({ ...base, ...change })), expected));
  }

  test('says which key it was, and where that comes from', () => {
    const check = checkRegistrySignature({ ...base, keys: [key(pair.publicKey, { origin: 'file' })] });
    assert.deepEqual(check, { status: 'verified', keyid: 'SHA256:one', keyOrigin: 'file' });
  });
});

test('keys that are decoded once give the verdicts that keys decoded anew give', () => {
  const decodeKey = createKeyDecoder();
  const spki = 'AAAA';
  const variants: readonly Partial<SignedVersion>[] = [
    {},
    { version: '1.2.4' },
    { keys: [key(otherPair.publicKey)] },
    { keys: [key(strongPair.publicKey)] },
    { keys: [key(pair.publicKey, { spki })] },
    { keys: [key(pair.publicKey, { validUntil: '2023-01-01T00:00:00.000Z' })] },
  ];
  for (const variant of [...variants, ...variants]) {
    const signed = { ...base, ...variant };
    assert.deepEqual(checkRegistrySignature({ ...signed, decodeKey }), checkRegistrySignature(signed));
  }
});
