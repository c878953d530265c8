import type { CheckName, Evidence, EntryOutline, Observation } from '@lockseal/core';

/** Evidence that the default policy does not demand, and whose lack it must tell. */
const OPTIONAL: readonly CheckName[] = ['signature', 'publishAttestation', 'provenance'];

/** What checks say that no observation tells of, as observations: no check ends in silence. */
export function untold(evidence: Evidence, entry: EntryOutline): Observation[] {
  return [...failed(evidence), ...missing(evidence), ...unavailable(evidence), ...unreproducible(evidence, entry)];
}

function failed({ checks, observations }: Evidence): Observation[] {
  const told = new Set(observations.map(({ code }) => code));
  const results = Object.values(checks).flatMap((check): Observation[] =>
    check.status === 'invalid' && !told.has(check.code) ? [{ code: check.code, detail: check.reason }] : [],
  );
  return results.filter(({ code }, index) => results.findIndex((other) => other.code === code) === index);
}

/** Without a version of the registry's there is nothing that it could have signed. */
function missing({ checks: { registry, signature } }: Evidence): Observation[] {
  if (registry.status !== 'verified' || signature.status !== 'absent') return [];
  return [{ code: 'signature-missing', detail: signature.reason }];
}

/** Where the registry itself could not be asked, the entry is undecided, which says more. */
function unavailable({ checks }: Evidence): Observation[] {
  if (checks.registry.status === 'unavailable') return [];
  const open = OPTIONAL.flatMap((name) => {
    const check = checks[name];
    return check.status === 'unavailable' ? [{ name, why: `${check.reason} (${check.error})` }] : [];
  });
  const [first] = open;
  if (first === undefined) return [];
  return [{ code: 'evidence-unavailable', detail: `${open.map(({ name }) => name).join(', ')}: ${first.why}` }];
}

function unreproducible(evidence: Evidence, entry: EntryOutline): Observation[] {
  const { registry } = evidence.checks;
  if (!isUnreproducible(evidence, entry) || registry.status !== 'not-applicable') return [];
  return [{ code: 'checksum-unreproducible', detail: registry.reason }];
}

/** A Yarn checksum that could not be rebuilt, although the tarball was read. */
export function isUnreproducible({ checks, observations }: Evidence, { pin }: EntryOutline): boolean {
  if (observations.some(({ code }) => code === 'checksum-unreproducible')) return true;
  return (
    pin.kind === 'yarn-checksum' && checks.registry.status === 'not-applicable' && checks.tarball.status === 'verified'
  );
}
