import { defineRule, type Rule } from './rule.ts';

export const installerBypass: Rule = defineRule({
  name: 'installer-bypass',
  describe: 'No setting makes the installer ignore the lockfile.',
  codes: ['installer-bypass'],
  isOnByDefault: true,
  options: {},
});
