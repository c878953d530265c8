import { createHash, randomBytes } from 'node:crypto';
import {
  bits,
  context,
  contextPrimitive,
  integer,
  octets,
  oid,
  printable,
  sequence,
  setOf,
  time,
  TRUE,
} from './der.ts';
import { signWith, type SigningKey } from './keys.ts';

/** A distinguished name of organization and common name; `undefined` is the empty name that Fulcio gives its leaves. */
export interface Name {
  readonly organization: string;
  readonly commonName: string;
}

export interface CertificateTemplate {
  readonly subject: Name | undefined;
  readonly subjectSpki: Uint8Array;
  readonly issuer: Name;
  readonly issuerSpki: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Encoded extensions that stand before the key identifiers, and those that stand after them. */
  readonly usage: readonly Uint8Array[];
  readonly names?: readonly Uint8Array[];
}

/** The to-be-signed part of an X.509 v3 certificate (RFC 5280 4.1.2), without the extensions list's wrapper. */
export interface TbsCertificate {
  readonly head: Buffer;
  readonly extensions: readonly Uint8Array[];
}

const ECDSA_WITH_SHA = {
  'P-256': sequence(oid('1.2.840.10045.4.3.2')),
  'P-384': sequence(oid('1.2.840.10045.4.3.3')),
  Ed25519: sequence(oid('1.3.101.112')),
};

export function signatureAlgorithm(algorithm: SigningKey['algorithm']): Buffer {
  return ECDSA_WITH_SHA[algorithm];
}

export function tbsCertificate(template: CertificateTemplate, algorithm: SigningKey['algorithm']): TbsCertificate {
  const head = Buffer.concat([
    context(0, integer(2)),
    integer(serialNumber()),
    signatureAlgorithm(algorithm),
    name(template.issuer),
    sequence(time(template.notBefore), time(template.notAfter)),
    name(template.subject),
    template.subjectSpki,
  ]);
  const identifiers = [
    extension('2.5.29.14', octets(keyIdentifier(template.subjectSpki))),
    extension('2.5.29.35', sequence(contextPrimitive(0, keyIdentifier(template.issuerSpki)))),
  ];
  return { head, extensions: [...template.usage, ...identifiers, ...(template.names ?? [])] };
}

export function encodeTbs(tbs: TbsCertificate): Buffer {
  return sequence(tbs.head, context(3, sequence(...tbs.extensions)));
}

export function signCertificate(tbs: TbsCertificate, issuer: SigningKey): Buffer {
  const encoded = encodeTbs(tbs);
  return sequence(encoded, signatureAlgorithm(issuer.algorithm), bits(signWith(issuer, encoded)));
}

/** 20 bytes, positive, of full length. */
function serialNumber(): Buffer {
  const bytes = randomBytes(20);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

export function name(of: Name | undefined): Buffer {
  if (of === undefined) return sequence();
  return sequence(
    setOf(sequence(oid('2.5.4.10'), printable(of.organization))),
    setOf(sequence(oid('2.5.4.3'), printable(of.commonName))),
  );
}

/** SHA-1 of the public key's bits (RFC 5280 4.2.1.2, method 1): an identifier, not a security measure. */
function keyIdentifier(spki: Uint8Array): Buffer {
  // The bits follow a header whose length the algorithm fixes; P-256 and P-384 points begin at a fixed offset.
  const header = spki.length > 100 ? 23 : spki.length > 50 ? 26 : 12;
  return createHash('sha1').update(spki.subarray(header)).digest();
}

export function extension(id: string, value: Uint8Array, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [TRUE] : []), octets(value));
}

export const KEY_USAGE_SIGN: Buffer = extension('2.5.29.15', bits(Buffer.of(0x80), 7), true);
export const KEY_USAGE_CA: Buffer = extension('2.5.29.15', bits(Buffer.of(0x06), 1), true);
export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

export function basicConstraintsCa(pathLength: number | undefined): Buffer {
  return extension('2.5.29.19', sequence(TRUE, ...(pathLength === undefined ? [] : [integer(pathLength)])), true);
}

export function extendedKeyUsage(usage: string, critical = false): Buffer {
  return extension('2.5.29.37', sequence(oid(usage)), critical);
}

/** Subject alternative name with one URI or e-mail address; critical, because Fulcio's subjects are empty. */
export function subjectAltName(type: 'uri' | 'email', value: string): Buffer {
  return extension('2.5.29.17', sequence(contextPrimitive(type === 'uri' ? 6 : 1, Buffer.from(value))), true);
}
