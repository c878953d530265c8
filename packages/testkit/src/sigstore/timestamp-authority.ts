import { randomBytes } from 'node:crypto';
import { caCertificate, type Validity } from './certificate-authority.ts';
import { context, generalizedTime, integer, NULL, octets, oid, sequence, setOf, time } from './der.ts';
import { generateSigningKey, sha256, signWith, type SigningKey } from './keys.ts';
import {
  basicConstraintsCa,
  extendedKeyUsage,
  KEY_USAGE_CA,
  KEY_USAGE_SIGN,
  name,
  signatureAlgorithm,
  TIME_STAMPING,
  type Name,
} from './x509.ts';
import { X509Certificate } from '@sigstore/core';

/** A timestamp authority (RFC 3161) with its own root. */
export interface TimestampAuthority {
  /** DER, the signing certificate first. */
  readonly chain: readonly Buffer[];
  /** A DER TimeStampResp over the SHA-256 of `data`; time is cut to whole seconds. */
  timestamp(request: TimestampRequest): Buffer;
}

interface TimestampRequest {
  /** SHA-256 digest of what is timestamped. */
  readonly digest: Uint8Array;
  readonly at: Date;
  readonly nonce?: number;
  /** Whether the answer carries the signing certificate. */
  readonly certificates?: boolean;
}

const ROOT: Name = { organization: 'sigstore.test', commonName: 'sigstore-tsa-root' };
const SIGNER: Name = { organization: 'sigstore.test', commonName: 'sigstore-tsa' };
const SHA256 = sequence(oid('2.16.840.1.101.3.4.2.1'), NULL);
const SIGNED_DATA = oid('1.2.840.113549.1.7.2');
const TST_INFO = oid('1.2.840.113549.1.9.16.1.4');
const POLICY = oid('1.3.6.1.4.1.57264.2');

export function createTimestampAuthority(validity: Validity): TimestampAuthority {
  const root = generateSigningKey('P-384');
  const signer = generateSigningKey('P-256');
  const certificate = caCertificate(SIGNER, signer, ROOT, root, validity, [
    KEY_USAGE_SIGN,
    extendedKeyUsage(TIME_STAMPING, true),
  ]);
  const rootCertificate = caCertificate(ROOT, root, ROOT, root, validity, [
    KEY_USAGE_CA,
    basicConstraintsCa(undefined),
  ]);
  return {
    chain: [certificate, rootCertificate],
    timestamp(request) {
      const signedData = signTimestamp(tstInfo(request), request, signer, certificate);
      return sequence(sequence(integer(0)), sequence(SIGNED_DATA, context(0, signedData)));
    },
  };
}

/** RFC 3161 2.4.2. */
function tstInfo(request: TimestampRequest): Buffer {
  return sequence(
    integer(1),
    POLICY,
    sequence(SHA256, octets(request.digest)),
    integer(positive(randomBytes(16))),
    generalizedTime(request.at),
    sequence(integer(1)),
    ...(request.nonce === undefined ? [] : [integer(request.nonce)]),
  );
}

function positive(bytes: Buffer): Buffer {
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

/** CMS SignedData (RFC 5652 5.1) over the TSTInfo. */
function signTimestamp(info: Buffer, request: TimestampRequest, signer: SigningKey, certificate: Buffer): Buffer {
  const attributes = signedAttributes(info, request.at, certificate);
  const signerInfo = sequence(
    integer(1),
    sequence(name(ROOT), serialOf(certificate)),
    SHA256,
    context(0, attributes.subarray(headerLength(attributes))),
    signatureAlgorithm(signer.algorithm),
    octets(signWith(signer, attributes)),
  );
  return sequence(
    integer(3),
    setOf(SHA256),
    sequence(TST_INFO, context(0, octets(info))),
    ...(request.certificates === true ? [context(0, certificate)] : []),
    setOf(signerInfo),
  );
}

/** What is signed: content type, signing time, digest of the TSTInfo, and the signing certificate (RFC 5816). */
function signedAttributes(info: Buffer, at: Date, certificate: Buffer): Buffer {
  return setOf(
    sequence(oid('1.2.840.113549.1.9.3'), setOf(TST_INFO)),
    sequence(oid('1.2.840.113549.1.9.5'), setOf(time(at))),
    sequence(oid('1.2.840.113549.1.9.4'), setOf(octets(sha256(info)))),
    sequence(oid('1.2.840.113549.1.9.16.2.47'), setOf(sequence(sequence(sequence(octets(sha256(certificate))))))),
  );
}

function serialOf(certificate: Buffer): Buffer {
  return integer(X509Certificate.parse(Buffer.from(certificate)).serialNumber);
}

/** Tag and length octets in front of an encoded value's content. */
function headerLength(encoded: Buffer): number {
  const first = encoded[1] ?? 0;
  return first < 0x80 ? 2 : 2 + (first & 0x7f);
}
