import { defineRule, type Rule } from './rule.ts';

export const integrity: Rule = defineRule({
  name: 'integrity',
  describe: 'Every entry is pinned by one strong hash, and the bytes have it.',
  codes: [
    'integrity-missing',
    'integrity-malformed',
    'integrity-weak',
    'integrity-ambiguous',
    'integrity-unknown-algorithm',
    'integrity-mismatch',
    'tarball-mismatch',
    'checksum-missing',
    'checksum-missing-elsewhere',
    'checksum-unverifiable',
    'checksum-unreproducible',
  ],
  isOnByDefault: true,
  options: {},
});
