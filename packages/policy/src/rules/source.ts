import { option, registryUrls } from '../options.ts';
import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';

interface Options {
  readonly registries: readonly string[];
}

export const source: Rule = defineRule<Options>({
  name: 'source',
  describe: 'Packages come from the registries that the policy names, and from nowhere outside the repository.',
  codes: [
    'source-disallowed',
    'non-registry-source',
    'insecure-url',
    'git-unpinned',
    'git-source',
    'remote-tarball',
    'local-tarball-mismatch',
    'local-tarball-missing',
    'path-outside-project',
  ],
  isOnByDefault: true,
  judgesCarried: true,
  options: { registries: option(registryUrls, [], 'Instead of the `registries` of the file, for some packages.') },
  judge: (options) => (subject) => judge(options, subject),
});

function judge({ registries }: Options, subject: Subject): readonly Opinion[] {
  const allowed = registries.length > 0 ? registries : subject.facts.registries;
  if (allowed === undefined) return [];
  const url = urlOf(subject);
  if (url === undefined || allowed.some((base) => url.startsWith(base))) return [];
  return [{ code: 'source-disallowed', expected: allowed.join(' or '), found: url }];
}

/** Where the bytes come from: as locked, else as the registry told when it was held against the lockfile. */
function urlOf({ entry, evidence }: Subject): string | undefined {
  const { source: locked } = entry;
  const { registry } = evidence.checks;
  const told = registry.status === 'verified' ? registry.url : undefined;
  if (locked.type === 'registry') return locked.url ?? told;
  return locked.type === 'tarball' || locked.type === 'https' ? locked.url : undefined;
}
