import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { FindingCode } from './finding-codes.ts';
import type { Evidence } from './model/evidence.ts';
import type { RegistrySignature } from './model/manifest.ts';
import type { RegistryKey } from './ports.ts';

const MAX_SIGNATURES = 16;
/** DER of an ECDSA signature over P-256 is 72 bytes at most. */
const MAX_SIGNATURE = 128;

export type SignatureCheck = Evidence['checks']['signature'];

export interface SignedVersion {
  readonly name: string;
  readonly version: string;
  /** The locked digest, lower-case hex. */
  readonly sha512: string;
  /** `dist.signatures`, as served. */
  readonly signatures: readonly RegistrySignature[];
  /** The keys in force for the registry; only those of usage `npm:signatures` count. */
  readonly keys: readonly RegistryKey[];
  /** ISO 8601: when the version was published, as an authenticated source (the publish attestation's log) says. */
  readonly trustedTime: string | undefined;
  /** ISO 8601: the same, as the registry's unsigned metadata says. */
  readonly publishedAt: string | undefined;
  /** Default: decodes anew each time. */
  readonly decodeKey?: KeyDecoder | undefined;
}

/** The key as one of P-256; undefined where it is none. */
export type KeyDecoder = (key: RegistryKey) => KeyObject | undefined;

/** Decodes each key once: that costs as much as verifying a signature with it. */
export function createKeyDecoder(): KeyDecoder {
  const decoded = new Map<string, KeyObject | undefined>();
  return (key) => {
    if (!decoded.has(key.spki)) decoded.set(key.spki, decodeKey(key));
    return decoded.get(key.spki);
  };
}

/**
 * The registry's signature: ECDSA P-256 with SHA-256 over `name@version:integrity`, the integrity being the locked
 * digest. Of several signatures, each that is by a known key must verify.
 *
 * A key that has expired still vouches for what it signed before. When that was is known for sure only from
 * `trustedTime`; without it `publishedAt` can convict (published after the end of the key) but never acquit, as whoever
 * holds an expired key and the metadata could write any date. The start of a key's validity is not held against a
 * signature: registries sign old versions again with new keys.
 * https://docs.npmjs.com/about-registry-signatures
 */
export function checkRegistrySignature(signed: SignedVersion): SignatureCheck {
  const { signatures } = signed;
  const keys = signed.keys.filter(({ usages }) => usages.includes('npm:signatures'));
  if (signatures.length > MAX_SIGNATURES) return invalid('signature-invalid', `it has ${signatures.length} signatures`);
  if (signatures.length === 0) {
    return keys.length === 0
      ? { status: 'not-applicable', reason: 'no key is known for its registry' }
      : { status: 'absent', reason: 'the registry has keys, and no signature for this version' };
  }
  const checks = signatures.map((signature) => checkOne(signature, signed, keys));
  return (
    checks.find((check) => check.status === 'invalid' && check.code !== 'signature-unknown-key') ??
    checks.find((check) => check.status !== 'invalid') ??
    checks[0] ?? { status: 'absent', reason: 'there is none' }
  );
}

function checkOne(signature: RegistrySignature, signed: SignedVersion, keys: readonly RegistryKey[]): SignatureCheck {
  const { keyid } = signature;
  const [key, ...others] = keys.filter((candidate) => candidate.keyid === keyid);
  if (key === undefined)
    return invalid('signature-unknown-key', `it is by the key ${keyid}, which is not trusted here`);
  const publicKey = (signed.decodeKey ?? decodeKey)(key);
  if (publicKey === undefined || others.some(({ spki }) => spki !== key.spki)) {
    return { status: 'unavailable', error: 'ERR_KEYS', reason: `the key ${keyid} is not one public key of P-256` };
  }
  if (!verifies(signature, signed, publicKey)) {
    return invalid('signature-invalid', `the signature by ${keyid} is not over the locked digest of this version`);
  }
  const time = signed.trustedTime ?? signed.publishedAt;
  const isExpired = time !== undefined && ![key, ...others].some(({ validUntil }) => isBefore(time, validUntil));
  if (isExpired) return invalid('signature-key-expired', `the key ${keyid} had expired by ${time}`);
  return { status: 'verified', keyid, keyOrigin: key.origin };
}

function verifies({ sig }: RegistrySignature, { name, version, sha512 }: SignedVersion, key: KeyObject): boolean {
  const signature = Buffer.from(sig, 'base64');
  if (signature.length > MAX_SIGNATURE || signature.toString('base64') !== sig) return false;
  const integrity = `sha512-${Buffer.from(sha512, 'hex').toString('base64')}`;
  return verify('sha256', Buffer.from(`${name}@${version}:${integrity}`), key, signature);
}

function decodeKey({ spki }: RegistryKey): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a time is no later than an end that may be open; one that cannot be read is later than any. */
function isBefore(time: string, end: string | undefined): boolean {
  return end === undefined || Date.parse(time) <= Date.parse(end);
}

function invalid(code: FindingCode, reason: string): SignatureCheck {
  return { status: 'invalid', code, reason };
}
