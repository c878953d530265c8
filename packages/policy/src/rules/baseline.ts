import { defineRule, type Rule } from './rule.ts';

export const baseline: Rule = defineRule({
  name: 'baseline',
  describe: 'There is an earlier state to compare with.',
  codes: ['baseline-missing'],
  isOnByDefault: false,
  options: {},
  judgeAll:
    () =>
    ({ verification }) =>
      verification.baseline === undefined ? [{ code: 'baseline-missing' }] : [],
});
