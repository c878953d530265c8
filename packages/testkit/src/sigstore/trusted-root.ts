import type { CertificateAuthority, Validity } from './certificate-authority.ts';
import type { CtLog } from './ct-log.ts';
import type { SigningKey } from './keys.ts';
import type { TimestampAuthority } from './timestamp-authority.ts';
import type { TransparencyLog } from './transparency-log.ts';

/** JSON object without any promise of its members. */
export type JsonObject = Readonly<Record<string, unknown>>;

export interface TrustedParts {
  readonly certificateAuthority: CertificateAuthority;
  readonly ctLog: CtLog;
  readonly logs: readonly TransparencyLog[];
  readonly timestampAuthority: TimestampAuthority;
  readonly validity: Validity;
}

const KEY_DETAILS = {
  'P-256': 'PKIX_ECDSA_P256_SHA_256',
  'P-384': 'PKIX_ECDSA_P384_SHA_384',
  Ed25519: 'PKIX_ED25519',
};

/** The protobuf-specs name of a key's algorithm. */
export function keyDetails(algorithm: SigningKey['algorithm']): string {
  return KEY_DETAILS[algorithm];
}

/** protobuf-specs TrustedRoot as JSON. `validFor` is open-ended, as in the public instance's current entries. */
export function trustedRootJson(parts: TrustedParts): JsonObject {
  const validFor = { start: parts.validity.start.toISOString() };
  const log = (baseUrl: string, key: SigningKey, logId: Buffer): JsonObject => ({
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: key.spki.toString('base64'), keyDetails: keyDetails(key.algorithm), validFor },
    logId: { keyId: logId.toString('base64') },
  });
  const authority = (uri: string, commonName: string, chain: readonly Buffer[]): JsonObject => ({
    subject: { organization: 'sigstore.test', commonName },
    uri,
    certChain: { certificates: chain.map((der) => ({ rawBytes: der.toString('base64') })) },
    validFor,
  });
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: parts.logs.map((each) => log(each.baseUrl, each.key, each.logId)),
    certificateAuthorities: [authority('https://fulcio.sigstore.test', 'sigstore', parts.certificateAuthority.chain)],
    ctlogs: [log('https://ctfe.sigstore.test/2022', parts.ctLog.key, parts.ctLog.logId)],
    timestampAuthorities: [
      authority('https://timestamp.sigstore.test/api/v1/timestamp', 'sigstore-tsa', parts.timestampAuthority.chain),
    ],
  };
}
