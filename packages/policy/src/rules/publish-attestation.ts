import { flag, option, type Option } from '../options.ts';
import { isRequired, requireAttestation, requiredOptions, type Required } from './required.ts';
import { defineRule, type Rule } from './rule.ts';

interface Options extends Required {
  readonly require: boolean;
}

const required: Option<boolean> = option(flag, false, 'Whether a publish attestation must be there.');

export const publishAttestation: Rule = defineRule<Options>({
  name: 'publish-attestation',
  describe: "The registry's publish attestation verifies over the locked digest.",
  codes: ['publish-attestation-invalid', 'publish-attestation-missing'],
  isOnByDefault: true,
  options: { ...requiredOptions, require: required },
  judge: (options) => (subject) =>
    options.require && isRequired(options, subject)
      ? requireAttestation(subject, 'publishAttestation', 'publish-attestation-missing')
      : [],
});
