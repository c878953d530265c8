import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { JsonNode } from '@lockseal/core';
import type { Signer } from '@sigstore/sign';
import { tokenSubject } from '../identity/token.ts';
import { refused, type ServiceClient, type ServiceRequest } from './service-client.ts';

const MAX_CERTIFICATE = 64 * 1024;

/**
 * Signs with a key of its own, which lives as long as the signer, and which the certificate authority certifies to belong
 * to the identity of the token. Every signature has a certificate of its own.
 * https://github.com/sigstore/fulcio/blob/main/fulcio.proto (CreateSigningCertificate)
 */
export function fulcioSigner(baseUrl: string, token: string, client: ServiceClient): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const proof = sign('sha256', Buffer.from(tokenSubject(token)), privateKey);
  const content = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const request: ServiceRequest = {
    service: 'certificate authority',
    url: `${baseUrl}/api/v2/signingCert`,
    body: {
      credentials: { oidcIdentityToken: token },
      publicKeyRequest: {
        publicKey: { algorithm: 'ECDSA', content },
        proofOfPossession: proof.toString('base64'),
      },
    },
  };
  return {
    async sign(data) {
      const { json } = await client.askJson(request);
      const certificate = readCertificate(request, json);
      const { publicKey: certified } = new X509Certificate(certificate);
      if (!certified.equals(publicKey)) throw refused(request, 'a certificate for another key');
      return { signature: sign('sha256', data, privateKey), key: { $case: 'x509Certificate', certificate } };
    },
  };
}

/** The first of the chain, in PEM, whichever way its SCT is delivered. */
function readCertificate(request: ServiceRequest, json: unknown): string {
  try {
    const answer = new JsonNode(json, '');
    const signed = answer.optional('signedCertificateEmbeddedSct') ?? answer.member('signedCertificateDetachedSct');
    const [leaf] = signed.member('chain').member('certificates').list(16);
    if (leaf === undefined) throw new RangeError('its chain is empty');
    return new X509Certificate(leaf.text(MAX_CERTIFICATE)).toString();
  } catch (cause) {
    throw refused(request, `an answer without a certificate: ${cause instanceof Error ? cause.message : ''}`, cause);
  }
}
