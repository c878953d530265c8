import { toSpec, type CheckName, type ErrorCode, type Evidence, type Undecided } from '@lockseal/core';
import { isUnreproducible } from './checks.ts';
import type { Facts } from './rules/rule.ts';

/**
 * The entries on which a check that the policy needs could not be made; one value an entry. Of what no registry
 * serves only the tarball is needed.
 */
export function undecidedEntries(needed: readonly CheckName[], facts: Facts): readonly Undecided[] {
  return facts.verification.evidence.flatMap((evidence) => {
    const open = openCheck(evidence, needed) ?? unboundCheck(evidence, needed, facts);
    if (open === undefined) return [];
    const { entry } = evidence;
    const { name, version, position } = facts.describe(entry);
    const subject = toSpec(name, version);
    return [{ subject, entry, path: facts.pathTo(entry), position, ...open, fix: nextStep(open.error) }];
  });
}

type OpenCheck = Pick<Undecided, 'check' | 'error' | 'reason'>;

/** The first needed check that could not look. */
function openCheck(evidence: Evidence, needed: readonly CheckName[]): OpenCheck | undefined {
  for (const check of needed) {
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
function unboundCheck(evidence: Evidence, needed: readonly CheckName[], facts: Facts): OpenCheck | undefined {
  const { integrity, registry } = evidence.checks;
  if (evidence.class !== 'registry' || !needed.includes('registry') || integrity.status !== 'verified')
    return undefined;
  if (registry.status !== 'not-applicable' && registry.status !== 'absent') return undefined;
  if (isUnreproducible(evidence, facts.describe(evidence.entry))) return undefined;
  return { check: 'registry', error: 'ERR_UNBOUND', reason: registry.reason };
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
