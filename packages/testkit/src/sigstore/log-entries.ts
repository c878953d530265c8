import { dsse } from '@sigstore/core';
import { pem, sha256 } from './keys.ts';

/** What is put on a log: a signature with what verifies it and what it is over. */
export interface SignedContent {
  readonly signature: Buffer;
  readonly verifier: Verifier;
  readonly content:
    | { readonly kind: 'dsse'; readonly payloadType: string; readonly payload: Buffer; readonly keyid: string }
    /** SHA-256 of the signed bytes. */
    | { readonly kind: 'message'; readonly digest: Buffer };
}

export type Verifier =
  | { readonly kind: 'certificate'; readonly der: Buffer }
  | { readonly kind: 'key'; readonly spki: Buffer; readonly details: string };

/** Kind and version of an entry, as bundles name them. */
export interface EntryKind {
  readonly kind: 'intoto' | 'dsse' | 'hashedrekord';
  readonly version: '0.0.1' | '0.0.2';
}

/** An entry's body, before canonicalisation. */
export interface EntryBody extends EntryKind {
  readonly spec: unknown;
}

type DsseContent = Extract<SignedContent['content'], { kind: 'dsse' }>;

const SHA256 = (digest: Buffer): object => ({ algorithm: 'sha256', value: digest.toString('hex') });

/** Digest of the bytes that the signature is over. */
function signedDigest(signed: SignedContent): Buffer {
  if (signed.content.kind === 'message') return signed.content.digest;
  return sha256(dsse.preAuthEncoding(signed.content.payloadType, signed.content.payload));
}

/** Rekor v1 `intoto` 0.0.2: signature and key are base64 of text that is itself base64 or PEM. */
export function intotoEntry(signed: SignedContent): EntryBody {
  const { content } = signed;
  if (content.kind !== 'dsse') throw new TypeError('an intoto entry holds a DSSE envelope');
  const signature = {
    ...(content.keyid === '' ? {} : { keyid: content.keyid }),
    publicKey: base64(verifierPem(signed.verifier)),
    sig: base64(signed.signature.toString('base64')),
  };
  return {
    kind: 'intoto',
    version: '0.0.2',
    spec: {
      content: {
        envelope: { payloadType: content.payloadType, signatures: [signature] },
        hash: SHA256(sha256(envelopeJson(content, signed.signature))),
        payloadHash: SHA256(sha256(content.payload)),
      },
    },
  };
}

/** Rekor v1 `dsse` 0.0.1. */
export function dsseEntry(signed: SignedContent): EntryBody {
  const { content } = signed;
  if (content.kind !== 'dsse') throw new TypeError('a dsse entry holds a DSSE envelope');
  return {
    kind: 'dsse',
    version: '0.0.1',
    spec: {
      envelopeHash: SHA256(sha256(envelopeJson(content, signed.signature))),
      payloadHash: SHA256(sha256(content.payload)),
      signatures: [{ signature: signed.signature.toString('base64'), verifier: base64(verifierPem(signed.verifier)) }],
    },
  };
}

/** Rekor v1 `hashedrekord` 0.0.1; for a DSSE envelope the digest is of its pre-authentication encoding. */
export function hashedrekordEntry(signed: SignedContent): EntryBody {
  return {
    kind: 'hashedrekord',
    version: '0.0.1',
    spec: {
      data: { hash: SHA256(signedDigest(signed)) },
      signature: {
        content: signed.signature.toString('base64'),
        publicKey: { content: base64(verifierPem(signed.verifier)) },
      },
    },
  };
}

/** Rekor v2 `dsse` 0.0.2. */
export function dsseEntryV2(signed: SignedContent): EntryBody {
  if (signed.content.kind !== 'dsse') throw new TypeError('a dsse entry holds a DSSE envelope');
  const payloadHash = { algorithm: 'SHA2_256', digest: sha256(signed.content.payload).toString('base64') };
  const signatures = [{ content: signed.signature.toString('base64'), verifier: verifierV2(signed.verifier) }];
  return { kind: 'dsse', version: '0.0.2', spec: { dsseV002: { payloadHash, signatures } } };
}

/** Rekor v2 `hashedrekord` 0.0.2. */
export function hashedrekordEntryV2(signed: SignedContent): EntryBody {
  const data = { algorithm: 'SHA2_256', digest: signedDigest(signed).toString('base64') };
  const signature = { content: signed.signature.toString('base64'), verifier: verifierV2(signed.verifier) };
  return { kind: 'hashedrekord', version: '0.0.2', spec: { hashedRekordV002: { data, signature } } };
}

function verifierPem(verifier: Verifier): string {
  return verifier.kind === 'certificate' ? pem('CERTIFICATE', verifier.der) : pem('PUBLIC KEY', verifier.spki);
}

function verifierV2(verifier: Verifier): object {
  return verifier.kind === 'certificate'
    ? { keyDetails: 'PKIX_ECDSA_P256_SHA_256', x509Certificate: { rawBytes: verifier.der.toString('base64') } }
    : { keyDetails: verifier.details, publicKey: { rawBytes: verifier.spki.toString('base64') } };
}

function envelopeJson(content: DsseContent, signature: Buffer): Buffer {
  const signatures = [{ keyid: content.keyid, sig: signature.toString('base64') }];
  const payload = content.payload.toString('base64');
  return Buffer.from(JSON.stringify({ payload, payloadType: content.payloadType, signatures }));
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
