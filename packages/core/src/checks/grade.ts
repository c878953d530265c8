import { FINDING_CODES } from '../finding-codes.ts';
import type { Evidence, Grade, Observation } from '../model/evidence.ts';

export interface Graded {
  readonly grade: Grade;
  readonly reason: string;
}

/**
 * The grade of one entry's evidence, strongest claim last: evidence against it outweighs everything, then evidence that may
 * be against it, then provenance, then signatures. `registrySigns` tells whether any key is known for its registry: only then does the absence of a
 * signature mean `unsigned`.
 */
export function gradeOf(
  checks: Evidence['checks'],
  observations: readonly Observation[],
  registrySigns: boolean,
): Graded {
  const contradiction = firstContradiction(checks, observations);
  if (contradiction !== undefined) return { grade: 'contradicted', reason: contradiction };
  const { provenance, publishAttestation, signature, registry } = checks;
  const open = [publishAttestation, provenance].find(
    (check) => check.status === 'unavailable' && check.served === true,
  );
  if (open !== undefined) return { grade: 'unprovable', reason: reasonOf(open) };
  if (provenance.status === 'verified') {
    return { grade: 'proven', reason: `built from ${provenance.identity.repository ?? provenance.identity.san}` };
  }
  if (publishAttestation.status === 'verified' || signature.status === 'verified') {
    const by = [signature, publishAttestation].map((check, index) =>
      check.status === 'verified' ? ['registry signature', 'publish attestation'][index] : undefined,
    );
    return { grade: 'signed', reason: by.filter((text) => text !== undefined).join(' and ') };
  }
  if (registry.status !== 'verified') return { grade: 'unprovable', reason: reasonOf(registry) };
  const undecided = [signature, publishAttestation, provenance].find((check) => check.status === 'unavailable');
  if (undecided !== undefined) return { grade: 'unprovable', reason: reasonOf(undecided) };
  if (!registrySigns) return { grade: 'unprovable', reason: 'no key is known for its registry' };
  return signature.status === 'absent'
    ? { grade: 'unsigned', reason: reasonOf(signature) }
    : { grade: 'unprovable', reason: reasonOf(signature) };
}

function firstContradiction(checks: Evidence['checks'], observations: readonly Observation[]): string | undefined {
  for (const check of Object.values(checks)) {
    if (check.status === 'invalid' && FINDING_CODES[check.code].contradicts) return `${check.code}: ${check.reason}`;
  }
  const against = observations.find((observation) => FINDING_CODES[observation.code].contradicts);
  return against === undefined ? undefined : against.code;
}

function reasonOf(check: Evidence['checks'][keyof Evidence['checks']]): string {
  return check.status === 'verified' ? 'verified' : check.reason;
}
