import type { KeyObject } from 'node:crypto';
import type { SignedEntity } from '@sigstore/verify';

/** A signed file, or what is known of one that is not at hand. */
export type Artifact = Uint8Array | ArtifactDigest;

export interface ArtifactDigest {
  /** 32 bytes. */
  readonly sha256: Uint8Array;
  /**
   * Whether the key has signed the file of this digest. Node's own crypto hashes what it verifies, so whoever has only
   * a digest brings the arithmetic along. What it throws, the bundle is refused for.
   */
  verifySignature(key: KeyObject, sha256: Uint8Array, signature: Uint8Array): boolean;
}

type SignatureContent = SignedEntity['signature'];

/** The signature of a file of which only the digest is at hand. */
export class DigestSignature implements SignatureContent {
  readonly signature: Buffer;
  readonly #content: SignatureContent;
  readonly #artifact: ArtifactDigest;

  constructor(content: SignatureContent, artifact: ArtifactDigest) {
    this.signature = content.signature;
    this.#content = content;
    this.#artifact = artifact;
  }

  compareSignature(signature: Buffer): boolean {
    return this.#content.compareSignature(signature);
  }

  compareDigest(digest: Buffer): boolean {
    return this.#content.compareDigest(digest);
  }

  compareSignedDigest(digest: Buffer): boolean {
    return this.#content.compareSignedDigest(digest);
  }

  verifySignature(key: KeyObject): boolean {
    return this.#artifact.verifySignature(key, this.#artifact.sha256, this.signature);
  }
}
