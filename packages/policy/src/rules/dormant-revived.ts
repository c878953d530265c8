import { duration, option } from '../options.ts';
import { historyOf, isOpen, isUnchanged } from './history.ts';
import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';
import { releaseTimeOf, spanText, toMillis } from './times.ts';

interface Options {
  readonly gap: number;
  readonly within: number;
}

export const dormantRevived: Rule = defineRule<Options>({
  name: 'dormant-revived',
  describe: 'A recent version does not follow a long silence.',
  codes: ['dormant-revived'],
  isOnByDefault: false,
  needsHistory: true,
  options: {
    gap: option(duration, 15_552_000, 'How long a silence is long.'),
    within: option(duration, 2_592_000, 'Versions older than this are not looked at.'),
  },
  judge: (options) => (subject) => judge(options, subject),
});

function judge({ gap, within }: Options, subject: Subject): readonly Opinion[] {
  if (isUnchanged(subject)) return [];
  const history = historyOf(subject, 'dormant-revived');
  if (history === undefined) return [];
  if (isOpen(history)) return [history];
  const released = releaseTimeOf(subject);
  const before = toMillis(history.lastPublishedAt);
  if (released === undefined || before === undefined || subject.facts.now - released.at > within * 1000) return [];
  const silence = released.at - before;
  if (silence < gap * 1000) return [];
  return [
    {
      code: 'dormant-revived',
      expected: `a release in the ${spanText(gap * 1000)} before`,
      found: `none for ${spanText(silence)}`,
    },
  ];
}
