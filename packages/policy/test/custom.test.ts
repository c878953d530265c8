import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FACT_TYPES } from '../src/custom/facts.ts';
import { isExpressionFault, parseExpression } from '../src/custom/expression.ts';
import { builtBy, daysAgo, history, judge, previous, published, PROVEN, spoken, type Case } from './support/judge.ts';

const rule = (when: string, rest = ''): string =>
  `version: 1\ncustom: [{name: ours, when: ${JSON.stringify(when)}, message: No.${rest}}]`;
const FIRES = ['error custom-rule'];

const cases: readonly Case[] = [
  {
    why: 'a licence that is not on the list',
    policy: rule('!(pkg.license in ["ISC", "BSD-3-Clause"])'),
    evidence: { published: published() },
    says: FIRES,
  },
  {
    why: 'a licence that is',
    policy: rule('!(pkg.license in ["ISC", "MIT"])'),
    evidence: { published: published() },
    says: [],
  },
  { why: 'no licence is known', policy: rule('pkg.license == ""'), says: FIRES },
  {
    why: 'the first release of a new maintainer',
    policy: rule('change.earlierVersions > 0 && !(pkg.publisher in change.earlierPublishers)'),
    evidence: { published: published({ publisher: 'mallory' }), history: history() },
    says: FIRES,
  },
  {
    why: 'the release of an old one',
    policy: rule('change.earlierVersions > 0 && !(pkg.publisher in change.earlierPublishers)'),
    evidence: { published: published(), history: history() },
    says: [],
  },
  {
    why: 'our scope from elsewhere',
    policy: rule('pkg.scope == "@acme" && !pkg.registry.startsWith("https://npm.acme.test/")'),
    entry: {
      name: '@acme/tool',
      source: { type: 'registry', url: 'https://registry.npmjs.org/a.tgz', namedRegistry: undefined },
    },
    says: FIRES,
  },
  {
    why: 'our scope from our registry',
    policy: rule('pkg.scope == "@acme" && !pkg.registry.startsWith("https://npm.acme.test/")'),
    entry: {
      name: '@acme/tool',
      source: { type: 'registry', url: 'https://npm.acme.test/a.tgz', namedRegistry: undefined },
    },
    says: [],
  },
  {
    why: 'name and version',
    policy: rule('pkg.name == "tool" && pkg.version == "1.2.0" && pkg.scope == ""'),
    says: FIRES,
  },
  {
    why: 'the class and the grade',
    policy: rule('pkg.class == "registry" && evidence.grade == "signed"'),
    says: FIRES,
  },
  { why: 'the registry as told', policy: rule('pkg.registry == "https://registry.npmjs.org/"'), says: FIRES },
  {
    why: 'direct, in production',
    policy: rule('pkg.direct && pkg.kind == "prod"'),
    evidence: { reach: { direct: true, kind: 'prod' } },
    says: FIRES,
  },
  { why: 'not known how it is used', policy: rule('!pkg.direct && pkg.kind == "none"'), says: FIRES },
  {
    why: 'deprecated',
    policy: rule('pkg.deprecated'),
    evidence: { published: published({ deprecated: 'x' }) },
    says: FIRES,
  },
  { why: 'deprecated by the lockfile', policy: rule('pkg.deprecated'), entry: { deprecated: 'x' }, says: FIRES },
  { why: 'not deprecated', policy: rule('pkg.deprecated'), says: [] },
  {
    why: 'scripts',
    policy: rule('pkg.scripts.exists(s, s == "postinstall")'),
    evidence: { installScripts: { proof: 'registry', names: ['postinstall'], sha256: 'a' } },
    says: FIRES,
  },
  { why: 'no scripts known', policy: rule('pkg.scripts == []'), says: FIRES },
  {
    why: 'evidence',
    policy: rule('evidence.signature && !evidence.publishAttestation && !evidence.provenance'),
    says: FIRES,
  },
  {
    why: 'provenance',
    policy: rule(
      'evidence.provenance && identity.repository == "https://github.com/example/tool" && identity.trigger == "push"',
    ),
    checks: { provenance: PROVEN },
    says: FIRES,
  },
  { why: 'no identity', policy: rule('identity.repository == "" && identity.issuer == ""'), says: FIRES },
  {
    why: 'age, as the registry says',
    policy: rule('evidence.ageDays == 60 && !evidence.trustedTime'),
    evidence: { history: history() },
    says: FIRES,
  },
  {
    why: 'age, by the log',
    policy: rule('evidence.ageDays == 4 && evidence.trustedTime'),
    checks: { provenance: builtBy({}, daysAgo(4.5)) },
    says: FIRES,
  },
  { why: 'age, unknown', policy: rule('evidence.ageDays == -1'), says: FIRES },
  {
    why: 'age, in the future',
    policy: rule('evidence.ageDays == 0'),
    evidence: { history: history({ publishedAt: daysAgo(-3) }) },
    says: FIRES,
  },
  {
    why: 'observations',
    policy: rule('"git-source" in evidence.observations', ', level: note'),
    evidence: { observations: [{ code: 'git-source' }] },
    says: ['note custom-rule', 'note git-source'],
  },
  {
    why: 'what changed',
    policy: rule(
      'change.kind == "changed" && change.previousVersion == "1.1.0" && change.previousProvenance && change.packageAgeDays == 1000',
    ),
    evidence: { change: 'changed', history: history({ previous: previous({ provenance: PROVEN }) }) },
    says: FIRES,
  },
  {
    why: 'nothing known of changes',
    policy: rule(
      'change.kind == "unknown" && change.previousVersion == "" && !change.previousProvenance && change.earlierVersions == -1 && change.packageAgeDays == -1 && change.earlierPublishers == []',
    ),
    says: FIRES,
  },
  { why: 'the way to it', policy: rule('path.size() == 2 && path[1].startsWith("tool")'), says: FIRES },
  { why: 'false is silence', policy: rule('false'), says: [] },
  { why: 'turned off', policy: rule('true', ', level: off'), says: [] },
  { why: 'a warning', policy: rule('true', ', level: warn'), says: ['warn custom-rule'] },
  { why: 'of other packages', policy: rule('true', ', packages: other'), says: [] },
  { why: 'of this one', policy: rule('true', ', packages: [other, "to*"]'), says: FIRES },
  {
    why: 'that fails objects: it could not be judged',
    policy: rule('path[7] == "x"'),
    says: FIRES,
    words: /^No\. \(the expression fails: No such key: index out of bounds, index 7 >= size 2\)$/,
  },
];

describe('a custom rule', () => {
  for (const given of cases) {
    test(`${given.says.length === 0 ? 'silent' : 'fires'}: ${given.why}`, async () => {
      const judgement = await judge(given);
      assert.deepEqual(spoken(judgement), given.says);
      const { detail = '' } = judgement.findings[0] ?? {};
      // One that fails fires, too: only the words tell whether it came to true.
      if (given.words === undefined) assert.doesNotMatch(detail, /the expression fails/);
      else assert.match(detail, given.words);
    });
  }

  test('says its message, its condition, its name and its fix', async () => {
    const { findings } = await judge({ why: '', policy: rule('true', ', fix: Ask.'), says: [] });
    const { detail, found, rule: name, fix } = findings[0] ?? assert.fail();
    assert.deepEqual({ detail, found, name, fix }, { detail: 'No.', found: 'true', name: 'ours', fix: 'Ask.' });
  });

  test('every fact can be spelt', () => {
    for (const [variable, members] of Object.entries(FACT_TYPES)) {
      for (const member of Object.keys(members)) {
        const parsed = parseExpression(`${variable}.${member} == ${variable}.${member}`);
        assert.ok(!isExpressionFault(parsed), `${variable}.${member}: ${JSON.stringify(parsed)}`);
      }
    }
  });

  test('long lists are cut, so that a loop ends soon', async () => {
    const names = Array.from({ length: 5000 }, (_, index) => `n${index}`);
    const given = {
      why: '',
      policy: rule('change.earlierPublishers.size() == 100'),
      evidence: { history: history({ earlierPublishers: names }) },
      says: FIRES,
    };
    assert.deepEqual(spoken(await judge(given)), FIRES);
  });
});
