import { duration, option, patterns } from '../options.ts';
import type { PackagePattern } from '../package-pattern.ts';
import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';
import { historyOf, isOpen } from './history.ts';
import { releaseTimeOf, spanText, timeText } from './times.ts';

interface Options {
  readonly minAge: number;
  readonly except: readonly PackagePattern[];
}

/** Also on entries that were locked before: a lockfile that somebody else wrote yesterday is as young as its entries. */
export const releaseAge: Rule = defineRule<Options>({
  name: 'release-age',
  describe: 'A version is old enough that others have seen it.',
  codes: ['release-too-young'],
  isOnByDefault: false,
  needsHistory: true,
  options: {
    minAge: option(duration, 259_200, 'The least time since publication.'),
    except: option(patterns, [], 'Packages that may be younger, such as your own.'),
  },
  judge: (options) => (subject) => judge(options, subject),
});

function judge({ minAge, except }: Options, subject: Subject): readonly Opinion[] {
  const { entry, evidence, facts } = subject;
  if (evidence.class !== 'registry' || except.some((pattern) => pattern.matches(entry.name, entry.version))) return [];
  const released = releaseTimeOf(subject);
  if (released === undefined) return unknownTime(subject);
  const age = facts.now - released.at;
  if (age >= minAge * 1000) return [];
  const wait = new Date(released.at + minAge * 1000).toISOString().slice(0, 16);
  return [
    {
      code: 'release-too-young',
      expected: `published at least ${spanText(minAge * 1000)} ago`,
      found: `${spanText(age)} ago: ${timeText(released)}`,
      fix: `Wait until ${wait}Z, lock an older version, or waive it with a reason and an expiry.`,
    },
  ];
}

function unknownTime(subject: Subject): readonly Opinion[] {
  const history = historyOf(subject, 'release-too-young');
  if (history !== undefined && isOpen(history)) return [history];
  const reason = 'nobody tells when it was published';
  return [{ code: 'release-too-young', open: { check: 'history', error: 'ERR_RESPONSE_INVALID', reason } }];
}
