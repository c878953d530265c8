import { defineRule, type Rule } from './rule.ts';

export const declaredChanges: Rule = defineRule({
  name: 'declared-changes',
  describe: 'What the project itself overrides and patches is listed, and matches the files.',
  codes: ['override-applied', 'patch-applied', 'patch-mismatch', 'patch-missing', 'project-missing'],
  isOnByDefault: true,
  options: {},
});
