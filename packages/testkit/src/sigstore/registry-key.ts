import type { RegistryKey } from '@lockseal/core';
import { generateSigningKey, sha256, signWith, type SigningKey } from './keys.ts';

export type KeyUsage = 'npm:signatures' | 'npm:attestations';

/** A registry's signing key with the validity that its keys document and the TUF target tell. */
export interface RegistryKeyPair extends SigningKey {
  /** `SHA256:` and the unpadded base64 of the SHA-256 of the SubjectPublicKeyInfo. */
  readonly keyid: string;
  readonly usages: readonly KeyUsage[];
  readonly validFrom: Date;
  readonly validUntil: Date | undefined;
}

export interface RegistryKeyOptions {
  /** Default: both. */
  readonly usages?: readonly KeyUsage[];
  /** Default: 2020-01-01. */
  readonly validFrom?: Date;
  /** Default: never. */
  readonly validUntil?: Date | undefined;
}

export function createRegistryKey(options: RegistryKeyOptions = {}): RegistryKeyPair {
  const key = generateSigningKey('P-256');
  return {
    ...key,
    keyid: `SHA256:${sha256(key.spki).toString('base64').replace(/=+$/, '')}`,
    usages: options.usages ?? ['npm:signatures', 'npm:attestations'],
    validFrom: options.validFrom ?? new Date('2020-01-01T00:00:00.000Z'),
    validUntil: options.validUntil,
  };
}

/** The member of `dist.signatures`: ECDSA P-256 with SHA-256 over `name@version:integrity`. */
export function signPackage(key: RegistryKeyPair, name: string, version: string, integrity: string): PackageSignature {
  const signature = signWith(key, Buffer.from(`${name}@${version}:${integrity}`));
  return { keyid: key.keyid, sig: signature.toString('base64') };
}

export interface PackageSignature {
  readonly keyid: string;
  readonly sig: string;
}

/** The public half in the words of `@lockseal/core`; `origin` says where the verifier is to have it from. */
export function toRegistryKey(key: RegistryKeyPair, origin: RegistryKey['origin'] = 'tuf'): RegistryKey {
  return {
    keyid: key.keyid,
    usages: key.usages,
    spki: key.spki.toString('base64'),
    validFrom: key.validFrom.toISOString(),
    validUntil: key.validUntil?.toISOString(),
    origin,
  };
}

/** The answer to `/-/npm/v1/keys`. */
export function keysDocument(keys: readonly RegistryKey[]): { readonly keys: readonly object[] } {
  return {
    keys: keys
      .filter((key) => key.usages.includes('npm:signatures'))
      .map((key) => ({
        expires: key.validUntil ?? null,
        keyid: key.keyid,
        keytype: 'ecdsa-sha2-nistp256',
        scheme: 'ecdsa-sha2-nistp256',
        key: key.spki,
      })),
  };
}

/** The TUF target `registry.npmjs.org/keys.json`: one member a key and usage. */
export function keysTarget(keys: readonly RegistryKeyPair[]): { readonly keys: readonly object[] } {
  return {
    keys: keys.flatMap((key) =>
      key.usages.map((keyUsage) => ({
        keyId: key.keyid,
        keyUsage,
        publicKey: {
          rawBytes: key.spki.toString('base64'),
          keyDetails: 'PKIX_ECDSA_P256_SHA_256',
          validFor: {
            start: key.validFrom.toISOString(),
            ...(key.validUntil === undefined ? {} : { end: key.validUntil.toISOString() }),
          },
        },
      })),
    ),
  };
}
