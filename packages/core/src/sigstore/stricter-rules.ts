import { createHash } from 'node:crypto';
import type { InclusionProof, MessageSignature, TransparencyLogEntry } from '@sigstore/bundle';
import type { RFC3161Timestamp, X509Certificate } from '@sigstore/core';
import type { TrustMaterial } from '@sigstore/verify';
import { readLoggedSigner } from './log-signer.ts';
import type { Artifact } from './digest-signature.ts';
import { BundleRefusal } from './refusal.ts';

// Rules on top of @sigstore/verify: what the specification asks for and the library does not look at. Each throws a
// BundleRefusal; none makes up for anything that the library has refused.

const EXTENDED_KEY_USAGE = '2.5.29.37';
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

/** The leaf certificate is for code signing. */
export function requireCodeSigning(leaf: X509Certificate): void {
  if (hasUsage(leaf, CODE_SIGNING)) return;
  throw new BundleRefusal('certificate-usage', 'its extended key usage does not list code signing');
}

/** The timestamp authority whose serial number and issuer the timestamp names is one for timestamps. */
export function requireTimeStamping(
  timestamp: RFC3161Timestamp,
  authorities: TrustMaterial['timestampAuthorities'],
): void {
  const signers = authorities
    .flatMap(({ certChain }) => certChain.slice(0, 1))
    .filter((signer) => isSigner(signer, timestamp));
  if (signers.length > 0 && signers.every((signer) => hasUsage(signer, TIME_STAMPING))) return;
  throw new BundleRefusal('timestamp-usage', 'its extended key usage does not list timestamping');
}

function isSigner(certificate: X509Certificate, { signerSerialNumber, signerIssuer }: RFC3161Timestamp): boolean {
  return certificate.serialNumber.equals(signerSerialNumber) && certificate.issuer.equals(signerIssuer);
}

function hasUsage(certificate: X509Certificate, usage: string): boolean {
  const usages = certificate.extension(EXTENDED_KEY_USAGE)?.valueObj.subs[0]?.subs ?? [];
  return usages.some((oid) => oid.toOID() === usage);
}

/**
 * Root hash and tree size of the inclusion proof are those of the signed checkpoint. The library computes with the
 * checkpoint's and leaves the proof's own unread, so that they could say anything.
 * https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md
 */
export function requireAgreeingCheckpoint(proof: InclusionProof): void {
  const [, size, rootHash] = proof.checkpoint.envelope.split('\n');
  if (size !== proof.treeSize)
    throw new BundleRefusal('checkpoint', `the proof has tree size ${proof.treeSize}, the checkpoint ${size}`);
  if (rootHash !== proof.rootHash.toString('base64')) throw new BundleRefusal('checkpoint', 'their root hashes differ');
}

/**
 * The log of an entry was in force at every verified time (of none there is nothing to say). The library holds a promise
 * against the validity of its log, and a bare proof of inclusion against none: Rekor 2 gives nothing else, so that
 * whoever has the key of a shard that has ended could go on with it.
 */
export function requireLogInForce(
  { logId }: TransparencyLogEntry,
  logs: TrustMaterial['tlogs'],
  times: readonly Date[],
): void {
  const spans = logs.filter(({ logID }) => logID.equals(logId.keyId)).map(({ validFor }) => validFor);
  if (spans.some(({ start, end }) => times.every((time) => start <= time && time <= end))) return;
  const when = times.map((time) => time.toISOString()).join(', ');
  throw new BundleRefusal('log-inclusion', `its log was not in force at ${when}`);
}

/** The log entry is of this signer: the very certificate, or the very key (`spki`: its DER). */
export function requireLoggedSigner(entry: TransparencyLogEntry, leaf: Buffer | undefined, spki: () => Buffer): void {
  const body: unknown = JSON.parse(entry.canonicalizedBody.toString('utf8'));
  const logged = readLoggedSigner(body);
  const signer = logged.kind === 'certificate' ? leaf : spki();
  if (signer?.equals(logged.der) !== true) throw new BundleRefusal('log-signer', `its ${logged.kind} is another one`);
}

const DIGEST_ALGORITHM: Readonly<Record<number, string>> = { 1: 'sha256', 2: 'sha384', 3: 'sha512' };

/** The digest that the bundle states, and that the log entry was held against, is that of the artifact. */
export function requireArtifact({ messageDigest }: MessageSignature, artifact: Artifact): void {
  const algorithm = DIGEST_ALGORITHM[messageDigest.algorithm];
  if (algorithm === undefined) throw new BundleRefusal('artifact', 'its digest is of an unknown algorithm');
  if (digestOf(artifact, algorithm).equals(messageDigest.digest)) return;
  throw new BundleRefusal('artifact', `its ${algorithm} is not the one that was signed`);
}

function digestOf(artifact: Artifact, algorithm: string): Buffer {
  if (artifact instanceof Uint8Array) return createHash(algorithm).update(artifact).digest();
  if (algorithm === 'sha256') return Buffer.from(artifact.sha256);
  throw new BundleRefusal('artifact', `its ${algorithm} was signed, and its sha256 was given`);
}
