import type { SignedContent, Verifier } from './log-entries.ts';
import type { LogEntry } from './transparency-log.ts';

/** A Sigstore bundle as JSON (protobuf-specs `Bundle`): binary members in base64, 64-bit integers as decimal text. */
export interface BundleJson {
  readonly mediaType: string;
  readonly verificationMaterial: VerifierJson & {
    readonly tlogEntries: readonly TlogEntryJson[];
    readonly timestampVerificationData: {
      readonly rfc3161Timestamps: readonly { readonly signedTimestamp: string }[];
    };
  };
  readonly dsseEnvelope?: {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly { readonly sig: string; readonly keyid: string }[];
  };
  readonly messageSignature?: {
    readonly messageDigest: { readonly algorithm: string; readonly digest: string };
    readonly signature: string;
  };
}

/** One of the three members, depending on the signer and the bundle's version. */
interface VerifierJson {
  readonly publicKey?: { readonly hint: string };
  readonly certificate?: { readonly rawBytes: string };
  readonly x509CertificateChain?: { readonly certificates: readonly { readonly rawBytes: string }[] };
}

/** protobuf-specs `TransparencyLogEntry`. */
export interface TlogEntryJson {
  readonly logIndex: string;
  readonly logId: { readonly keyId: string };
  readonly kindVersion: { readonly kind: string; readonly version: string };
  readonly integratedTime: string;
  readonly inclusionPromise?: { readonly signedEntryTimestamp: string };
  readonly inclusionProof?: {
    readonly logIndex: string;
    readonly rootHash: string;
    readonly treeSize: string;
    readonly hashes: readonly string[];
    readonly checkpoint: { readonly envelope: string };
  };
  readonly canonicalizedBody: string;
}

export type BundleVersion = '0.1' | '0.2' | '0.3';

const MEDIA_TYPE: Readonly<Record<BundleVersion, string>> = {
  '0.1': 'application/vnd.dev.sigstore.bundle+json;version=0.1',
  '0.2': 'application/vnd.dev.sigstore.bundle+json;version=0.2',
  '0.3': 'application/vnd.dev.sigstore.bundle.v0.3+json',
};

export interface BundleParts {
  readonly version: BundleVersion;
  readonly signed: SignedContent;
  /** Names the key where the verifier is one. */
  readonly hint: string;
  readonly entries: readonly LogEntry[];
  /** DER TimeStampResp. */
  readonly timestamps: readonly Buffer[];
}

/** Puts the parts together as the version prescribes: 0.1 shows only the log's promise, 0.3 a single certificate. */
export function bundleJson(parts: BundleParts): BundleJson {
  const material = {
    tlogEntries: parts.entries.map((entry) => tlogEntryJson(entry, parts.version)),
    timestampVerificationData: {
      rfc3161Timestamps: parts.timestamps.map((der) => ({ signedTimestamp: der.toString('base64') })),
    },
  };
  return {
    mediaType: MEDIA_TYPE[parts.version],
    verificationMaterial: { ...verifierJson(parts.signed.verifier, parts.version, parts.hint), ...material },
    ...contentJson(parts.signed),
  };
}

function verifierJson(verifier: Verifier, version: BundleVersion, hint: string): VerifierJson {
  if (verifier.kind === 'key') return { publicKey: { hint } };
  const certificate = { rawBytes: verifier.der.toString('base64') };
  return version === '0.3' ? { certificate } : { x509CertificateChain: { certificates: [certificate] } };
}

function contentJson(signed: SignedContent): Pick<BundleJson, 'dsseEnvelope' | 'messageSignature'> {
  const { content } = signed;
  const signature = signed.signature.toString('base64');
  switch (content.kind) {
    case 'dsse':
      return {
        dsseEnvelope: {
          payload: content.payload.toString('base64'),
          payloadType: content.payloadType,
          signatures: [{ sig: signature, keyid: content.keyid }],
        },
      };
    case 'message':
      return {
        messageSignature: {
          messageDigest: { algorithm: 'SHA2_256', digest: content.digest.toString('base64') },
          signature,
        },
      };
  }
}

export function tlogEntryJson(entry: LogEntry, version: BundleVersion = '0.3'): TlogEntryJson {
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: entry.logId.toString('base64') },
    kindVersion: { kind: entry.kind, version: entry.version },
    integratedTime: String(entry.integrated?.time ?? 0),
    ...(entry.integrated && {
      inclusionPromise: { signedEntryTimestamp: entry.integrated.signedEntryTimestamp.toString('base64') },
    }),
    ...(version !== '0.1' && { inclusionProof: inclusionProofJson(entry.inclusionProof) }),
    canonicalizedBody: entry.canonicalizedBody.toString('base64'),
  };
}

function inclusionProofJson(proof: LogEntry['inclusionProof']): NonNullable<TlogEntryJson['inclusionProof']> {
  return {
    logIndex: String(proof.logIndex),
    rootHash: proof.rootHash.toString('base64'),
    treeSize: String(proof.treeSize),
    hashes: proof.hashes.map((hash) => hash.toString('base64')),
    checkpoint: { envelope: proof.checkpoint },
  };
}
