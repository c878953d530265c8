import type { KeyOrigin, RegistryKey } from '@lockseal/core';

type Usage = RegistryKey['usages'][number];

/** More keys than that no registry has. */
const MAX_KEYS = 1000;
const BOTH: readonly Usage[] = ['npm:signatures', 'npm:attestations'];

/** Why a key file cannot be used; the caller knows where it comes from and makes the coded error. */
export class KeyFormatError extends Error {}

/**
 * Registry keys in either of their two formats:
 * - a registry's `/-/npm/v1/keys`: `{keys: [{keyid, keytype, scheme, key, expires}]}`, for both usages;
 * - the TUF target: `{keys: [{keyId, keyUsage, publicKey: {rawBytes, keyDetails, validFor: {start, end}}}]}`.
 * Keys of another algorithm than ECDSA on P-256 are left out, since no signature can be checked with them.
 * @throws KeyFormatError
 */
export function parseRegistryKeys(json: unknown, origin: KeyOrigin): readonly RegistryKey[] {
  const listed = members(json, 'the file').get('keys');
  if (!Array.isArray(listed)) throw new KeyFormatError('keys is not an array');
  if (listed.length > MAX_KEYS) throw new KeyFormatError(`there are more than ${MAX_KEYS} keys`);
  return listed.flatMap((item: unknown, index) => {
    const key = members(item, `keys[${index}]`);
    return (key.has('publicKey') ? tufKey : registryKey)(key, `keys[${index}]`, origin);
  });
}

function registryKey(key: ReadonlyMap<string, unknown>, what: string, origin: KeyOrigin): readonly RegistryKey[] {
  const keyid = text(key, 'keyid', what);
  if (text(key, 'keytype', what) !== 'ecdsa-sha2-nistp256') return [];
  const expires = key.get('expires');
  const validUntil = expires === null || expires === undefined ? undefined : time(key, 'expires', what);
  return [{ keyid, usages: BOTH, spki: spki(key, 'key', what), validFrom: undefined, validUntil, origin }];
}

function tufKey(key: ReadonlyMap<string, unknown>, what: string, origin: KeyOrigin): readonly RegistryKey[] {
  const keyid = text(key, 'keyId', what);
  const usage = BOTH.find((known) => known === key.get('keyUsage'));
  const publicKey = members(key.get('publicKey'), `${what}.publicKey`);
  if (usage === undefined || text(publicKey, 'keyDetails', what) !== 'PKIX_ECDSA_P256_SHA_256') return [];
  const validFor = members(publicKey.get('validFor'), `${what}.publicKey.validFor`);
  return [
    {
      keyid,
      usages: [usage],
      spki: spki(publicKey, 'rawBytes', what),
      validFrom: time(validFor, 'start', what),
      validUntil: validFor.has('end') ? time(validFor, 'end', what) : undefined,
      origin,
    },
  ];
}

/**
 * The keys in force for one registry: those pinned by file, then those of TUF (or embedded), then the registry's own.
 * A key id belongs to the strongest source that gives it, so that a registry can add keys and never replace one.
 */
export function mergeKeys(...strongestFirst: readonly (readonly RegistryKey[])[]): readonly RegistryKey[] {
  const taken = new Set<string>();
  return strongestFirst.flatMap((keys) => {
    const added = keys.filter((key) => !taken.has(key.keyid));
    for (const key of added) taken.add(key.keyid);
    return added;
  });
}

function members(value: unknown, what: string): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new KeyFormatError(`${what} is not an object`);
  }
  return new Map(Object.entries(value));
}

function text(from: ReadonlyMap<string, unknown>, key: string, what: string): string {
  const value = from.get(key);
  if (typeof value !== 'string' || value === '') throw new KeyFormatError(`${what}.${key} is not a string`);
  return value;
}

function spki(from: ReadonlyMap<string, unknown>, key: string, what: string): string {
  const value = text(from, key, what);
  if (Buffer.from(value, 'base64').toString('base64') !== value)
    throw new KeyFormatError(`${what}.${key} is not base64`);
  return value;
}

function time(from: ReadonlyMap<string, unknown>, key: string, what: string): string {
  const value = text(from, key, what);
  if (Number.isNaN(Date.parse(value))) throw new KeyFormatError(`${what}.${key} is not a time`);
  return value;
}
