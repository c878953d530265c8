import { createHash, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { LocksealError } from '@lockseal/core';
import { envelopeToJSON, type TransparencyLogEntry as LoggedEntry } from '@sigstore/bundle';
import { TransparencyLogEntry } from '@sigstore/protobuf-specs';
import type { Witness } from '@sigstore/sign';
import { preAuthEncoding } from './pre-auth-encoding.ts';

const MAX_ANSWER = 1024 * 1024;

/** https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_common.proto (PublicKeyDetails) */
const KEY_DETAILS: Readonly<Record<string, string>> = {
  prime256v1: 'PKIX_ECDSA_P256_SHA_256',
  secp384r1: 'PKIX_ECDSA_P384_SHA_256',
  ed25519: 'PKIX_ED25519',
};

type Content = Parameters<Witness['testify']>[0];

/**
 * Logs an envelope or a file in a Rekor 2 as a `hashedrekord` over the digest of what was signed. @sigstore/sign has a witness of
 * its own, which does two things that others refuse: it makes `dsse` entries, which cosign, sigstore-go and
 * sigstore-python do not know, and it announces a bare public key as an X.509 certificate.
 * An Ed25519 key signs no digest, so its entry is a `dsse` one after all; verifiers other than sigstore-js refuse it.
 * https://github.com/sigstore/rekor-tiles/blob/main/api/proto/rekor/v2/hashedrekord.proto
 */
export function rekor2Witness(url: string, timeoutMs: number): Witness {
  return {
    async testify(content, pem) {
      const body = JSON.stringify(toRequest(content, readVerifier(pem)));
      const answer = await post(`${url}/api/v2/log/entries`, body, timeoutMs);
      return { tlogEntries: [TransparencyLogEntry.fromJSON(answer) as LoggedEntry] };
    },
  };
}

interface Verifier {
  readonly key: KeyObject;
  readonly json: object;
}

function readVerifier(pem: string): Verifier {
  if (pem.includes('BEGIN CERTIFICATE')) {
    const certificate = new X509Certificate(pem);
    const rawBytes = certificate.raw.toString('base64');
    return verifierOf(certificate.publicKey, { x509Certificate: { rawBytes } });
  }
  const key = createPublicKey(pem);
  const rawBytes = key.export({ type: 'spki', format: 'der' }).toString('base64');
  return verifierOf(key, { publicKey: { rawBytes } });
}

function verifierOf(key: KeyObject, material: object): Verifier {
  const keyDetails = KEY_DETAILS[key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? ''];
  return { key, json: { keyDetails, ...material } };
}

function toRequest(content: Content, { key, json: verifier }: Verifier): object {
  if (content.$case === 'messageSignature') {
    const { messageDigest, signature } = content.messageSignature;
    return hashedRekord(messageDigest.digest, signature, verifier);
  }
  const { dsseEnvelope } = content;
  const [signature] = dsseEnvelope.signatures;
  if (key.asymmetricKeyType === 'ed25519' || signature === undefined) {
    return { dsseRequestV002: { envelope: envelopeToJSON(dsseEnvelope), verifiers: [verifier] } };
  }
  const signed = preAuthEncoding(dsseEnvelope.payloadType, dsseEnvelope.payload);
  return hashedRekord(createHash('sha256').update(signed).digest(), signature.sig, verifier);
}

function hashedRekord(sha256: Buffer, signature: Buffer, verifier: object): object {
  const digest = sha256.toString('base64');
  return { hashedRekordRequestV002: { digest, signature: { content: signature.toString('base64'), verifier } } };
}

async function post(url: string, body: string, timeoutMs: number): Promise<unknown> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const signal = AbortSignal.timeout(timeoutMs);
  const request = { method: 'POST', headers, body, signal, redirect: 'error' } as const;
  const response = await fetch(url, request).catch((cause: unknown) => {
    throw refused(url, cause instanceof Error ? cause.message : String(cause), cause);
  });
  const text = await boundedText(response, url);
  if (!response.ok) throw refused(url, `status ${response.status}: ${text.slice(0, 300)}`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused(url, 'an answer that is not JSON', cause);
  }
}

async function boundedText(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_ANSWER) throw refused(url, 'an answer that is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refused(url: string, found: string, cause?: unknown): LocksealError {
  return new LocksealError('ERR_SIGNING', `The log ${url} did not take the entry.`, { found, cause });
}
