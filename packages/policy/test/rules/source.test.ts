import type { LockedPackage } from '@lockseal/core';
import { hold } from '../support/judge.ts';

const from = (url: string | undefined): Partial<LockedPackage> => ({
  source: { type: 'registry', url, namedRegistry: undefined },
});
const ONLY = 'version: 1\nregistries: ["https://registry.npmjs.org/", "https://npm.acme.test/"]\n';
const NPM = 'https://registry.npmjs.org/tool/-/tool-1.2.0.tgz';

hold('source', [
  { why: 'no registries named', policy: '{}', entry: from('https://evil.test/tool.tgz'), says: [] },
  { why: 'a named registry', policy: ONLY, entry: from(NPM), says: [] },
  {
    why: 'the other named registry',
    policy: ONLY,
    entry: from('https://npm.acme.test/tool/-/tool-1.2.0.tgz'),
    says: [],
  },
  {
    why: 'another host',
    policy: ONLY,
    entry: from('https://evil.test/tool.tgz'),
    says: ['error source-disallowed'],
    words: /^https:\/\/registry.npmjs.org\/ or https:\/\/npm.acme.test\/\nhttps:\/\/evil.test/,
  },
  {
    why: 'a host that only begins like it',
    policy: ONLY,
    entry: from('https://registry.npmjs.org.evil.test/t.tgz'),
    says: ['error source-disallowed'],
  },
  { why: 'http for https', policy: ONLY, entry: from(NPM.replace('https', 'http')), says: ['error source-disallowed'] },
  {
    why: 'not in the lockfile, but told by the registry',
    policy: ONLY,
    entry: from(undefined),
    checks: { registry: { status: 'verified', url: 'https://evil.test/t.tgz' } },
    says: ['error source-disallowed'],
  },
  {
    why: 'not known from where',
    policy: ONLY,
    entry: from(undefined),
    checks: { registry: { status: 'invalid', code: 'url-mismatch', reason: 'x' } },
    says: ['error url-mismatch'],
  },
  {
    why: 'what a registry that disagrees told is no place',
    policy: ONLY,
    entry: from(undefined),
    checks: {
      registry: { status: 'invalid', code: 'url-mismatch', reason: 'x', url: 'https://evil.test/t.tgz' } as never,
    },
    says: ['error url-mismatch'],
  },
  {
    why: 'a module by its URL',
    policy: ONLY,
    entry: { source: { type: 'https', url: 'https://evil.test/mod.ts' } },
    evidence: { class: 'https' },
    says: ['error source-disallowed'],
  },
  {
    why: 'a tarball from elsewhere',
    policy: ONLY,
    entry: { source: { type: 'tarball', url: 'https://evil.test/t.tgz' } },
    evidence: { class: 'tarball' },
    says: ['error source-disallowed'],
  },
  {
    why: 'git has no registry',
    policy: ONLY,
    entry: { source: { type: 'git', url: 'https://github.com/a/b', commit: 'a'.repeat(40), path: undefined } as never },
    evidence: { class: 'git' },
    says: [],
  },
  {
    why: 'other registries for some packages',
    policy: `${ONLY}overrides: [{packages: tool, rules: {source: {registries: ["https://own.test/"]}}}]`,
    entry: from(NPM),
    says: ['error source-disallowed'],
    words: /^https:\/\/own.test\/\n/,
  },
  {
    why: 'a level for what verification observed',
    policy: '{source: {levels: {git-source: error}}}',
    evidence: { observations: [{ code: 'git-source' }] },
    says: ['error git-source'],
  },
  {
    why: 'an observation turned off',
    policy: '{source: {levels: {git-source: off}}}',
    evidence: { observations: [{ code: 'git-source' }] },
    says: [],
  },
]);

const reach = (direct: boolean) => ({ reach: { direct, kind: 'prod' } }) as const;

hold('exotic-dependency', [
  { why: 'a registry package', policy: '{}', evidence: reach(false), says: [] },
  {
    why: 'git, asked for by a dependency',
    policy: '{}',
    evidence: { class: 'git', ...reach(false) },
    says: ['error exotic-dependency'],
    words: /\ngit, asked for by a dependency/,
  },
  { why: 'git, asked for by the project', policy: '{}', evidence: { class: 'git', ...reach(true) }, says: [] },
  {
    why: 'git, asked for by the project, which may not',
    policy: '{exotic-dependency: {direct: false}}',
    evidence: { class: 'git', ...reach(true) },
    says: ['error exotic-dependency'],
    words: /asked for by the project/,
  },
  ...(['tarball', 'https', 'file', 'directory'] as const).map((type) => ({
    why: type,
    policy: '{}',
    evidence: { class: type, ...reach(false) },
    says: ['error exotic-dependency'],
  })),
  ...(['workspace', 'link', 'bundled', 'patched', 'jsr', 'runtime'] as const).map((type) => ({
    why: type,
    policy: '{}',
    evidence: { class: type, ...reach(false) },
    says: [],
  })),
  {
    why: 'verification told it already',
    policy: '{}',
    evidence: { class: 'git', ...reach(false), observations: [{ code: 'undeclared-source' }] },
    says: ['error undeclared-source'],
  },
  {
    why: 'verification told something else of it',
    policy: '{}',
    evidence: { class: 'git', ...reach(false), observations: [{ code: 'deprecated' }] },
    says: ['error exotic-dependency', 'warn deprecated'],
    words: /^a package of a registry\ngit, asked for by a dependency\n/,
  },
  { why: 'nobody knows how the project comes to it', policy: '{}', evidence: { class: 'git' }, says: [] },
  {
    why: 'turned off',
    policy: '{exotic-dependency: off}',
    evidence: { class: 'git', ...reach(false), observations: [{ code: 'undeclared-source' }] },
    says: [],
  },
]);
