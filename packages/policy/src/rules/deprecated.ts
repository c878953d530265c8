import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';

const MAX_SHOWN = 200;

export const deprecated: Rule = defineRule({
  name: 'deprecated',
  describe: 'No version is locked that its maintainers deprecate.',
  codes: ['deprecated'],
  isOnByDefault: false,
  options: {},
  judgesCarried: true,
  judge: () => judge,
});

function judge({ entry, evidence }: Subject): readonly Opinion[] {
  const text = evidence.published?.deprecated ?? entry.deprecated;
  return text === undefined || text === '' ? [] : [{ code: 'deprecated', found: text.slice(0, MAX_SHOWN) }];
}
