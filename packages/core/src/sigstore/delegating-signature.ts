import type { KeyObject } from 'node:crypto';
import type { SignedEntity } from '@sigstore/verify';

export type SignatureContent = SignedEntity['signature'];

/** The signature of a bundle as the library reads it, but for who answers whether a key has made it. */
export abstract class DelegatingSignature implements SignatureContent {
  readonly signature: Buffer;
  protected readonly content: SignatureContent;

  constructor(content: SignatureContent) {
    this.signature = content.signature;
    this.content = content;
  }

  compareSignature(signature: Buffer): boolean {
    return this.content.compareSignature(signature);
  }

  compareDigest(digest: Buffer): boolean {
    return this.content.compareDigest(digest);
  }

  compareSignedDigest(digest: Buffer): boolean {
    return this.content.compareSignedDigest(digest);
  }

  abstract verifySignature(key: KeyObject): boolean;
}
