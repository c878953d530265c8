import { defineRule, type Rule } from './rule.ts';

export const evidence: Rule = defineRule({
  name: 'evidence',
  describe: 'Evidence that the registry announces is served, and could be had.',
  codes: ['attestations-withheld', 'attestation-unrecognized', 'evidence-unavailable'],
  isOnByDefault: true,
  options: {},
});
