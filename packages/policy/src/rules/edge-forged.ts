import { defineRule, type Rule } from './rule.ts';

export const edgeForged: Rule = defineRule({
  name: 'edge-forged',
  describe: "Every edge is the one that the dependent's own manifest asks for.",
  codes: [
    'edge-forged',
    'edge-unsatisfied',
    'dependency-not-locked',
    'unlisted-dependency',
    'specifier-mismatch',
    'override-undeclared',
    'link-replaces-registry',
    'false-bundle-claim',
  ],
  isOnByDefault: true,
  options: {},
});
