import { FINDING_CODES } from '../finding-codes.ts';
import type { CheckResult, Observation, ProvenanceFacts } from '../model/evidence.ts';
import { PUBLIC_REGISTRY, type RawAttestation } from '../ports.ts';
import type { AttestationVerifier } from '../sigstore/create-verifiers.ts';
import type { BundleVerdict } from '../sigstore/verify-bundle.ts';
import { openAttestation, type AttestedPackage } from './open-attestation.ts';
import { isProvenanceType, judgeProvenance, type ProvenanceCheck } from './provenance.ts';
import { judgePublish, PUBLISH_PREDICATE, type PublishCheck } from './publish.ts';

/** npm serves two a version; the rest is room. */
const MAX_ATTESTATIONS = 32;

export interface AttestationChecks {
  readonly publishAttestation: PublishCheck;
  readonly provenance: ProvenanceCheck;
  readonly observations: readonly Observation[];
}

/**
 * Judges all attestations that are served for a version. One that is invalid makes its kind invalid: a valid sibling
 * does not heal it, since somebody put it there. One that is served as one type and signed as another counts against
 * both. `sha512` is the locked one, lower-case hex.
 * @param verifier made with `attestationKeys`
 * @param registry base URL of the registry whose publish attestation is looked for
 */
export function checkAttestations(
  raws: readonly RawAttestation[],
  pkg: AttestedPackage,
  sha512: string,
  verifier: AttestationVerifier,
  registry: string = PUBLIC_REGISTRY,
): AttestationChecks {
  if (raws.length > MAX_ATTESTATIONS) return tooMany(raws.length);
  const published: PublishCheck[] = [];
  const built: ProvenanceCheck[] = [];
  const observations: Observation[] = [];
  for (const raw of raws) {
    const opened = openAttestation(raw, pkg, sha512, verifier);
    const signedType = opened.status === 'refused' ? opened.signedType : opened.statement.predicateType;
    const types = [raw.predicateType, signedType ?? raw.predicateType];
    const isPublish = types.includes(PUBLISH_PREDICATE);
    const isProvenance = types.some(isProvenanceType);
    if (isPublish) published.push(judgePublish(opened, raw, pkg, registry));
    if (isProvenance) built.push(judgeProvenance(opened, raw));
    if (!isPublish && !isProvenance) observations.push({ code: 'attestation-unrecognized', found: raw.predicateType });
  }
  return {
    publishAttestation: summarize(published, 'no publish attestation is served for it'),
    provenance: findTwoStories(built) ?? summarize(built, 'no provenance is served for it'),
    observations,
  };
}

/** `checkAttestations`, with the dearest signature of each bundle verified on another thread. */
export async function checkAttestationsConcurrently(
  ...[raws, pkg, sha512, verifier, registry]: Parameters<typeof checkAttestations>
): Promise<AttestationChecks> {
  if (raws.length > MAX_ATTESTATIONS) return tooMany(raws.length);
  const verdicts = new Map<unknown, BundleVerdict>();
  await Promise.all(raws.map(async ({ bundle }) => verdicts.set(bundle, await verifier.verifyConcurrently(bundle))));
  const verify: AttestationVerifier['verify'] = (bundle) => verdicts.get(bundle) ?? verifier.verify(bundle);
  return checkAttestations(raws, pkg, sha512, { ...verifier, verify }, registry);
}

/** Evidence against the package first, then what may be such, then evidence for it, then what is neither. */
function summarize<Facts extends object>(checks: readonly CheckResult<Facts>[], absence: string): CheckResult<Facts> {
  return (
    checks.find((check) => check.status === 'invalid' && FINDING_CODES[check.code].contradicts) ??
    checks.find((check) => check.status === 'unavailable') ??
    checks.find((check) => check.status === 'verified') ??
    checks[0] ?? { status: 'absent', reason: absence }
  );
}

/** Several provenances that all verify, yet tell of different builds, cannot all be true of one tarball. */
function findTwoStories(checks: readonly ProvenanceCheck[]): ProvenanceCheck | undefined {
  if (checks.some((check) => check.status === 'invalid' && FINDING_CODES[check.code].contradicts)) return undefined;
  const [first, ...rest] = checks.filter((check) => check.status === 'verified').map(storyOf);
  const other = rest.find((story) => story !== first);
  if (first === undefined || other === undefined) return undefined;
  return { status: 'invalid', code: 'provenance-inconsistent', reason: `one tells of ${first}, another of ${other}` };
}

function storyOf({ identity }: ProvenanceFacts): string {
  return `${identity.repository ?? ''}@${identity.commit ?? ''} by ${identity.san}`;
}

function tooMany(count: number): AttestationChecks {
  const reason = `${count} attestations are served for it, more than ${MAX_ATTESTATIONS}`;
  const result = { status: 'unavailable', error: 'ERR_RESPONSE_TOO_LARGE', reason, served: true } as const;
  return { publishAttestation: result, provenance: result, observations: [] };
}
