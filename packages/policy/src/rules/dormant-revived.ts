import { duration, option } from '../options.ts';
import { historyOf, isOpen, isUnchanged } from './history.ts';
import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';
import { spanText, toMillis } from './times.ts';

interface Options {
  readonly gap: number;
  readonly within: number;
}

export const dormantRevived: Rule = defineRule<Options>({
  name: 'dormant-revived',
  describe: 'A recent version does not follow a long silence, nor does one since the baseline.',
  codes: ['dormant-revived'],
  isOnByDefault: false,
  needsHistory: true,
  options: {
    gap: option(duration, 15_552_000, 'How long a silence is long.'),
    within: option(duration, 2_592_000, 'A silence that ended longer ago is not looked at.'),
  },
  judge: (options) => (subject) => judge(options, subject),
});

function judge({ gap, within }: Options, subject: Subject): readonly Opinion[] {
  if (isUnchanged(subject)) return [];
  const history = historyOf(subject, 'dormant-revived');
  if (history === undefined) return [];
  if (isOpen(history)) return [history];
  const [from, to] = [toMillis(history.silence?.from), toMillis(history.silence?.to)];
  if (from === undefined || to === undefined || subject.facts.now - to > within * 1000) return [];
  if (to - from < gap * 1000) return [];
  return [
    {
      code: 'dormant-revived',
      expected: `a release in the ${spanText(gap * 1000)} before`,
      found: `none for ${spanText(to - from)}, until ${history.silence?.to ?? ''}`,
    },
  ];
}
