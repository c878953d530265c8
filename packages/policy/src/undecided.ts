import { toSpec, type CheckName, type EntryId, type ErrorCode, type Evidence, type Undecided } from '@lockseal/core';
import { isUnreproducible } from './checks.ts';
import type { Facts } from './rules/rule.ts';

/**
 * Checks that must have been made on every registry entry, whatever the rules; in the order in which a failure is told.
 * `tarball` is `not-applicable` in a run that reads none.
 */
const NEEDED: readonly CheckName[] = ['integrity', 'registry', 'edges', 'tarball'];

/** Checks of evidence that may be lacking, and that nobody may pass over where it lies there unchecked. */
const SERVED: readonly CheckName[] = ['publishAttestation', 'provenance'];

/**
 * The entries on which a check could not be made that every policy needs, or that a rule asked for, or for which evidence
 * is served that could not be checked; one value an entry.
 * Of what no registry serves only the tarball is needed.
 */
export function undecidedEntries(asked: ReadonlyMap<EntryId, OpenCheck>, facts: Facts): readonly Undecided[] {
  return facts.verification.evidence.flatMap((evidence) => {
    const { entry } = evidence;
    const open = openCheck(evidence) ?? unboundCheck(evidence, facts) ?? servedCheck(evidence) ?? asked.get(entry);
    if (open === undefined) return [];
    const { name, version, position } = facts.describe(entry);
    const subject = toSpec(name, version);
    return [{ subject, entry, path: facts.pathTo(entry), position, ...open, fix: nextStep(open.error) }];
  });
}

export type OpenCheck = Pick<Undecided, 'check' | 'error' | 'reason'>;

/** The first needed check that could not look. */
function openCheck(evidence: Evidence): OpenCheck | undefined {
  for (const check of NEEDED) {
    const result = evidence.checks[check];
    const concerns = check === 'tarball' || evidence.class === 'registry';
    if (concerns && result.status === 'unavailable') return { check, error: result.error, reason: result.reason };
  }
  return undefined;
}

/**
 * A registry package with a sound pin that was held against nothing: the run did not read the tarball that alone could
 * tell. Not so a Yarn checksum that was tried and cannot be rebuilt here, nor a bad pin: those are findings.
 */
function unboundCheck(evidence: Evidence, facts: Facts): OpenCheck | undefined {
  const { integrity, registry } = evidence.checks;
  if (evidence.class !== 'registry' || integrity.status !== 'verified') return undefined;
  if (evidence.carried !== undefined) return undefined;
  if (registry.status !== 'not-applicable' && registry.status !== 'absent') return undefined;
  if (isUnreproducible(evidence, facts.describe(evidence.entry))) return undefined;
  return { check: 'registry', error: 'ERR_UNBOUND', reason: registry.reason };
}

/**
 * What is checked and fails speaks against the package; so whoever keeps it from being checked must win nothing by that,
 * under any policy.
 */
function servedCheck({ checks }: Evidence): OpenCheck | undefined {
  for (const check of SERVED) {
    const result = checks[check];
    if (result.status === 'unavailable' && result.served === true)
      return { check, error: result.error, reason: result.reason };
  }
  return undefined;
}

const AGAIN = 'Run again when the registry answers.';
const ROOT = 'Run again where the trusted root can be refreshed, or give one with --trusted-root.';

const NEXT_STEPS: Partial<Readonly<Record<ErrorCode, string>>> = {
  ERR_OFFLINE: 'Run again without --offline, or once where the network is, so that the cache holds the evidence.',
  ERR_HOST_REFUSED: 'If the host is yours, name it as a registry in .npmrc; if not, find out who wrote it there.',
  ERR_AUTH: "Give the registry's credentials in .npmrc, then run again.",
  ERR_NETWORK: AGAIN,
  ERR_TIMEOUT: AGAIN,
  ERR_HTTP: AGAIN,
  ERR_KEYS: ROOT,
  ERR_TRUSTED_ROOT: ROOT,
  ERR_TUF: ROOT,
  ERR_UNBOUND: 'Run again without --no-tarballs, or lock again with sha512 integrity.',
};

function nextStep(error: ErrorCode): string {
  return NEXT_STEPS[error] ?? `Mend what the reason names, then run again; see \`lockseal explain ${error}\`.`;
}
