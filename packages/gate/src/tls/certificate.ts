import { createHash, randomBytes, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  NameConstraints,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
  Extensions,
} from '@peculiar/asn1-x509';

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const ANY_ADDRESS = ['0.0.0.0/0', '::/0'];

/** A certificate of the gate, as far as two of them differ. */
export interface CertificateOptions {
  readonly subject: string;
  readonly subjectKey: KeyObject;
  readonly issuer: string;
  /** P-256. */
  readonly issuerKey: KeyObject;
  readonly issuerPublicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Extension[];
}

/** Makes and signs an X.509 v3 certificate (RFC 5280). @returns PEM */
export function makeCertificate(options: CertificateOptions): string {
  const { subjectKey, issuerKey, issuerPublicKey, notBefore, notAfter } = options;
  const algorithm = new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const subjectInfo = infoOf(subjectKey);
  const issuerInfo = issuerPublicKey === subjectKey ? subjectInfo : infoOf(issuerPublicKey);
  const identifiers = [
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifier(subjectInfo))),
    extension(
      id_ce_authorityKeyIdentifier,
      new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier(issuerInfo)) }),
    ),
  ];
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature: algorithm,
    issuer: nameOf(options.issuer),
    validity: new Validity({ notBefore, notAfter }),
    subject: nameOf(options.subject),
    subjectPublicKeyInfo: subjectInfo,
    extensions: new Extensions([...options.extensions, ...identifiers]),
  });
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), issuerKey);
  const certificate = new Certificate({
    tbsCertificate,
    signatureAlgorithm: algorithm,
    signatureValue: toArrayBuffer(signature),
  });
  return new X509Certificate(Buffer.from(AsnConvert.serialize(certificate))).toString();
}

/**
 * What the authority may do: sign certificates of servers, no further authorities, and for these hosts alone.
 * @param hosts names, and addresses without brackets
 */
export function authorityExtensions(
  hosts: readonly { readonly name: string; readonly isAddress: boolean }[],
): Extension[] {
  const names = hosts.filter(({ isAddress }) => !isAddress).map(({ name }) => name);
  const addresses = hosts
    .filter(({ isAddress }) => isAddress)
    .map(({ name }) => `${name}/${name.includes(':') ? 128 : 32}`);
  // A kind of name that nothing is said about is not constrained.
  const permitted = [
    ...(names.length > 0 ? names : ['lockseal.invalid']).map((dNSName) => subtree({ dNSName })),
    ...addresses.map((iPAddress) => subtree({ iPAddress })),
  ];
  const excluded = addresses.length > 0 ? [] : ANY_ADDRESS.map((iPAddress) => subtree({ iPAddress }));
  const constraints = new NameConstraints({
    permittedSubtrees: new GeneralSubtrees(permitted),
    ...(excluded.length > 0 && { excludedSubtrees: new GeneralSubtrees(excluded) }),
  });
  return [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign), true),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
    extension(id_ce_nameConstraints, constraints, true),
  ];
}

export function serverExtensions(host: { readonly name: string; readonly isAddress: boolean }): Extension[] {
  const name = new GeneralName(host.isAddress ? { iPAddress: host.name } : { dNSName: host.name });
  return [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
    extension(id_ce_subjectAltName, new SubjectAlternativeName([name])),
  ];
}

function extension(extnID: string, value: unknown, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function subtree(base: Partial<GeneralName>): GeneralSubtree {
  return new GeneralSubtree({ base: new GeneralName(base) });
}

function nameOf(commonName: string): Name {
  const value = new AttributeValue({ utf8String: commonName });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: COMMON_NAME, value })])]);
}

/** 16 bytes, positive. */
function serialNumber(): ArrayBuffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return toArrayBuffer(bytes);
}

/** An identifier, no security measure: RFC 7093, method 1. */
function keyIdentifier({ subjectPublicKey }: SubjectPublicKeyInfo): ArrayBuffer {
  return toArrayBuffer(createHash('sha256').update(Buffer.from(subjectPublicKey)).digest().subarray(0, 20));
}

function infoOf(key: KeyObject): SubjectPublicKeyInfo {
  return AsnConvert.parse(key.export({ format: 'der', type: 'spki' }), SubjectPublicKeyInfo);
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
