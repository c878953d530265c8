import type { CtLog } from './ct-log.ts';
import { fulcioExtensions, type CertificateIdentity } from './identity.ts';
import { generateSigningKey, type SigningKey } from './keys.ts';
import {
  basicConstraintsCa,
  CODE_SIGNING,
  extendedKeyUsage,
  KEY_USAGE_CA,
  KEY_USAGE_SIGN,
  signCertificate,
  subjectAltName,
  tbsCertificate,
  type Name,
} from './x509.ts';

/** How a leaf departs from what Fulcio issues; for tests of what must be refused. */
export interface CertificateFlaws {
  /** false: no signed certificate timestamp. */
  readonly sct?: boolean;
  /** The key purpose instead of code signing, as a dotted OID. */
  readonly extendedKeyUsage?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** A root and an intermediate of P-384, issuing leaves that live for ten minutes, like Fulcio's public instance. */
export interface CertificateAuthority {
  /** DER, intermediate first. */
  readonly chain: readonly Buffer[];
  issue(identity: CertificateIdentity, spki: Uint8Array, at: Date, flaws?: CertificateFlaws): Buffer;
}

const ROOT: Name = { organization: 'sigstore.test', commonName: 'sigstore' };
const INTERMEDIATE: Name = { organization: 'sigstore.test', commonName: 'sigstore-intermediate' };
const LIFETIME_MS = 10 * 60_000;

export function createCertificateAuthority(ctLog: CtLog, validity: Validity): CertificateAuthority {
  const root = generateSigningKey('P-384');
  const intermediate = generateSigningKey('P-384');
  const chain = [
    caCertificate(INTERMEDIATE, intermediate, ROOT, root, validity, [
      KEY_USAGE_CA,
      extendedKeyUsage(CODE_SIGNING),
      basicConstraintsCa(0),
    ]),
    caCertificate(ROOT, root, ROOT, root, validity, [KEY_USAGE_CA, basicConstraintsCa(undefined)]),
  ];
  return {
    chain,
    issue(identity, spki, at, flaws = {}) {
      const notBefore = flaws.notBefore ?? at;
      const tbs = tbsCertificate(
        {
          subject: undefined,
          subjectSpki: spki,
          issuer: INTERMEDIATE,
          issuerSpki: intermediate.spki,
          notBefore,
          notAfter: flaws.notAfter ?? new Date(notBefore.getTime() + LIFETIME_MS),
          usage: [KEY_USAGE_SIGN, extendedKeyUsage(flaws.extendedKeyUsage ?? CODE_SIGNING)],
          names: [subjectAltName(identity.sanType, identity.san), ...fulcioExtensions(identity)],
        },
        intermediate.algorithm,
      );
      if (flaws.sct === false) return signCertificate(tbs, intermediate);
      const sct = ctLog.sctExtension(tbs, intermediate.spki, at);
      return signCertificate({ head: tbs.head, extensions: [...tbs.extensions, sct] }, intermediate);
    },
  };
}

/** From when until when roots, logs and authorities are valid. */
export interface Validity {
  readonly start: Date;
  readonly end: Date;
}

export function caCertificate(
  subject: Name,
  key: SigningKey,
  issuer: Name,
  issuerKey: SigningKey,
  validity: Validity,
  usage: readonly Uint8Array[],
): Buffer {
  const template = {
    subject,
    subjectSpki: key.spki,
    issuer,
    issuerSpki: issuerKey.spki,
    notBefore: validity.start,
    notAfter: validity.end,
    usage,
  };
  return signCertificate(tbsCertificate(template, issuerKey.algorithm), issuerKey);
}
