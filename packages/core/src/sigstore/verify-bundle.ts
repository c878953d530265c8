import type { KeyObject } from 'node:crypto';
import type { Bundle, TransparencyLogEntry } from '@sigstore/bundle';
import { Verifier, type SignedEntity, type Signer, type TrustMaterial } from '@sigstore/verify';
import type { Identity } from '../model/identity.ts';
import { createKeyFinder, type BundleKey } from './bundle-keys.ts';
import { parseBundle } from './bundle-shape.ts';
import { checkedAhead, leafDer, toEntity } from './entity.ts';
import type { Artifact } from './digest-signature.ts';
import { decodeFulcioExtensions } from './fulcio-extensions.ts';
import { readIdentity } from './identity.ts';
import { BundleRefusal, toRefusal, type BundleFault } from './refusal.ts';
import {
  requireAgreeingCheckpoint,
  requireArtifact,
  requireCodeSigning,
  requireLoggedSigner,
  requireLogInForce,
  requireTimeStamping,
} from './stricter-rules.ts';
import type { TrustedRootMaterial } from './trusted-root.ts';

/** A bundle whose signature, signer, time and log entry are all proved; who the signer may be is the caller's question. */
export interface VerifiedBundle {
  readonly status: 'verified';
  readonly content: SignedContent;
  readonly signer: BundleSigner;
  /** ISO 8601: the earliest of all verified times. */
  readonly signedAt: string;
  /** ISO 8601, ascending: every time that the log or a timestamp authority vouches for. */
  readonly timestamps: readonly string[];
  /** Decimal; the index in the whole log where the log signed that, else the one of the inclusion proof (in its tree). */
  readonly logIndex: string | undefined;
}

export type SignedContent =
  | { readonly kind: 'dsse'; readonly payloadType: string; readonly payload: Uint8Array }
  /** The artifact that the caller gave. */
  | { readonly kind: 'artifact' };

export type BundleSigner =
  | {
      readonly kind: 'certificate';
      readonly identity: Identity;
      /** Object identifier -> text, of Fulcio's arc. */
      readonly extensions: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'key'; readonly keyid: string };

export interface InvalidBundle {
  readonly status: 'invalid';
  readonly fault: BundleFault;
  /** One sentence; may hold untrusted text. */
  readonly reason: string;
}

export type BundleVerdict = VerifiedBundle | InvalidBundle;

export interface VerifyOptions {
  /** The signed bytes or their digest, for bundles that hold a message signature. */
  readonly artifact?: Artifact | undefined;
}

/** Verifies bundles against trust material that was built once. Never throws for anything in a bundle. */
export interface BundleVerifier {
  verify(bundle: unknown, options?: VerifyOptions): BundleVerdict;
  /** The same verdict, with the dearest signature of each bundle verified on another thread. */
  verifyConcurrently(bundle: unknown, options?: VerifyOptions): Promise<BundleVerdict>;
}

/**
 * @param keys for bundles that are signed by a key; none are needed for those with a certificate
 * @throws LocksealError ERR_KEYS where a key cannot be decoded, or two different ones go by one hint
 */
export function createBundleVerifier(trust: TrustedRootMaterial, keys: readonly BundleKey[]): BundleVerifier {
  const material: TrustMaterial = { ...trust.authorities, publicKey: createKeyFinder(keys) };
  const verifier = new Verifier(material);
  const spkiOf = rememberSpki();
  return {
    verify(bundle, { artifact } = {}) {
      try {
        return judge(open(bundle, artifact), { verifier, material, spkiOf });
      } catch (thrown) {
        return refuse(thrown);
      }
    },
    async verifyConcurrently(bundle, { artifact } = {}) {
      try {
        const opened = open(bundle, artifact);
        const entity = await checkedAhead(opened.entity, opened.bundle, material);
        return judge({ ...opened, entity }, { verifier, material, spkiOf });
      } catch (thrown) {
        return refuse(thrown);
      }
    },
  };
}

function refuse(thrown: unknown): InvalidBundle {
  const { fault, message } = toRefusal(thrown);
  return { status: 'invalid', fault, reason: message };
}

/** `createBundleVerifier` for a single bundle. */
export function verifyBundle(
  bundle: unknown,
  trust: TrustedRootMaterial,
  { keys = [], artifact }: VerifyOptions & { readonly keys?: readonly BundleKey[] } = {},
): BundleVerdict {
  return createBundleVerifier(trust, keys).verify(bundle, { artifact });
}

/** What bundles are judged with, made once. */
interface Judge {
  readonly verifier: Verifier;
  readonly material: TrustMaterial;
  readonly spkiOf: SpkiReader;
}

/** The DER of a public key (SPKI). */
type SpkiReader = (key: KeyObject) => Buffer;

function exportSpki(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' });
}

/** Encodes each key once: that costs nearly as much as verifying a signature with it, and a registry has few. */
function rememberSpki(): SpkiReader {
  const encoded = new WeakMap<KeyObject, Buffer>();
  return (key) => {
    const spki = encoded.get(key) ?? exportSpki(key);
    encoded.set(key, spki);
    return spki;
  };
}

/** Why no verifier could even read the bundle; undefined: it can be read, which says nothing of its being true. */
export function unreadableReason(bundle: unknown): string | undefined {
  try {
    toEntity(parseBundle(bundle), undefined);
    return undefined;
  } catch (thrown) {
    return toRefusal(thrown).message;
  }
}

/** A bundle of known shape, decoded; nothing of it is verified. */
interface OpenedBundle {
  readonly bundle: Bundle;
  readonly content: SignedContent;
  readonly entity: SignedEntity;
}

/** @throws whatever the libraries throw; see toRefusal */
function open(json: unknown, artifact: Artifact | undefined): OpenedBundle {
  const bundle = parseBundle(json);
  return { bundle, content: readContent(bundle, artifact), entity: toEntity(bundle, artifact) };
}

/** @throws whatever the libraries throw; see toRefusal */
function judge({ bundle, content, entity }: OpenedBundle, { verifier, material, spkiOf }: Judge): VerifiedBundle {
  const signer = verifier.verify(entity);
  requireStricterRules(bundle, entity, signer, material, spkiOf);
  const timestamps = verifiedTimes(entity).map((date) => date.toISOString());
  const [signedAt] = timestamps;
  if (signedAt === undefined) throw new BundleRefusal('timestamp', 'there is none');
  const logIndex = provedLogIndex(bundle.verificationMaterial.tlogEntries[0]);
  return { status: 'verified', content, signer: readSigner(entity), signedAt, timestamps, logIndex };
}

/** What was signed. @throws BundleRefusal where it is an artifact that was not given, or another one */
export function readContent({ content }: Bundle, artifact: Artifact | undefined): SignedContent {
  switch (content.$case) {
    case 'dsseEnvelope':
      return { kind: 'dsse', payloadType: content.dsseEnvelope.payloadType, payload: content.dsseEnvelope.payload };
    case 'messageSignature':
      if (artifact === undefined) throw new BundleRefusal('artifact', 'it was not given');
      requireArtifact(content.messageSignature, artifact);
      return { kind: 'artifact' };
  }
}

/** The rules that @sigstore/verify lacks. @throws BundleRefusal */
export function requireStricterRules(
  bundle: Bundle,
  entity: SignedEntity,
  signer: Signer,
  material: TrustMaterial,
  spkiOf: SpkiReader = exportSpki,
): void {
  if (entity.key.$case === 'certificate') requireCodeSigning(entity.key.certificate);
  for (const timestamp of entity.timestamps) {
    if (timestamp.$case === 'timestamp-authority') {
      requireTimeStamping(timestamp.timestamp, material.timestampAuthorities);
    }
  }
  const leaf = leafDer(bundle);
  const times = verifiedTimes(entity);
  for (const entry of bundle.verificationMaterial.tlogEntries) {
    requireLoggedSigner(entry, leaf, () => spkiOf(signer.key));
    requireLogInForce(entry, material.tlogs, times);
    const { inclusionProof } = entry;
    if (inclusionProof?.checkpoint !== undefined) {
      requireAgreeingCheckpoint({ ...inclusionProof, checkpoint: inclusionProof.checkpoint });
    }
  }
}

/** @throws BundleRefusal where the identity cannot be read without ambiguity */
export function readSigner({ key }: SignedEntity): BundleSigner {
  switch (key.$case) {
    case 'public-key':
      return { kind: 'key', keyid: key.hint };
    case 'certificate': {
      const extensions = decodeFulcioExtensions(key.certificate);
      return { kind: 'certificate', identity: readIdentity(key.certificate, extensions), extensions };
    }
  }
}

/** The times that the verifier has verified: a log's only where it promised the inclusion, as integratedTime is signed only there. */
export function verifiedTimes({ timestamps }: SignedEntity): Date[] {
  const dates = timestamps.flatMap((timestamp) => {
    if (timestamp.$case === 'timestamp-authority') return [timestamp.timestamp.signingTime];
    const { inclusionPromise, integratedTime } = timestamp.tlogEntry;
    return inclusionPromise === undefined ? [] : [new Date(Number(integratedTime) * 1000)];
  });
  return dates.toSorted((a, b) => a.getTime() - b.getTime());
}

function provedLogIndex(entry: TransparencyLogEntry | undefined): string | undefined {
  return entry?.inclusionPromise === undefined ? entry?.inclusionProof?.logIndex : entry.logIndex;
}
