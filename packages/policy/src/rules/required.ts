import type { Reach } from '@lockseal/core';
import { choices, option, patterns, type Option } from '../options.ts';
import { EVERY_PACKAGE, type PackagePattern } from '../package-pattern.ts';
import type { Opinion, Subject } from './rule.ts';

/** Of which packages something is required. */
export interface Required {
  readonly packages: readonly PackagePattern[];
  readonly kinds: readonly Reach['kind'][];
}

export const requiredOptions: { readonly [Name in keyof Required]: Option<Required[Name]> } = {
  packages: option(patterns, [EVERY_PACKAGE], 'Packages of which it is required; default: all.'),
  kinds: option(
    choices('prod', 'optional', 'dev', 'none'),
    ['prod', 'optional', 'dev', 'none'],
    'How the project must come to them: prod, optional, dev, none; default: in any way.',
  ),
};

export function isRequired({ packages, kinds }: Required, { entry, evidence }: Subject): boolean {
  const { name, version } = entry;
  if (evidence.class !== 'registry' || !packages.some((pattern) => pattern.matches(name, version))) return false;
  return evidence.reach === undefined || kinds.includes(evidence.reach.kind);
}

/** An attestation that must be there: missing, or unknown. An invalid one is observed by verification itself. */
export function requireAttestation(
  { evidence }: Subject,
  check: 'provenance' | 'publishAttestation',
  code: 'provenance-missing' | 'publish-attestation-missing',
): readonly Opinion[] {
  const result = evidence.checks[check];
  switch (result.status) {
    case 'verified':
    case 'invalid':
      return [];
    case 'unavailable':
      return [{ code, open: { check, error: result.error, reason: result.reason } }];
    case 'absent':
    case 'not-applicable':
      return [{ code, found: result.reason }];
  }
}
