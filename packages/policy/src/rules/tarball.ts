import { defineRule, type Rule } from './rule.ts';

export const tarball: Rule = defineRule({
  name: 'tarball',
  describe: 'The tarball reads the same way for everybody, and declares the scripts that it runs.',
  codes: ['tarball-odd', 'script-undeclared'],
  isOnByDefault: true,
  options: {},
});
