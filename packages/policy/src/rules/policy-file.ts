import { defineRule, type Rule } from './rule.ts';

/** What is found out about the policy while it is applied: see `evaluate`. */
export const policyFile: Rule = defineRule({
  name: 'policy-file',
  describe: 'The policy is the protected one, and nothing in it is left over.',
  codes: ['policy-changed', 'policy-unmatched', 'waiver-expired', 'waiver-unused'],
  isOnByDefault: true,
  options: {},
});
