import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { RegistryKey } from '@lockseal/core';
import { KeyFormatError, mergeKeys, parseRegistryKeys } from '../../src/trust/keys.ts';
import { sharedDir } from '../../../../test/support/shared.ts';

const registryKey = {
  keyid: 'k',
  keytype: 'ecdsa-sha2-nistp256',
  scheme: 'ecdsa-sha2-nistp256',
  key: 'AA==',
  expires: null,
};
const tufKey = {
  keyId: 'k',
  keyUsage: 'npm:signatures',
  publicKey: { rawBytes: 'AA==', keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor: { start: '2020-01-01T00:00:00Z' } },
};

describe('registry keys', () => {
  test('in the format of a registry', () => {
    const [first] = parseRegistryKeys({ keys: [registryKey] }, 'registry');
    assert.deepEqual(first, {
      keyid: 'k',
      usages: ['npm:signatures', 'npm:attestations'],
      spki: 'AA==',
      validFrom: undefined,
      validUntil: undefined,
      origin: 'registry',
    });
    const [expiring] = parseRegistryKeys({ keys: [{ ...registryKey, expires: '2025-01-29T00:00:00.000Z' }] }, 'file');
    assert.equal(expiring?.validUntil, '2025-01-29T00:00:00.000Z');
  });

  test('in the format of the TUF target, one usage each', () => {
    const [first] = parseRegistryKeys({ keys: [tufKey] }, 'tuf');
    assert.deepEqual(first?.usages, ['npm:signatures']);
    assert.equal(first?.validFrom, '2020-01-01T00:00:00Z');
    assert.equal(first?.validUntil, undefined);
  });

  test('keys that no signature can be checked with are left out', () => {
    const others = [
      { ...registryKey, keytype: 'rsa' },
      { ...tufKey, keyUsage: 'npm:other' },
      { ...tufKey, publicKey: { ...tufKey.publicKey, keyDetails: 'PKIX_ED25519' } },
    ];
    assert.deepEqual(parseRegistryKeys({ keys: others }, 'file'), []);
  });

  const wrong: readonly unknown[] = [
    null,
    [],
    {},
    { keys: {} },
    { keys: [null] },
    { keys: [{ ...registryKey, keyid: '' }] },
    { keys: [{ ...registryKey, key: 'not base64!' }] },
    { keys: [{ ...registryKey, expires: 'some day' }] },
    { keys: [{ ...registryKey, expires: 5 }] },
    { keys: [{ ...tufKey, publicKey: null }] },
    // Without a start the key would hold since ever.
    { keys: [{ ...tufKey, publicKey: { ...tufKey.publicKey, validFor: {} } }] },
    { keys: [{ ...tufKey, publicKey: { ...tufKey.publicKey, validFor: { start: '2020-01-01', end: null } } }] },
    { keys: Array.from({ length: 1001 }, () => registryKey) },
  ];
  for (const json of wrong) {
    test(`refused: ${JSON.stringify(json).slice(0, 120)}`, () => {
      assert.throws(() => parseRegistryKeys(json, 'file'), KeyFormatError);
    });
  }

  test('a key id belongs to the strongest source that gives it', () => {
    const key = (keyid: string, origin: RegistryKey['origin'], spki: string): RegistryKey => ({
      keyid,
      usages: ['npm:signatures'],
      spki,
      validFrom: undefined,
      validUntil: undefined,
      origin,
    });
    const merged = mergeKeys(
      [key('a', 'file', '1')],
      [key('a', 'tuf', '2'), key('b', 'tuf', '3'), key('b', 'tuf', '4')],
      [key('b', 'registry', '5'), key('c', 'registry', '6')],
    );
    assert.deepEqual(
      merged.map(({ keyid, origin, spki }) => `${keyid} ${origin} ${spki}`),
      ['a file 1', 'b tuf 3', 'b tuf 4', 'c registry 6'],
    );
  });

  test('both formats of the real keys of npm say the same', (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const read = (name: string): readonly RegistryKey[] =>
      parseRegistryKeys(JSON.parse(readFileSync(path.join(shared, 'corpus/trust', name), 'utf8')), 'file');
    const [own, tuf] = [read('npm-registry-keys.registry-format.json'), read('npm-registry-keys.tuf.json')];
    const spkis = (keys: readonly RegistryKey[]): string[] =>
      [...new Set(keys.map(({ keyid, spki }) => `${keyid} ${spki}`))].toSorted();
    assert.equal(own.length, 2);
    assert.equal(tuf.length, 4);
    assert.deepEqual(spkis(own), spkis(tuf));
  });
});
