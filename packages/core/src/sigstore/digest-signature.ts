import type { KeyObject } from 'node:crypto';
import { DelegatingSignature, type SignatureContent } from './delegating-signature.ts';

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

/** The signature of a file of which only the digest is at hand. */
export class DigestSignature extends DelegatingSignature {
  readonly #artifact: ArtifactDigest;

  constructor(content: SignatureContent, artifact: ArtifactDigest) {
    super(content);
    this.#artifact = artifact;
  }

  verifySignature(key: KeyObject): boolean {
    return this.#artifact.verifySignature(key, this.#artifact.sha256, this.signature);
  }
}
