import { defineRule, type Rule } from './rule.ts';

export const vanished: Rule = defineRule({
  name: 'vanished',
  describe: 'The registry still has the version.',
  codes: ['version-vanished'],
  isOnByDefault: true,
  options: {},
});
