import { defineRule, type Rule } from './rule.ts';

export const shadowingLockfile: Rule = defineRule({
  name: 'shadowing-lockfile',
  describe: 'No other lockfile would be read instead.',
  codes: ['shadowing-lockfile'],
  isOnByDefault: true,
  options: {},
});
