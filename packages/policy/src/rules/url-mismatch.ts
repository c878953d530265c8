import { defineRule, type Rule } from './rule.ts';

export const urlMismatch: Rule = defineRule({
  name: 'url-mismatch',
  describe: 'The locked URL is the tarball of this very name and version.',
  codes: ['url-mismatch', 'archive-url-redirect', 'name-mismatch'],
  isOnByDefault: true,
  options: {},
});
