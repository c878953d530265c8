import { flag, option, type Option } from '../options.ts';
import { isRequired, requireAttestation, requiredOptions, type Required } from './required.ts';
import { defineRule, type Rule } from './rule.ts';

interface Options extends Required {
  readonly require: boolean;
}

const required: Option<boolean> = option(flag, false, 'Whether provenance must be there.');

export const provenance: Rule = defineRule<Options>({
  name: 'provenance',
  describe: 'Build provenance verifies over the locked digest, and agrees with its certificate.',
  codes: ['provenance-invalid', 'provenance-inconsistent', 'provenance-unsupported', 'provenance-missing'],
  isOnByDefault: true,
  options: { ...requiredOptions, require: required },
  judge: (options) => (subject) =>
    options.require && isRequired(options, subject)
      ? requireAttestation(subject, 'provenance', 'provenance-missing')
      : [],
});
