import type { Witness } from '@sigstore/sign';

/** What a witness is shown: an envelope, or the signature of a file. */
export type SignedContent = Parameters<Witness['testify']>[0];

/** The one signature; empty where there is none, which no service takes. */
export function signatureOf(content: SignedContent): Buffer {
  return content.$case === 'messageSignature'
    ? content.messageSignature.signature
    : (content.dsseEnvelope.signatures[0]?.sig ?? Buffer.alloc(0));
}
