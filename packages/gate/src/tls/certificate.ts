import { createHash, createPublicKey, randomBytes, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { addressBytes } from './address.ts';
import {
  bitString,
  boolean,
  explicit,
  ia5String,
  implicit,
  integer,
  namedBits,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
  utf8String,
} from './der.ts';

const V3 = 2n;
/** RFC 5758 §3.2: without parameters. */
const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const COMMON_NAME = '2.5.4.3';

/** Extensions, RFC 5280 §4.2.1. */
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
const KEY_USAGE = '2.5.29.15';
const SUBJECT_ALT_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const NAME_CONSTRAINTS = '2.5.29.30';
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35';
const EXTENDED_KEY_USAGE = '2.5.29.37';

/** Bits of KeyUsage, and a purpose of ExtendedKeyUsage. */
const DIGITAL_SIGNATURE = 0;
const KEY_CERT_SIGN = 5;
const SERVER_AUTH = objectIdentifier('1.3.6.1.5.5.7.3.1');

/** Of every IPv4 address and of every IPv6 one: address, then mask. */
const ANY_ADDRESS = [Buffer.alloc(8), Buffer.alloc(32)];

/** A certificate of the gate, as far as two of them differ. */
export interface CertificateOptions {
  readonly subject: string;
  /** Public, of P-256. */
  readonly subjectKey: KeyObject;
  readonly issuer: string;
  /** Private, of P-256. */
  readonly issuerKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Encoded; the identifiers of both keys come behind them. */
  readonly extensions: readonly Buffer[];
}

/** What certificates vouch for. */
export interface AuthorityHost {
  /** A host name in lower case, or an address without brackets. */
  readonly name: string;
  readonly isAddress: boolean;
}

/**
 * Makes and signs an X.509 v3 certificate (RFC 5280 §4.1). @returns PEM
 * @throws RangeError for a key of another curve, or a time that certificates cannot tell
 */
export function makeCertificate(options: CertificateOptions): string {
  const extensions = [
    ...options.extensions,
    extension(SUBJECT_KEY_IDENTIFIER, keyIdentifier(options.subjectKey)),
    extension(AUTHORITY_KEY_IDENTIFIER, sequence(implicit(0, keyIdentifier(createPublicKey(options.issuerKey))))),
  ];
  const tbsCertificate = sequence(
    explicit(0, integer(V3)),
    serialNumber(),
    ECDSA_WITH_SHA256,
    commonName(options.issuer),
    validity(options.notBefore, options.notAfter),
    commonName(options.subject),
    options.subjectKey.export({ format: 'der', type: 'spki' }),
    explicit(3, sequence(...extensions)),
  );
  const signature = sign('sha256', tbsCertificate, options.issuerKey);
  const certificate = sequence(tbsCertificate, ECDSA_WITH_SHA256, bitString(signature));
  // Node reads it before anybody else has to.
  return new X509Certificate(certificate).toString();
}

/** What the authority may do: sign certificates of servers, no further authorities, and for these hosts alone. */
export function authorityExtensions(hosts: readonly AuthorityHost[]): readonly Buffer[] {
  const pathLength = integer(0n);
  return [
    extension(BASIC_CONSTRAINTS, sequence(boolean(true), pathLength), true),
    extension(KEY_USAGE, namedBits(KEY_CERT_SIGN), true),
    extension(EXTENDED_KEY_USAGE, sequence(SERVER_AUTH)),
    extension(NAME_CONSTRAINTS, nameConstraints(hosts), true),
  ];
}

/** What the server of one host may do. */
export function serverExtensions(host: AuthorityHost): readonly Buffer[] {
  const name = host.isAddress ? iPAddress(addressBytes(host.name)) : dNSName(host.name);
  return [
    // No authority, which is the default and so not written.
    extension(BASIC_CONSTRAINTS, sequence(), true),
    extension(KEY_USAGE, namedBits(DIGITAL_SIGNATURE), true),
    extension(EXTENDED_KEY_USAGE, sequence(SERVER_AUTH)),
    extension(SUBJECT_ALT_NAME, sequence(name)),
  ];
}

/** RFC 5280 §4.2.1.10. A kind of name that nothing is said about is not constrained: so something is, about both. */
function nameConstraints(hosts: readonly AuthorityHost[]): Buffer {
  const names = hosts.filter(({ isAddress }) => !isAddress).map(({ name }) => name);
  const addresses = hosts.filter(({ isAddress }) => isAddress).map(({ name }) => addressBytes(name));
  const permitted = [
    ...(names.length > 0 ? names : ['lockseal.invalid']).map(dNSName),
    ...addresses.map((address) => iPAddress(Buffer.concat([address, Buffer.alloc(address.length, 0xff)]))),
  ];
  const excluded = addresses.length > 0 ? [] : ANY_ADDRESS.map(iPAddress);
  return sequence(implicit(0, subtrees(permitted)), ...(excluded.length > 0 ? [implicit(1, subtrees(excluded))] : []));
}

/** GeneralSubtrees: each is a name alone, since its least distance is the default, and its greatest is not for X.509. */
function subtrees(names: readonly Buffer[]): Buffer {
  return sequence(...names.map((name) => sequence(name)));
}

/** GeneralName, RFC 5280 §4.2.1.6. */
function dNSName(name: string): Buffer {
  // As a constraint it would permit every name.
  if (name === '') throw new RangeError('a host has no name');
  return implicit(2, ia5String(name));
}

/** GeneralName: 4 or 16 octets; in constraints twice as many, for the mask. */
function iPAddress(octets: Buffer): Buffer {
  return implicit(7, octetString(octets));
}

function extension(extnID: string, extnValue: Buffer, critical = false): Buffer {
  return sequence(objectIdentifier(extnID), ...(critical ? [boolean(true)] : []), octetString(extnValue));
}

function commonName(name: string): Buffer {
  return sequence(setOf(sequence(objectIdentifier(COMMON_NAME), utf8String(name))));
}

function validity(notBefore: Date, notAfter: Date): Buffer {
  return sequence(time(notBefore), time(notAfter));
}

/** 16 bytes, positive. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return integer(BigInt(`0x${bytes.toString('hex')}`));
}

/** An identifier, no security measure: RFC 7093, method 1, over the point of the key (RFC 5480 §2.2). */
function keyIdentifier(key: KeyObject): Buffer {
  const { crv, x = '', y = '' } = key.export({ format: 'jwk' });
  if (crv !== 'P-256') throw new RangeError('certificates of the gate are of P-256 keys');
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return octetString(createHash('sha256').update(point).digest().subarray(0, 20));
}
