import {
  toSpec,
  type CheckName,
  type CheckResult,
  type ErrorCode,
  type Evidence,
  type Undecided,
} from '@lockseal/core';
import type { Facts } from './rules/rule.ts';

/**
 * The entries on which a check that the policy needs could not be made; one value an entry. Of what no registry
 * serves only the tarball is needed.
 */
export function undecidedEntries(needed: readonly CheckName[], facts: Facts): readonly Undecided[] {
  return facts.verification.evidence.flatMap((evidence) => undecidedEntry(evidence, needed, facts) ?? []);
}

function undecidedEntry(evidence: Evidence, needed: readonly CheckName[], facts: Facts): Undecided | undefined {
  const { entry, checks } = evidence;
  const check = needed.find(
    (name) => checks[name].status === 'unavailable' && (name === 'tarball' || evidence.class === 'registry'),
  );
  if (check === undefined) return undefined;
  const { error, reason } = checks[check] as Extract<CheckResult, { status: 'unavailable' }>;
  const { name, version, position } = facts.describe(entry);
  const subject = toSpec(name, version);
  return { subject, entry, path: facts.pathTo(entry), position, check, error, reason, fix: nextStep(error) };
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
};

function nextStep(error: ErrorCode): string {
  return NEXT_STEPS[error] ?? `Mend what the reason names, then run again; see \`lockseal explain ${error}\`.`;
}
