import { verify, type KeyObject } from 'node:crypto';
import type { Bundle } from '@sigstore/bundle';
import { dsse } from '@sigstore/core';
import { toSignedEntity, type SignedEntity, type TrustMaterial } from '@sigstore/verify';
import { Certificate } from './certificate.ts';
import { DelegatingSignature, type SignatureContent } from './delegating-signature.ts';
import { DigestSignature, type Artifact } from './digest-signature.ts';

/**
 * A bundle as @sigstore/verify judges it, with a certificate that does nothing twice.
 * @throws whatever the libraries throw; see toRefusal
 */
export function toEntity(bundle: Bundle, artifact: Artifact | undefined): SignedEntity {
  if (artifact === undefined) return entityOf(bundle, undefined);
  if (artifact instanceof Uint8Array) return entityOf(bundle, Buffer.from(artifact));
  const entity = entityOf(bundle, undefined);
  if (bundle.content.$case !== 'messageSignature') return entity;
  return { ...entity, signature: new DigestSignature(entity.signature, artifact) };
}

function entityOf(bundle: Bundle, bytes: Buffer | undefined): SignedEntity {
  const leaf = leafDer(bundle);
  if (leaf === undefined) return toSignedEntity(bundle, bytes);
  // The library would parse the certificate as well; it does not look for one beside a key.
  const { verificationMaterial: material } = bundle;
  const content = { $case: 'publicKey', publicKey: { hint: '' } } as const;
  const entity = toSignedEntity({ ...bundle, verificationMaterial: { ...material, content } }, bytes);
  return { ...entity, key: { $case: 'certificate', certificate: Certificate.fromDer(leaf) } };
}

/** The certificate that the bundle is signed with; undefined where it is signed with a key. */
export function leafDer({ verificationMaterial: { content } }: Bundle): Buffer | undefined {
  switch (content.$case) {
    case 'publicKey':
      return undefined;
    case 'certificate':
      return content.certificate.rawBytes;
    case 'x509CertificateChain':
      return content.x509CertificateChain.certificates[0]?.rawBytes;
  }
}

/**
 * The same entity, for which the dearest check is already done, on another thread: the certificate's own signature
 * (P-384 in Sigstore's public-good instance), or what a known key has signed. Nothing is decided here: the verifier
 * asks the same questions in the same order as ever, and some answers are there. Never throws.
 */
export async function checkedAhead(
  entity: SignedEntity,
  bundle: Bundle,
  material: TrustMaterial,
): Promise<SignedEntity> {
  switch (entity.key.$case) {
    case 'certificate':
      await checkIssuersAhead(entity.key.certificate, material);
      return entity;
    case 'public-key':
      return { ...entity, signature: await checkSignatureAhead(entity, entity.key.hint, bundle, material) };
  }
}

async function checkIssuersAhead(leaf: unknown, material: TrustMaterial): Promise<void> {
  if (!(leaf instanceof Certificate)) return;
  await Promise.all(issuersOf(leaf, material).map((issuer) => leaf.verifyAhead(issuer)));
}

/** The trusted certificates that bear the name of the issuer; none for DER that is not of a certificate's shape. */
function issuersOf(leaf: Certificate, { certificateAuthorities }: TrustMaterial): Certificate[] {
  try {
    const name = leaf.issuer;
    return certificateAuthorities
      .flatMap(({ certChain }) => certChain)
      .filter((issuer) => issuer instanceof Certificate)
      .filter((issuer) => issuer.subject.equals(name));
  } catch {
    return [];
  }
}

async function checkSignatureAhead(
  { signature }: SignedEntity,
  hint: string,
  { content }: Bundle,
  material: TrustMaterial,
): Promise<SignatureContent> {
  const key = findKey(hint, material);
  if (key === undefined || content.$case !== 'dsseEnvelope') return signature;
  const { payloadType, payload } = content.dsseEnvelope;
  const verified = await verifyOnPool(dsse.preAuthEncoding(payloadType, payload), key, signature.signature);
  return verified === undefined ? signature : new CheckedSignature(signature, key, verified);
}

/** undefined where the verifier will find out itself that there is none. */
function findKey(hint: string, material: TrustMaterial): KeyObject | undefined {
  try {
    return material.publicKey(hint).publicKey;
  } catch {
    return undefined;
  }
}

function verifyOnPool(data: Buffer, key: KeyObject, signature: Buffer): Promise<boolean | undefined> {
  const { promise, resolve } = Promise.withResolvers<boolean | undefined>();
  verify(undefined, data, key, signature, (error, verified) => resolve(error === null ? verified : undefined));
  return promise;
}

/** The signature of an envelope, and whether this one key has made it. */
class CheckedSignature extends DelegatingSignature {
  readonly #key: KeyObject;
  readonly #verified: boolean;

  constructor(content: SignatureContent, key: KeyObject, verified: boolean) {
    super(content);
    this.#key = key;
    this.#verified = verified;
  }

  verifySignature(key: KeyObject): boolean {
    return key === this.#key ? this.#verified : this.content.verifySignature(key);
  }
}
