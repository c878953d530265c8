import { matchIdentity, type Identity } from '@lockseal/core';
import type { IdentityPin } from '../policy.ts';
import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';

/** Pins stand under `identities`. A pinned package without provenance is refused too, or leaving it out would pass. */
export const identity: Rule = defineRule({
  name: 'identity',
  describe: 'Pinned packages are built by the identities that the policy names.',
  codes: ['identity-mismatch'],
  isOnByDefault: true,
  options: {},
  judge: () => judge,
});

function judge(subject: Subject): readonly Opinion[] {
  const { entry, evidence, facts } = subject;
  const pins = facts.pinsOf(entry.name, entry.version);
  if (pins.length === 0 || evidence.class !== 'registry') return [];
  const { provenance } = evidence.checks;
  switch (provenance.status) {
    case 'verified':
      return pins.flatMap((pin) => compare(provenance.identity, pin));
    case 'unavailable': {
      const { error, reason } = provenance;
      return [{ code: 'identity-mismatch', open: { check: 'provenance', error, reason } }];
    }
    case 'invalid':
    case 'absent':
    case 'not-applicable':
      return [{ code: 'identity-mismatch', expected: 'provenance by the pinned identity', found: provenance.reason }];
  }
}

/** One that matches is enough; otherwise the nearest one tells what differs. */
function compare(found: Identity, { packages, identities }: IdentityPin): readonly Opinion[] {
  const differences = identities.map((expected) => matchIdentity(found, expected));
  if (differences.some((each) => each.length === 0)) return [];
  const [nearest = []] = differences.toSorted((a, b) => a.length - b.length);
  return [
    {
      code: 'identity-mismatch',
      expected: nearest.map((each) => `${each.field} ${each.expected}`).join(', '),
      found: nearest.map((each) => `${each.field} ${each.found ?? '(none)'}`).join(', '),
      detail: `Pinned under identities: ${packages.text}.`,
    },
  ];
}
