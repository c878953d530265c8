import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** A signing key with the encodings of its public half that logs, certificates and bundles carry. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
  readonly algorithm: 'P-256' | 'P-384' | 'Ed25519';
}

export function generateSigningKey(algorithm: SigningKey['algorithm']): SigningKey {
  const pair =
    algorithm === 'Ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: algorithm });
  return toSigningKey(algorithm, pair.privateKey, pair.publicKey);
}

function toSigningKey(algorithm: SigningKey['algorithm'], privateKey: KeyObject, publicKey: KeyObject): SigningKey {
  return { algorithm, privateKey, publicKey, spki: publicKey.export({ type: 'spki', format: 'der' }) };
}

/** Signs with the digest that goes with the curve: SHA-256, SHA-384, or none for Ed25519. ECDSA signatures are DER. */
export function signWith(key: SigningKey, data: Uint8Array): Buffer {
  const digest = { 'P-256': 'sha256', 'P-384': 'sha384', Ed25519: null }[key.algorithm];
  return sign(digest, data, key.privateKey);
}

export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** PEM with lines of 64 characters and a trailing newline, as OpenSSL writes it. */
export function pem(label: 'CERTIFICATE' | 'PUBLIC KEY', der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
