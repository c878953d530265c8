import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  NO_FLAGS,
  type Fetched,
  type Manifest,
  type Pin,
  type PublishedEntry,
  type RegistryKey,
  type TarballFacts,
  type VersionDocument,
} from '@lockseal/core';
import type { BoundBytes } from '../../src/checks/bind-bytes.ts';
import { checkSignedDigest, type SignedDigestInput } from '../../src/checks/signed-digest.ts';

const NOW = Date.parse('2026-01-01T00:00:00.000Z');
const [own, other] = ['ab', 'cd'].map((byte) => byte.repeat(64)) as [string, string];
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const integrityOf = (hex: string): string => `sha512-${Buffer.from(hex, 'hex').toString('base64')}`;
const signature = (text: string, { privateKey } = pair, keyid = 'SHA256:one'): { keyid: string; sig: string } => ({
  keyid,
  sig: sign('sha256', Buffer.from(text), privateKey).toString('base64'),
});
const genuine = signature(`@acme/native@1.0.0:${integrityOf(own)}`);

function key(more: Partial<RegistryKey> = {}, { publicKey } = pair): RegistryKey {
  const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const validFrom = '2022-01-01T00:00:00.000Z';
  return {
    keyid: 'SHA256:one',
    usages: ['npm:signatures'],
    spki,
    validFrom,
    validUntil: undefined,
    origin: 'tuf',
    ...more,
  };
}

function entry(pin: Pin = { kind: 'none' }): PublishedEntry {
  return {
    id: '@acme/native@npm:1.0.0',
    name: '@acme/native',
    version: '1.0.0',
    aliases: [],
    source: { type: 'registry', url: undefined, namedRegistry: undefined },
    pin,
    edges: [],
    flags: { ...NO_FLAGS, os: ['linux'] },
    hasInstallScript: undefined,
    patch: undefined,
    bundles: [],
    deprecated: undefined,
    position: undefined,
  };
}

function document(dist: Partial<VersionDocument['dist']> = {}): Fetched<VersionDocument> {
  const value = {
    manifest: {} as Manifest,
    dist: {
      integrity: integrityOf(own),
      shasum: undefined,
      tarball: undefined,
      signatures: [genuine],
      announcesAttestations: false,
      ...dist,
    },
    publishedAt: '2024-01-01T00:00:00.000Z',
    publisher: undefined,
  } as VersionDocument;
  return { status: 'ok', value };
}

const unpinned: BoundBytes = { status: 'unbound', reason: 'it pins nothing', tarball: undefined, failure: undefined };
const read = (sha512: string): TarballFacts => ({ sha512 }) as TarballFacts;
const checksum: Pin = { kind: 'yarn-checksum', cacheKey: '10c0', lockfileCacheKey: '10c0', sha512: other };

interface Case extends Partial<SignedDigestInput> {
  readonly why: string;
  readonly pin?: Pin;
  readonly expected: 'verified' | 'none' | 'absent' | 'unavailable' | `signature-${string}`;
}

const keysOf = (...value: RegistryKey[]): SignedDigestInput['keys'] => ({ status: 'ok', value });
const down = { status: 'unavailable', error: 'ERR_NETWORK', reason: 'no answer' } as const;
const ended = key({ validUntil: '2025-01-29T00:00:00.000Z' });

const cases: readonly Case[] = [
  { why: 'nothing is pinned, and the registry signs', expected: 'verified' },
  {
    why: 'a checksum that cannot be rebuilt, although the tarball was read',
    pin: checksum,
    bytes: { ...unpinned, tarball: read(own) },
    expected: 'verified',
  },
  {
    why: 'the key of the registry beside one that nobody else knows',
    keys: keysOf(key(), key({ keyid: 'SHA256:own', origin: 'registry' }, stranger)),
    expected: 'verified',
  },
  {
    why: 'a checksum whose tarball was not read could still be compared',
    pin: checksum,
    expected: 'none',
  },
  {
    why: 'a checksum that was compared and binds',
    pin: checksum,
    bytes: { status: 'bound', sha512: own, tarball: read(own), failure: undefined },
    expected: 'none',
  },
  {
    why: 'a checksum that disagrees stays a contradiction',
    pin: checksum,
    bytes: { status: 'mismatch', expected: other, found: own, tarball: read(own), failure: undefined },
    expected: 'none',
  },
  {
    why: 'an integrity hash that cannot be read is to be mended, not got around',
    pin: { kind: 'integrity', text: 'sha512-no', of: 'tarball' },
    bytes: { ...unpinned, tarball: read(own) },
    expected: 'none',
  },
  {
    why: 'the registry serves other bytes than it signs',
    pin: checksum,
    bytes: { ...unpinned, tarball: read(other) },
    expected: 'absent',
  },
  {
    why: "another tarball with its own valid hash under the genuine one's signature",
    document: document({ integrity: integrityOf(other) }),
    expected: 'signature-invalid',
  },
  {
    why: 'the signature of another version',
    document: document({ signatures: [signature(`@acme/native@1.0.1:${integrityOf(own)}`)] }),
    expected: 'signature-invalid',
  },
  {
    why: 'the signature of another package',
    document: document({ signatures: [signature(`@acme/other@1.0.0:${integrityOf(own)}`)] }),
    expected: 'signature-invalid',
  },
  { why: 'no signature', document: document({ signatures: [] }), expected: 'absent' },
  { why: 'no sha512 that could be signed', document: document({ integrity: undefined }), expected: 'absent' },
  {
    why: 'two hashes, either of which would pass',
    document: document({ integrity: `${integrityOf(own)} ${integrityOf(other)}` }),
    expected: 'absent',
  },
  {
    why: 'a key that nobody trusts',
    document: document({
      signatures: [signature(`@acme/native@1.0.0:${integrityOf(own)}`, stranger, 'SHA256:two')],
    }),
    expected: 'signature-unknown-key',
  },
  {
    why: 'a key that the registry alone says is its own',
    keys: keysOf(key({ origin: 'registry' })),
    expected: 'absent',
  },
  { why: 'a key that has expired, whatever the unsigned time says', keys: keysOf(ended), expected: 'absent' },
  {
    why: 'a wrong signature by an expired key, beside a right one',
    document: document({
      signatures: [genuine, signature(`@acme/native@1.0.0:${integrityOf(other)}`, stranger, 'SHA256:old')],
    }),
    keys: keysOf(key(), key({ keyid: 'SHA256:old', validUntil: ended.validUntil }, stranger)),
    expected: 'signature-invalid',
  },
  {
    why: 'keys for attestations only',
    keys: keysOf(key({ usages: ['npm:attestations'] })),
    expected: 'signature-unknown-key',
  },
  { why: 'the registry cannot be asked', document: down, expected: 'unavailable' },
  { why: 'the keys cannot be had', keys: down, expected: 'unavailable' },
];

describe('checkSignedDigest', () => {
  for (const { why, pin, expected, ...input } of cases) {
    test(`${why}: ${expected}`, () => {
      const given = { bytes: unpinned, document: document(), keys: keysOf(key()), ...input };
      const found = checkSignedDigest(entry(pin), given, { clock: { now: () => NOW } });
      const outcome = found?.status === 'invalid' ? found.code : (found?.status ?? 'none');
      assert.equal(outcome, expected);
      if (found?.status === 'verified') {
        assert.deepEqual(found, { status: 'verified', sha512: own, keyid: 'SHA256:one', keyOrigin: 'tuf' });
      }
    });
  }
});
