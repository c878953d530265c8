import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { LocksealError } from '@lockseal/core/approval';

/**
 * Signs with one long-lived key, wherever that is: a file, a key service, a token. To add a key service, implement
 * this and hand it to `signStatements`.
 */
export interface Signer {
  /** P-256, P-384 or Ed25519; verifiers find it by `keyHint`. */
  readonly publicKey: KeyObject;
  /**
   * ECDSA: the DER signature over the sha256 of `data`, for P-384 too, because that is the digest with which verifiers
   * check DSSE envelopes whatever the curve. Ed25519: the 64 bytes over `data` itself.
   * @throws LocksealError ERR_SIGNING
   */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** A signer that is shown digests only. ECDSA alone: Ed25519 signs whole messages. */
export interface DigestSigner {
  readonly publicKey: KeyObject;
  /** @param digest 32 bytes, sha256 @returns the signature in DER */
  signDigest(digest: Uint8Array): Promise<Uint8Array>;
}

/** @throws LocksealError ERR_SIGNING_KEY for a key that cannot sign a digest */
export function fromDigestSigner(signer: DigestSigner): Signer {
  if (signer.publicKey.asymmetricKeyType !== 'ec') {
    throw new LocksealError('ERR_SIGNING_KEY', 'Only an ECDSA key signs a digest.', {
      found: signer.publicKey.asymmetricKeyType,
      hint: 'Use a P-256 key with this signer.',
    });
  }
  return {
    publicKey: signer.publicKey,
    sign: (data) => signer.signDigest(createHash('sha256').update(data).digest()),
  };
}

/** How bundles name a key: base64 of the sha256 of its SPKI DER. */
export function keyHint(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('base64');
}

/** Base64 SPKI DER to hint, as in `keyHint`. */
export function hintOfSpki(spki: string): string {
  return keyHint(createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' }));
}

/**
 * Signs, then verifies what came back, so that a wrong key or a wrong digest is found here and not by a later build.
 * @throws LocksealError ERR_SIGNING
 */
export async function signChecked(signer: Signer, data: Uint8Array): Promise<Uint8Array> {
  const signature = await signer.sign(data);
  if (verify(digestFor(signer.publicKey), data, signer.publicKey, signature)) return signature;
  throw new LocksealError('ERR_SIGNING', 'The signature does not verify with the public key of the signer.', {
    expected: 'ECDSA in DER over the sha256 of the data, or Ed25519',
    found: `${signature.length} bytes`,
    hint: 'Check that private and public key belong together.',
  });
}

/** What node:crypto wants to hear for DSSE signatures of this key. */
export function digestFor(key: KeyObject): 'sha256' | null {
  return key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
}
