import type { EntryClass } from '@lockseal/core';
import { flag, option } from '../options.ts';
import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';

interface Options {
  readonly direct: boolean;
}

const EXOTIC: readonly EntryClass[] = ['git', 'tarball', 'https', 'file', 'directory'];

/** Where verification knows the project it observes `undeclared-source` itself; this rule covers the rest. */
export const exoticDependency: Rule = defineRule<Options>({
  name: 'exotic-dependency',
  describe: 'Dependencies of dependencies come from a registry.',
  codes: ['undeclared-source', 'exotic-dependency'],
  isOnByDefault: true,
  options: { direct: option(flag, true, 'Whether the project itself may depend on git, URLs and local paths.') },
  judge: (options) => (subject) => judge(options, subject),
});

function judge({ direct }: Options, { evidence }: Subject): readonly Opinion[] {
  if (!EXOTIC.includes(evidence.class)) return [];
  if (evidence.observations.some(({ code }) => code === 'undeclared-source')) return [];
  if (evidence.reach === undefined || (evidence.reach.direct && direct)) return [];
  return [
    {
      code: 'exotic-dependency',
      expected: 'a package of a registry',
      found: `${evidence.class}, ${evidence.reach.direct ? 'asked for by the project' : 'asked for by a dependency'}`,
    },
  ];
}
