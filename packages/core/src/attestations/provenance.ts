import type { FindingCode } from '../finding-codes.ts';
import { ShapeError, type JsonNode } from '../json-node.ts';
import type { CheckResult, ProvenanceFacts } from '../model/evidence.ts';
import type { RawAttestation } from '../ports.ts';
import type { AttestationVerifier } from '../sigstore/create-verifiers.ts';
import type { Statement } from '../statement.ts';
import { findDisagreement } from './compare-claims.ts';
import { openAttestation, type AttestedPackage, type OpenedAttestation } from './open-attestation.ts';
import { textOf, type ProvenanceClaims } from './predicates/claims.ts';
import { SLSA_V02, SLSA_V1, type PredicateKind } from './predicates/predicate-kind.ts';
import { SLSA_V02_GENERATOR } from './predicates/slsa-v02-generator.ts';
import { SLSA_V02_GITHUB } from './predicates/slsa-v02-github.ts';
import { SLSA_V02_GITLAB } from './predicates/slsa-v02-gitlab.ts';
import { SLSA_V1_GITHUB } from './predicates/slsa-v1-github.ts';

const PROVENANCE_PREFIX = 'https://slsa.dev/provenance/';
const KINDS: readonly PredicateKind[] = [SLSA_V02_GITHUB, SLSA_V02_GENERATOR, SLSA_V02_GITLAB, SLSA_V1_GITHUB];

const BY_KEY = 'it is signed with a key, not by a build';

export type ProvenanceCheck = CheckResult<ProvenanceFacts>;

/** Whether a predicate type is of SLSA provenance, of whatever version. */
export function isProvenanceType(predicateType: string): boolean {
  return predicateType.startsWith(PROVENANCE_PREFIX);
}

/**
 * Where and how a version was built: signed with a certificate of the build itself, about this package with these
 * bytes, and in no disagreement with that certificate. Three ways to fail: `provenance-invalid` (signature, log,
 * subject, shape), `provenance-inconsistent` (predicate against certificate), `provenance-unsupported` (a predicate
 * that lockseal cannot hold against a certificate; not evidence against the package).
 */
export function checkProvenance(
  raw: RawAttestation,
  pkg: AttestedPackage,
  sha512: string,
  verifier: AttestationVerifier,
): ProvenanceCheck {
  return judgeProvenance(openAttestation(raw, pkg, sha512, verifier), raw);
}

/** `checkProvenance` of an attestation that was opened already. */
export function judgeProvenance(opened: OpenedAttestation, raw: RawAttestation): ProvenanceCheck {
  if (opened.status === 'refused') return invalid('provenance-invalid', opened.reason);
  if (opened.status === 'undecided') return invalid('provenance-invalid', BY_KEY);
  const { statement, bundle } = opened;
  const { signer, signedAt, logIndex } = bundle;
  if (signer.kind !== 'certificate') return invalid('provenance-invalid', BY_KEY);
  const read = readPredicate(statement);
  if ('status' in read) return read;
  const disagreement = findDisagreement(read.kind, read.said, signer);
  if (disagreement !== undefined) return invalid('provenance-inconsistent', disagreement);
  const { buildType, builder } = read.said;
  const { predicateType } = statement;
  const { digest } = raw;
  return {
    status: 'verified',
    identity: signer.identity,
    predicateType,
    buildType,
    builder,
    signedAt,
    logIndex,
    digest,
  };
}

function readPredicate(statement: Statement): ProvenanceCheck | { kind: PredicateKind; said: ProvenanceClaims } {
  const { predicateType, predicate } = statement;
  try {
    const buildType = readBuildType(predicateType, predicate);
    const kind = KINDS.find(
      (known) => known.predicateType === predicateType && known.buildTypes.includes(buildType ?? ''),
    );
    if (kind !== undefined && buildType !== undefined) return { kind, said: kind.read(predicate, buildType) };
    const what = buildType === undefined ? `predicates of type ${predicateType}` : `builds of type ${buildType}`;
    return invalid('provenance-unsupported', `${what} cannot be held against a certificate`);
  } catch (thrown) {
    if (thrown instanceof ShapeError) return invalid('provenance-invalid', `in its statement, ${thrown.message}`);
    throw thrown;
  }
}

function readBuildType(predicateType: string, predicate: JsonNode): string | undefined {
  switch (predicateType) {
    case SLSA_V02:
      return textOf(predicate.member('buildType'));
    case SLSA_V1:
      return textOf(predicate.member('buildDefinition').member('buildType'));
    default:
      return undefined;
  }
}

function invalid(code: FindingCode, reason: string): ProvenanceCheck {
  return { status: 'invalid', code, reason };
}
