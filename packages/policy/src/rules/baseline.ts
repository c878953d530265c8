import { defineRule, type Rule } from './rule.ts';

export const baseline: Rule = defineRule({
  name: 'baseline',
  describe: 'There is an earlier state to compare with.',
  codes: ['baseline-missing'],
  isOnByDefault: false,
  // Whoever turns on a rule about changes is told once that nothing is compared.
  isOnWith: ['dormant-revived', 'identity-drift', 'provenance-downgrade', 'publisher-change', 'tarball-delta'],
  options: {},
  judgeAll:
    () =>
    ({ verification }) =>
      verification.baseline === undefined ? [{ code: 'baseline-missing' }] : [],
});
