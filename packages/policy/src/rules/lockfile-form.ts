import { defineRule, type Rule } from './rule.ts';

export const lockfileForm: Rule = defineRule({
  name: 'lockfile-form',
  describe: 'The lockfile reads the same way for everybody.',
  codes: [
    'version-missing',
    'unknown-class',
    'sections-disagree',
    'multiple-documents',
    'irregular-syntax',
    'unexpected-field',
  ],
  isOnByDefault: true,
  options: {},
});
