import { dsse } from '@sigstore/core';
import { bundleJson, type BundleJson, type BundleVersion } from './bundle.ts';
import type { CertificateAuthority, CertificateFlaws } from './certificate-authority.ts';
import type { CertificateIdentity } from './identity.ts';
import { generateSigningKey, sha256, signWith, type SigningKey } from './keys.ts';
import {
  dsseEntry,
  dsseEntryV2,
  hashedrekordEntry,
  hashedrekordEntryV2,
  intotoEntry,
  type EntryBody,
  type SignedContent,
  type Verifier,
} from './log-entries.ts';
import type { RegistryKeyPair } from './registry-key.ts';
import type { TimestampAuthority } from './timestamp-authority.ts';
import type { LogEntry, TransparencyLog } from './transparency-log.ts';
import { keyDetails } from './trusted-root.ts';

/** Which log the bundle shows, and in what kind of entry. */
export type LogKind =
  | 'rekor-v1-intoto'
  | 'rekor-v1-dsse'
  | 'rekor-v1-hashedrekord'
  | 'rekor-v2'
  | 'rekor-v2-hashedrekord'
  | 'none';

/** Who signs: the holder of a fresh Fulcio certificate, or a long-lived key that verifiers find by its hint. */
export type Signer =
  | { readonly type: 'certificate'; readonly identity: CertificateIdentity }
  | { readonly type: 'key'; readonly key: RegistryKeyPair };

export interface SignOptions {
  /** When it was signed, logged and timestamped. Default: the box's clock. */
  readonly at?: Date | undefined;
  /** Default: 0.3. */
  readonly bundleVersion?: BundleVersion | undefined;
  /** Default: `rekor-v1-dsse`. */
  readonly log?: LogKind | undefined;
  /** Whether a timestamp authority vouches for the time. Default: only where the log does not (Rekor v2, none). */
  readonly timestamp?: boolean | undefined;
  /** Default: `application/vnd.in-toto+json`. */
  readonly payloadType?: string | undefined;
  /** The envelope's unauthenticated `keyid`. Default: the key's, or empty for a certificate. */
  readonly keyid?: string | undefined;
  /** How the certificate is to depart from what Fulcio issues. */
  readonly certificate?: CertificateFlaws | undefined;
}

/** The services that signing needs. */
export interface Services {
  readonly certificateAuthority: CertificateAuthority;
  readonly rekorV1: TransparencyLog;
  readonly rekorV2: TransparencyLog;
  readonly timestampAuthority: TimestampAuthority;
  readonly clock: () => Date;
}

const IN_TOTO_PAYLOAD = 'application/vnd.in-toto+json';

/** Signs a payload in a DSSE envelope (https://github.com/secure-systems-lab/dsse) and logs it. */
export function signEnvelope(services: Services, payload: Buffer, signer: Signer, options: SignOptions): BundleJson {
  const payloadType = options.payloadType ?? IN_TOTO_PAYLOAD;
  const { key, verifier, hint } = prepare(services, signer, options);
  const signature = signWith(key, dsse.preAuthEncoding(payloadType, payload));
  const content = { kind: 'dsse', payloadType, payload, keyid: options.keyid ?? hint } as const;
  return finish(services, { signature, verifier, content }, hint, options);
}

/** Signs bytes as they are (a `messageSignature` bundle). */
export function signMessage(services: Services, message: Uint8Array, signer: Signer, options: SignOptions): BundleJson {
  const { key, verifier, hint } = prepare(services, signer, options);
  const content = { kind: 'message', digest: sha256(message) } as const;
  const signed = { signature: signWith(key, message), verifier, content };
  return finish(services, signed, hint, { log: 'rekor-v1-hashedrekord', ...options });
}

interface PreparedSigner {
  readonly key: SigningKey;
  readonly verifier: Verifier;
  readonly hint: string;
}

function prepare(services: Services, signer: Signer, options: SignOptions): PreparedSigner {
  if (signer.type === 'key') {
    const { key } = signer;
    return { key, hint: key.keyid, verifier: { kind: 'key', spki: key.spki, details: keyDetails(key.algorithm) } };
  }
  const key = generateSigningKey('P-256');
  const at = options.at ?? services.clock();
  const der = services.certificateAuthority.issue(signer.identity, key.spki, at, options.certificate);
  return { key, hint: '', verifier: { kind: 'certificate', der } };
}

function finish(services: Services, signed: SignedContent, hint: string, options: SignOptions): BundleJson {
  const { bundleVersion = '0.3', log = 'rekor-v1-dsse' } = options;
  if (bundleVersion === '0.1' && !log.startsWith('rekor-v1')) {
    throw new RangeError('a bundle of version 0.1 holds the promise of a Rekor v1 log');
  }
  const at = options.at ?? services.clock();
  const entries = logSigned(services, signed, log, at);
  const timestamped = options.timestamp ?? !log.startsWith('rekor-v1');
  const timestamps = timestamped
    ? [services.timestampAuthority.timestamp({ digest: sha256(signed.signature), at })]
    : [];
  return bundleJson({ version: bundleVersion, signed, hint, entries, timestamps });
}

function logSigned(services: Services, signed: SignedContent, log: LogKind, at: Date): LogEntry[] {
  const v1 = (body: EntryBody): LogEntry[] => [services.rekorV1.append(body, at)];
  const v2 = (body: EntryBody): LogEntry[] => [services.rekorV2.append(body, at)];
  switch (log) {
    case 'rekor-v1-intoto':
      return v1(intotoEntry(signed));
    case 'rekor-v1-dsse':
      return v1(dsseEntry(signed));
    case 'rekor-v1-hashedrekord':
      return v1(hashedrekordEntry(signed));
    case 'rekor-v2':
      return v2(dsseEntryV2(signed));
    case 'rekor-v2-hashedrekord':
      return v2(hashedrekordEntryV2(signed));
    case 'none':
      return [];
  }
}
