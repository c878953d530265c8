import { historyOf, isOpen, isUnchanged } from './history.ts';
import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';

/**
 * Compares with the version that was locked, else with the release line: a maintainer who never attested is not asked
 * to, and a line without provenance is not held to another line that has it. Only provenance that verifies counts.
 */
export const provenanceDowngrade: Rule = defineRule({
  name: 'provenance-downgrade',
  describe: 'A version has provenance if the version before it had.',
  codes: ['provenance-downgrade'],
  isOnByDefault: false,
  needsHistory: true,
  options: {},
  judge: () => judge,
});

function judge(subject: Subject): readonly Opinion[] {
  const { provenance } = subject.evidence.checks;
  if (provenance.status === 'verified' || provenance.status === 'invalid' || isUnchanged(subject)) return [];
  const history = historyOf(subject, 'provenance-downgrade');
  if (history === undefined) return [];
  if (isOpen(history)) return [history];
  const { previous } = history;
  if (previous === undefined || previous.provenance.status !== 'verified') return [];
  if (provenance.status === 'unavailable') {
    const { error, reason } = provenance;
    return [{ code: 'provenance-downgrade', open: { check: 'provenance', error, reason } }];
  }
  const { identity, signedAt } = previous.provenance;
  return [
    {
      code: 'provenance-downgrade',
      expected: `provenance, as ${previous.version} has: ${identity.repository ?? identity.san}, ${signedAt}`,
      found: provenance.reason,
      detail: `Published by ${subject.evidence.published?.publisher ?? 'nobody whom the registry names'}.`,
      fix: `Stay on ${previous.version} until the project explains it.`,
    },
  ];
}
