import { defineRule, type Rule } from './rule.ts';

export const manifestMismatch: Rule = defineRule({
  name: 'manifest-mismatch',
  describe: 'The registry and the tarball tell of the same dependencies and scripts.',
  codes: ['manifest-mismatch'],
  isOnByDefault: true,
  options: {},
});
