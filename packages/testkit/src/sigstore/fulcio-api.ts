import { createPublicKey, verify } from 'node:crypto';
import { pem } from './keys.ts';
import type { TokenIssuer } from './oidc.ts';
import type { Services } from './signing.ts';

interface SigningCertRequest {
  readonly credentials: { readonly oidcIdentityToken: string };
  readonly publicKeyRequest: { readonly publicKey: { readonly content: string }; readonly proofOfPossession: string };
}

/**
 * Fulcio's `POST /api/v2/signingCert`: checks token and proof of possession, and answers the certificate chain.
 * https://github.com/sigstore/fulcio/blob/main/fulcio.proto
 */
export function issueCertificate(services: Services, issuer: TokenIssuer, body: string): unknown {
  const request = JSON.parse(body) as SigningCertRequest;
  const holder = issuer.read(request.credentials.oidcIdentityToken);
  const publicKey = createPublicKey(request.publicKeyRequest.publicKey.content);
  const proof = Buffer.from(request.publicKeyRequest.proofOfPossession, 'base64');
  if (!verify('sha256', Buffer.from(holder.subject), publicKey, proof)) {
    throw new Error('the proof of possession does not verify');
  }
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const leaf = services.certificateAuthority.issue(holder.identity, spki, services.clock());
  const certificates = [leaf, ...services.certificateAuthority.chain].map((der) => pem('CERTIFICATE', der));
  return { signedCertificateEmbeddedSct: { chain: { certificates } } };
}
