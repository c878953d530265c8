import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { p256, p384 } from '@noble/curves/nist.js';
import {
  LocksealError,
  matchIdentity,
  parseStatement,
  parseStrictJson,
  parseTrustedRoot,
  verifyBundle,
  type ArtifactDigest,
  type BundleKey,
  type BundleSigner,
} from '@lockseal/core';

/** A bundle, and what it is expected to be of. */
export interface Expectation {
  /** JSON. */
  readonly bundle: Uint8Array;
  /** JSON. */
  readonly trustedRoot: Uint8Array;
  /** The bytes that were signed, or are a subject of the statement; or their sha256. */
  readonly artifact: Uint8Array | { readonly sha256: Uint8Array };
  readonly signer:
    | { readonly kind: 'identity'; readonly san: string; readonly issuer: string }
    | { readonly kind: 'key'; readonly pem: Uint8Array };
}

/** Why the bundle is refused, in a sentence; undefined: it is as expected. */
export function refusalOf({ bundle: bytes, trustedRoot, artifact, signer }: Expectation): string | undefined {
  try {
    const bundle = parseStrictJson(bytes);
    const keys = signer.kind === 'key' ? [namedBy(bundle, signer.pem)] : [];
    const given = artifact instanceof Uint8Array ? artifact : withArithmetic(artifact.sha256);
    const verdict = verifyBundle(bundle, parseTrustedRoot(trustedRoot), { artifact: given, keys });
    if (verdict.status === 'invalid') return verdict.reason;
    const { content } = verdict;
    if (content.kind === 'dsse' && !isSubject(content.payloadType, content.payload, artifact)) return 'no such subject';
    return objectionTo(verdict.signer, signer);
  } catch (thrown) {
    if (thrown instanceof LocksealError || thrown instanceof SyntaxError) return thrown.message;
    throw thrown;
  }
}

function objectionTo(signer: BundleSigner, expected: Expectation['signer']): string | undefined {
  if (signer.kind === 'key') return expected.kind === 'key' ? undefined : 'it is signed with a key';
  if (expected.kind === 'key') return 'it is signed with a certificate';
  const { san, issuer } = expected;
  const [mismatch] = matchIdentity(signer.identity, { san, issuer });
  return mismatch === undefined ? undefined : `${mismatch.field} is ${mismatch.found ?? 'missing'}`;
}

/** The suite names no hint: the key is meant for whatever the bundle names. */
function namedBy(bundle: unknown, pem: Uint8Array): BundleKey {
  const { verificationMaterial } = bundle as { verificationMaterial?: { publicKey?: { hint?: unknown } } };
  const spki = createPublicKey(Buffer.from(pem)).export({ format: 'der', type: 'spki' }).toString('base64');
  const hint = verificationMaterial?.publicKey?.hint;
  return { hint: typeof hint === 'string' ? hint : '', spki, validFrom: undefined, validUntil: undefined };
}

function isSubject(payloadType: string, payload: Uint8Array, artifact: Expectation['artifact']): boolean {
  const parsed = parseStatement(payloadType, payload);
  if (parsed.status !== 'ok') return false;
  const digests = digestsOf(artifact);
  return parsed.statement.subjects.some((subject) =>
    digests.some(([algorithm, hex]) => subject.digests.get(algorithm) === hex),
  );
}

function digestsOf(artifact: Expectation['artifact']): readonly (readonly [algorithm: string, hex: string])[] {
  if (!(artifact instanceof Uint8Array)) return [['sha256', Buffer.from(artifact.sha256).toString('hex')]];
  return ['sha256', 'sha512'].map((name) => [name, createHash(name).update(artifact).digest('hex')] as const);
}

function withArithmetic(sha256: Uint8Array): ArtifactDigest {
  return { sha256, verifySignature };
}

const CURVES = { 'P-256': p256, 'P-384': p384 };

/** ECDSA over the digest itself; other kinds of key sign no sha256. */
function verifySignature(key: KeyObject, sha256: Uint8Array, signature: Uint8Array): boolean {
  if (key.asymmetricKeyType !== 'ec')
    throw new Error('the signature of this kind of key cannot be held against a digest');
  const { crv, x = '', y = '' } = key.export({ format: 'jwk' });
  if (crv !== 'P-256' && crv !== 'P-384') throw new Error(`the curve ${crv ?? ''} is not supported`);
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return CURVES[crv].verify(signature, sha256, point, { prehash: false, lowS: false, format: 'der' });
}
