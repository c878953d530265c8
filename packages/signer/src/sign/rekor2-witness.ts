import { createHash, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { envelopeToJSON, type TransparencyLogEntry as LoggedEntry } from '@sigstore/bundle';
import { TransparencyLogEntry } from '@sigstore/protobuf-specs';
import type { Witness } from '@sigstore/sign';
import { preAuthEncoding } from './pre-auth-encoding.ts';
import { refused, type ServiceClient, type ServiceRequest } from './service-client.ts';
import type { SignedContent } from './signed-content.ts';

/** https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_common.proto (PublicKeyDetails) */
const KEY_DETAILS: Readonly<Record<string, string>> = {
  prime256v1: 'PKIX_ECDSA_P256_SHA_256',
  secp384r1: 'PKIX_ECDSA_P384_SHA_256',
  ed25519: 'PKIX_ED25519',
};

/**
 * Logs an envelope or a file in a Rekor 2 as a `hashedrekord` over the digest of what was signed. @sigstore/sign has a witness of
 * its own, which does two things that others refuse: it makes `dsse` entries, which cosign, sigstore-go and
 * sigstore-python do not know, and it announces a bare public key as an X.509 certificate.
 * An Ed25519 key signs no digest, so its entry is a `dsse` one after all; verifiers other than sigstore-js refuse it.
 * https://github.com/sigstore/rekor-tiles/blob/main/api/proto/rekor/v2/hashedrekord.proto
 */
export function rekor2Witness(baseUrl: string, client: ServiceClient): Witness {
  return {
    async testify(content, pem) {
      const request: ServiceRequest = {
        service: 'transparency log',
        url: `${baseUrl}/api/v2/log/entries`,
        body: toRequest(content, readVerifier(pem)),
      };
      const { json } = await client.askJson(request);
      return { tlogEntries: [readEntry(request, json)] };
    },
  };
}

function readEntry(request: ServiceRequest, json: unknown): LoggedEntry {
  try {
    return TransparencyLogEntry.fromJSON(json) as LoggedEntry;
  } catch (cause) {
    throw refused(request, 'an answer without an entry', cause);
  }
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

function toRequest(content: SignedContent, { key, json: verifier }: Verifier): object {
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
