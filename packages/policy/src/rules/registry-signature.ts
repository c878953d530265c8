import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';

/** `signature-missing` is observed by verification; raise it to `error` under `levels` to require signatures. */
export const registrySignature: Rule = defineRule({
  name: 'registry-signature',
  describe: "The registry's signature verifies over the locked digest.",
  codes: ['signature-invalid', 'signature-unknown-key', 'signature-key-expired', 'signature-missing'],
  isOnByDefault: true,
  options: {},
  judge: () => unknown,
});

/** Where the policy requires a signature, one that could not be looked at is not there. */
function unknown({ evidence }: Subject): readonly Opinion[] {
  const { signature } = evidence.checks;
  if (evidence.class !== 'registry' || signature.status !== 'unavailable') return [];
  return [
    { code: 'signature-missing', open: { check: 'signature', error: signature.error, reason: signature.reason } },
  ];
}
