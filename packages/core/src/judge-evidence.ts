import { hash } from 'node:crypto';
import {
  checkAttestations,
  checkAttestationsConcurrently,
  type AttestationChecks,
} from './attestations/check-attestations.ts';
import type { AttestedPackage } from './attestations/open-attestation.ts';
import type { BoundBytes } from './checks/bind-bytes.ts';
import type { Evidence } from './model/evidence.ts';
import type { PublishedEntry } from './model/lockfile.ts';
import type { RegistrySignature, VersionDocument } from './model/manifest.ts';
import type {
  AttestationDocument,
  EvidenceSource,
  Fetched,
  PackageVersion,
  RawAttestation,
  RegistryKey,
  VerdictStore,
} from './ports.ts';
import { checkRegistrySignature, createKeyDecoder, type KeyDecoder } from './registry-signature.ts';
import { createVerifiers, type AttestationVerifier, type VerifierFor } from './sigstore/create-verifiers.ts';
import type { TrustedRootMaterial } from './sigstore/trusted-root.ts';
import { VERIFIER } from './verifier.ts';

/** What the signed evidence of one version says: checks 3 to 5. */
export interface EvidenceVerdict {
  readonly attested: AttestationChecks;
  readonly signature: Evidence['checks']['signature'];
  /** How many attestations are served; undefined: they could not be had. */
  readonly served: number | undefined;
}

/** Evidence as it was answered for. */
export interface GatheredEvidence {
  readonly bytes: BoundBytes;
  readonly document: Fetched<VersionDocument>;
  readonly attestations: Fetched<AttestationDocument>;
  readonly keys: Fetched<readonly RegistryKey[]>;
}

export interface JudgeContext {
  readonly verifierFor: VerifierFor;
  readonly decodeKey?: KeyDecoder | undefined;
  /** Verdicts of earlier runs; undefined: everything is verified. */
  readonly verdicts?: KeptVerdicts | undefined;
  /** Judges on other threads; undefined: everything is verified on this one. */
  readonly judges?: JudgePool | undefined;
  /** How many packages are not judged yet, this one included. */
  readonly left?: (() => number) | undefined;
}

/** Evidence of one version that could all be had, as plain data: what checks 3 to 5 look at, for another thread. */
export interface JudgeQuestion extends AttestedPackage {
  /** The locked digest, lower-case hex. */
  readonly sha512: string;
  readonly signatures: readonly RegistrySignature[];
  readonly publishedAt: string | undefined;
  readonly keys: readonly RegistryKey[];
  /** The registry's answer, not yet read. */
  readonly attestations: Uint8Array;
}

/** Judges on other threads, each with `createJudge`, so that more than one core is used. */
export interface JudgePool {
  /**
   * @param left how many packages may yet have to be judged, this one included
   * @returns undefined where another thread is not worth it: then whoever asked has to answer
   */
  judge(question: JudgeQuestion, left: number): Promise<EvidenceVerdict> | undefined;
  /** Everything is judged for now: what the threads take up is wanted elsewhere. */
  release(): void;
}

/** Where verdicts are kept, and what else than the evidence itself they depend on. */
interface KeptVerdicts {
  readonly store: VerdictStore;
  /** Lower-case hex sha256 of the trusted root. */
  readonly trustedRoot: string;
}

/**
 * Checks 3 to 5 over the locked digest, or their outcome in an earlier run: verifying the same bytes by the same keys,
 * under the same root, with the same verifier cannot end otherwise.
 */
export async function judgeEvidence(
  entry: PublishedEntry,
  gathered: GatheredEvidence,
  context: JudgeContext,
): Promise<EvidenceVerdict> {
  const { verdicts } = context;
  const name = verdicts === undefined ? undefined : nameOf(entry, gathered, verdicts.trustedRoot);
  if (verdicts === undefined || name === undefined) return reachVerdict(entry, gathered, context);
  const known = verdicts.store.get(name);
  if (known !== undefined) return known as EvidenceVerdict;
  const verdict = await reachVerdict(entry, gathered, context);
  if (isGood(verdict)) verdicts.store.put(name, verdict);
  return verdict;
}

/** Everything that the verdict follows from, as a digest; undefined where something could not be had. */
function nameOf(
  { name, version }: PublishedEntry,
  { bytes, document, attestations, keys }: GatheredEvidence,
  trustedRoot: string,
): string | undefined {
  if (bytes.status !== 'bound' || document.status !== 'ok') return undefined;
  if (keys.status === 'unavailable' || attestations.status === 'unavailable') return undefined;
  const served = attestations.status === 'ok' ? attestations.value.digest : attestations.reason;
  const { dist, publishedAt } = document.value;
  const trusted = keys.status === 'ok' ? keys.value : keys.reason;
  const inputs = [VERIFIER, trustedRoot, trusted, name, version, bytes.sha512, attestations.status, served];
  return hash('sha256', JSON.stringify([...inputs, dist.signatures, publishedAt]));
}

/** What speaks against a package is found anew each time; so is what could not be decided. */
function isGood({ attested, signature }: EvidenceVerdict): boolean {
  const statuses = [attested.publishAttestation.status, attested.provenance.status, signature.status];
  return !statuses.some((status) => status === 'invalid' || status === 'unavailable');
}

async function reachVerdict(
  entry: PublishedEntry,
  gathered: GatheredEvidence,
  context: JudgeContext,
): Promise<EvidenceVerdict> {
  return (await judgeElsewhere(entry, gathered, context)) ?? verifyEvidence(entry, gathered, context);
}

/** undefined where the evidence is not whole, or no other thread has judged it. */
async function judgeElsewhere(
  { name, version }: PublishedEntry,
  { bytes, document, attestations, keys }: GatheredEvidence,
  { judges, left }: JudgeContext,
): Promise<EvidenceVerdict | undefined> {
  if (judges === undefined || attestations.status !== 'ok' || attestations.value.bytes === undefined) return undefined;
  if (bytes.status !== 'bound' || document.status !== 'ok' || keys.status !== 'ok') return undefined;
  const { sha512 } = bytes;
  const { dist, publishedAt } = document.value;
  const answer = attestations.value.bytes();
  if (answer === undefined) return undefined;
  const { signatures } = dist;
  const question = { name, version, sha512, signatures, publishedAt, keys: keys.value, attestations: answer };
  return judges.judge(question, left?.() ?? 1);
}

/**
 * Judges questions by one trusted root, on the thread that calls it: the same checks in the same order as
 * `judgeEvidence`, with every signature verified on this thread. What is returned never throws for anything in a
 * question.
 * @param read what the registry's answer says
 */
export function createJudge(
  root: TrustedRootMaterial,
  read: (question: JudgeQuestion) => Fetched<readonly RawAttestation[]>,
): (question: JudgeQuestion) => EvidenceVerdict {
  const verifierFor = createVerifiers(root);
  const decodeKey = createKeyDecoder();
  return (question) => {
    const { sha512, signatures, publishedAt, keys } = question;
    const raws = read(question);
    const verifier = verifierFor({ status: 'ok', value: keys });
    const attested = raws.status === 'ok' ? checkAttestations(raws.value, question, sha512, verifier) : neither(raws);
    const signed = {
      bytes: { status: 'bound', sha512, tarball: undefined, failure: undefined },
      document: { status: 'ok', value: { dist: { signatures }, publishedAt } },
      keys: { status: 'ok', value: keys },
    } as const;
    return { attested, signature: checkSignature(question, signed, attested, decodeKey), served: servedIn(raws) };
  };
}

async function verifyEvidence(
  entry: PublishedEntry,
  { bytes, document, attestations, keys }: GatheredEvidence,
  { verifierFor, decodeKey }: JudgeContext,
): Promise<EvidenceVerdict> {
  const read = attestations.status === 'ok' ? await attestations.value.read() : attestations;
  const attested = await checkAttested(entry, bytes, read, verifierFor(keys));
  const signature = checkSignature(entry, { bytes, document, keys }, attested, decodeKey);
  return { attested, signature, served: servedIn(read) };
}

async function checkAttested(
  entry: PublishedEntry,
  bytes: BoundBytes,
  attestations: Fetched<readonly RawAttestation[]>,
  verifier: AttestationVerifier,
): Promise<AttestationChecks> {
  if (bytes.status !== 'bound') return neither({ status: 'not-applicable', reason: whyUnbound(bytes) });
  if (attestations.status !== 'ok') return neither(attestations);
  return checkAttestationsConcurrently(attestations.value, entry, bytes.sha512, verifier);
}

function neither(result: Exclude<AttestationChecks['provenance'], { status: 'verified' }>): AttestationChecks {
  return { publishAttestation: result, provenance: result, observations: [] };
}

/** As much of gathered evidence as the registry's signature is about. */
interface SignedEvidence extends Pick<GatheredEvidence, 'bytes' | 'keys'> {
  readonly document: Fetched<{
    readonly dist: Pick<VersionDocument['dist'], 'signatures'>;
    readonly publishedAt: string | undefined;
  }>;
}

/** Check 3. The publish attestation's log time, where there is one, is the only authenticated publishing time. */
function checkSignature(
  { name, version }: AttestedPackage,
  { bytes, document, keys }: SignedEvidence,
  attested: AttestationChecks,
  decodeKey: KeyDecoder | undefined,
): Evidence['checks']['signature'] {
  if (bytes.status !== 'bound') return { status: 'not-applicable', reason: whyUnbound(bytes) };
  if (document.status !== 'ok') return document;
  if (keys.status === 'unavailable') return keys;
  const { publishAttestation: published } = attested;
  return checkRegistrySignature({
    name,
    version,
    sha512: bytes.sha512,
    signatures: document.value.dist.signatures,
    keys: keys.status === 'ok' ? keys.value : [],
    trustedTime: published.status === 'verified' ? published.loggedAt : undefined,
    publishedAt: document.value.publishedAt,
    decodeKey,
  });
}

function whyUnbound(bytes: Exclude<BoundBytes, { status: 'bound' }>): string {
  return bytes.status === 'mismatch' ? 'the bytes served are not the ones that are locked' : bytes.reason;
}

function servedIn(attestations: Fetched<readonly unknown[]>): number | undefined {
  if (attestations.status === 'unavailable') return undefined;
  return attestations.status === 'ok' ? attestations.value.length : 0;
}

/** The attestations of a version as its source has them: unread where it can tell their digest without reading. */
export async function attestationsOf(
  source: EvidenceSource,
  version: PackageVersion,
): Promise<Fetched<AttestationDocument>> {
  if (source.attestationDocument !== undefined) return source.attestationDocument(version);
  const answer = await source.attestations(version);
  if (answer.status !== 'ok') return answer;
  const digest = hash('sha256', JSON.stringify(answer.value.map((raw) => [raw.predicateType, raw.digest])));
  return { status: 'ok', value: { digest, read: () => Promise.resolve(answer) } };
}
