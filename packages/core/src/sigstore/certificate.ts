import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { X509Certificate, type ASN1Obj } from '@sigstore/core';
import { parseDer, thaw } from './der-tree.ts';

/**
 * A certificate for @sigstore/verify that does each piece of work once: it keeps its DER, its decoded key, and which
 * issuers have signed it. The library asks the same of the same intermediate and root for every bundle; here the
 * first answer stands, as neither bytes nor keys of a certificate can change.
 */
export class Certificate extends X509Certificate {
  readonly #signedBy = new WeakMap<Certificate, boolean>();
  #key: KeyObject | undefined;
  #extensions: ASN1Obj[] | undefined;
  #subjectKeyId: X509Certificate['extSubjectKeyID'] | null = null;
  #authorityKeyId: X509Certificate['extAuthorityKeyID'] | null = null;
  #notBefore: Date | undefined;
  #notAfter: Date | undefined;

  /** @throws RangeError for what is not one element of DER */
  static fromDer(der: Buffer): Certificate {
    return new Certificate(parseDer(der));
  }

  // What the library asks of every certificate in a chain, for every bundle.

  override get extensions(): ASN1Obj[] {
    this.#extensions ??= super.extensions;
    return this.#extensions;
  }

  override get extSubjectKeyID(): X509Certificate['extSubjectKeyID'] {
    if (this.#subjectKeyId === null) this.#subjectKeyId = super.extSubjectKeyID;
    return this.#subjectKeyId;
  }

  override get extAuthorityKeyID(): X509Certificate['extAuthorityKeyID'] {
    if (this.#authorityKeyId === null) this.#authorityKeyId = super.extAuthorityKeyID;
    return this.#authorityKeyId;
  }

  override get notBefore(): Date {
    this.#notBefore ??= super.notBefore;
    return this.#notBefore;
  }

  override get notAfter(): Date {
    this.#notAfter ??= super.notAfter;
    return this.#notAfter;
  }

  /** Whether the issuer's key (its own, without one) has signed these very bytes. */
  override verify(issuer: X509Certificate = this): boolean {
    // Only our own cannot change after it has answered.
    if (!(issuer instanceof Certificate)) return super.verify(issuer);
    const known = this.#signedBy.get(issuer) ?? this.#verifyWith(issuer);
    this.#signedBy.set(issuer, known);
    return known;
  }

  /**
   * Answers `verify(issuer)` ahead of the question, on a thread of its own. An answer that cannot be had this way is
   * left to `verify`.
   */
  async verifyAhead(issuer: Certificate): Promise<void> {
    if (this.#signedBy.has(issuer)) return;
    const { promise, resolve } = Promise.withResolvers<boolean | undefined>();
    try {
      const key = issuer.#decodedKey();
      verify(this.signatureAlgorithm, this.tbsCertificate.toDER(), key, this.signatureValue, (error, verified) =>
        resolve(error === null ? verified : undefined),
      );
    } catch {
      return;
    }
    const verified = await promise;
    if (verified !== undefined) this.#signedBy.set(issuer, verified);
  }

  #verifyWith(issuer: Certificate): boolean {
    const key = issuer.#decodedKey();
    try {
      return verify(this.signatureAlgorithm, this.tbsCertificate.toDER(), key, this.signatureValue);
    } catch {
      // As in the library: what cannot be verified is not verified.
      return false;
    }
  }

  #decodedKey(): KeyObject {
    this.#key ??= createPublicKey({ key: this.publicKey, format: 'der', type: 'spki' });
    return this.#key;
  }

  /** A copy whose list of extensions can be altered, as the check of SCTs does; only what contains the list is new. */
  override clone(): X509Certificate {
    const [tbs, ...rest] = this.root.subs;
    if (tbs === undefined) return super.clone();
    const parts = tbs.subs.map((part) => (part.tag.isContextSpecific(EXTENSIONS) ? thawExtensions(part) : part));
    return new X509Certificate(thaw(this.root, [thaw(tbs, parts), ...rest]));
  }
}

/** Tag of the extensions in a TBSCertificate (RFC 5280 section 4.1). */
const EXTENSIONS = 3;

function thawExtensions(extensions: ASN1Obj): ASN1Obj {
  return thaw(
    extensions,
    extensions.subs.map((list) => thaw(list)),
  );
}
