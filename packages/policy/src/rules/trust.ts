import { defineRule, type Facts, type Objection, type Rule } from './rule.ts';
import { spanText } from './times.ts';

/** What is expected stands under `trust`. */
export const trust: Rule = defineRule({
  name: 'trust',
  describe: 'The trusted root in use is one that the policy accepts.',
  codes: ['trust-unacceptable'],
  isOnByDefault: true,
  options: {},
  judgeAll: () => judge,
});

function judge({ trust: expected, verification, now }: Facts): readonly Objection[] {
  const { sha256, origin, asOf } = verification.trust.root;
  const { roots, origins, maxAge } = expected;
  const code = 'trust-unacceptable';
  const age = asOf === undefined ? undefined : now - Date.parse(asOf);
  return [
    ...(roots?.includes(sha256) === false ? [{ code, expected: roots.join(' or '), found: sha256 } as const] : []),
    ...(origins?.includes(origin) === false ? [{ code, expected: origins.join(' or '), found: origin } as const] : []),
    ...(maxAge !== undefined && !(age !== undefined && age <= maxAge * 1000)
      ? [
          {
            code,
            expected: `a root of at most ${spanText(maxAge * 1000)}`,
            found: age === undefined ? 'of unknown age' : `${spanText(age)} old`,
          } as const,
        ]
      : []),
  ];
}
