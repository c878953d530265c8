import { duration, option } from '../options.ts';
import { historyOf, isOpen, isUnchanged } from './history.ts';
import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';
import { releaseTimeOf } from './times.ts';

interface Options {
  readonly within: number;
}

/** Who published is the registry's unsigned word. A version with verified provenance is left to identity-drift. */
export const publisherChange: Rule = defineRule<Options>({
  name: 'publisher-change',
  describe: 'A recent version is published by somebody who published the package before.',
  codes: ['publisher-changed'],
  isOnByDefault: false,
  needsHistory: true,
  options: { within: option(duration, 7_776_000, 'Versions older than this are not looked at.') },
  judge: (options) => (subject) => judge(options, subject),
});

function judge({ within }: Options, subject: Subject): readonly Opinion[] {
  const { evidence, facts } = subject;
  const publisher = evidence.published?.publisher;
  if (publisher === undefined || evidence.checks.provenance.status === 'verified' || isUnchanged(subject)) return [];
  const history = historyOf(subject, 'publisher-changed');
  if (history === undefined) return [];
  if (isOpen(history)) return [history];
  const released = releaseTimeOf(subject);
  if (released === undefined || facts.now - released.at > within * 1000) return [];
  const { earlierPublishers } = history;
  if (earlierPublishers.length === 0 || earlierPublishers.includes(publisher)) return [];
  return [
    {
      code: 'publisher-changed',
      expected: `one of ${earlierPublishers.slice(-5).join(', ')}`,
      found: `${publisher} (the registry's word)`,
    },
  ];
}
