import { duration, option, patterns } from '../options.ts';
import type { PackagePattern } from '../package-pattern.ts';
import { historyOf, isOpen } from './history.ts';
import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';
import { spanText, toMillis } from './times.ts';

interface Options {
  readonly minAge: number;
  readonly except: readonly PackagePattern[];
}

/** The age of the package, not of the version: attacks bring code in as a new package that a known one depends on. */
export const youngNewDependency: Rule = defineRule<Options>({
  name: 'young-new-dependency',
  describe: 'No package is locked whose very first version is recent.',
  codes: ['young-dependency'],
  isOnByDefault: false,
  needsHistory: true,
  options: {
    minAge: option(duration, 2_592_000, 'The least time since the first version of the package.'),
    except: option(patterns, [], 'Packages that may be younger, such as your own.'),
  },
  judge: (options) => (subject) => judge(options, subject),
});

function judge({ minAge, except }: Options, subject: Subject): readonly Opinion[] {
  const { entry, evidence, facts } = subject;
  // One that the baseline has in any version is not new here.
  if (evidence.change === 'unchanged' || evidence.change === 'changed') return [];
  if (except.some((pattern) => pattern.matches(entry.name, entry.version))) return [];
  const history = historyOf(subject, 'young-dependency');
  if (history === undefined) return [];
  if (isOpen(history)) return [history];
  const first = toMillis(history.firstPublishedAt);
  if (first === undefined || facts.now - first >= minAge * 1000) return [];
  return [
    {
      code: 'young-dependency',
      expected: `a package of at least ${spanText(minAge * 1000)}`,
      found: `first published ${spanText(facts.now - first)} ago: ${history.firstPublishedAt ?? ''} (the registry's word)`,
    },
  ];
}
