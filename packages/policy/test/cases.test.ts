import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readCases, runCase, type PolicyCase } from '@lockseal/policy';
import { NOW, policyOf } from './support/load.ts';

function only(facts: string, expect = '[]'): PolicyCase {
  const read = readCases(`cases: [{name: a, package: ${facts}, expect: ${expect}}]`, 'cases.yaml');
  if (read.status === 'invalid') assert.fail(JSON.stringify(read.problems));
  return read.cases[0] ?? assert.fail();
}

const STRICT = 'version: 1\nextends: strict\n';

/** What a policy finds in the facts of a case. */
const found: readonly (readonly [why: string, policy: string, facts: string, codes: readonly string[]])[] = [
  ['nothing unusual', STRICT, '{}', []],
  ['young', STRICT, '{ageDays: 6}', ['release-too-young']],
  ['old enough', STRICT, '{ageDays: 7}', []],
  ['not signed', STRICT, '{signature: false}', ['signature-missing']],
  ['a new package', STRICT, '{packageAgeDays: 10, ageDays: 10}', ['young-dependency']],
  ['a new package that was there', STRICT, '{packageAgeDays: 10, ageDays: 10, change: changed}', []],
  ['quiet for long', STRICT, '{ageDays: 8, silentDays: 400}', ['dormant-revived']],
  ['another account', STRICT, '{ageDays: 8, publisher: eve, earlierPublishers: [alice]}', ['publisher-changed']],
  ['deprecated', STRICT, '{deprecated: use another}', ['deprecated']],
  ['git, through others', STRICT, '{class: git}', ['exotic-dependency', 'script-unapproved']],
  ['git, asked for, where that is well', 'version: 1', '{class: git, direct: true}', []],
  [
    'a tarball',
    'version: 1\nregistries: ["https://r.test/"]',
    '{class: tarball, direct: true, registry: "https://x.test/"}',
    ['source-disallowed'],
  ],
  ['another registry', 'version: 1\nregistries: ["https://r.test/"]', '{}', ['source-disallowed']],
  ['the registry', 'version: 1\nregistries: ["https://r.test/"]', '{registry: "https://r.test/"}', []],
  ['what verification observed', 'version: 1', '{observations: integrity-missing}', ['integrity-missing']],
  ['a note does not count', 'version: 1', '{observations: git-source}', []],
  ['provenance lost', STRICT, '{previousVersion: 0.9.0, previousProvenance: true}', ['provenance-downgrade']],
  ['provenance kept', STRICT, '{provenance: true, previousVersion: 0.9.0, previousProvenance: true}', []],
  [
    'moved',
    STRICT,
    '{provenance: {workflow: x}, previousVersion: 0.9.0, previousProvenance: {workflow: y}}',
    ['identity-drift'],
  ],
  [
    'an allowed script',
    `version: 1\nrules: {install-scripts: {allow: [{package: example, sha256: ${'b'.repeat(64)}}]}}`,
    `{scripts: install, scriptsSha256: ${'b'.repeat(64)}}`,
    [],
  ],
  [
    'another script',
    `version: 1\nrules: {install-scripts: {allow: [{package: example, sha256: ${'b'.repeat(64)}}]}}`,
    '{scripts: install}',
    ['script-unapproved'],
  ],
  [
    'by name and version',
    'version: 1\noverrides: [{packages: tool@1, rules: {deprecated: error}}]',
    '{name: tool, version: 1.2.0, deprecated: x}',
    ['deprecated'],
  ],
  ['by way', 'version: 1\nrules: {provenance: {require: true, kinds: prod}}', '{kind: dev}', []],
  [
    'a custom rule, by its name',
    'version: 1\ncustom: [{name: ours, when: pkg.license == "GPL", message: m}]',
    '{license: GPL}',
    ['ours'],
  ],
  ['leftovers of the policy do not count', 'version: 1\noverrides: [{packages: other, rules: {}}]', '{}', []],
];

describe('a case', () => {
  for (const [why, policy, facts, codes] of found) {
    test(`${why}: ${codes.length === 0 ? 'nothing' : codes.join(', ')}`, async () => {
      assert.deepEqual(runCase(only(facts), await policyOf(policy), NOW).found, codes);
    });
  }

  test('holds if exactly what it expects is found, in any order', async () => {
    const policy = await policyOf(STRICT);
    const facts = '{ageDays: 1, deprecated: x}';
    assert.ok(runCase(only(facts, '[release-too-young, deprecated, deprecated]'), policy, NOW).passes);
    assert.ok(!runCase(only(facts, '[release-too-young]'), policy, NOW).passes);
    assert.ok(!runCase(only(facts, '[release-too-young, deprecated, identity-drift]'), policy, NOW).passes);
  });

  const mistakes: readonly (readonly [why: string, text: string, at: string])[] = [
    ['no cases', '{}', '1:1 missing-key'],
    ['another key', 'tests: []', '1:1 unknown-key'],
    ['no name', 'cases:\n  - {package: {}, expect: []}', '2:5 missing-key'],
    ['no expectation', 'cases:\n  - {name: a, package: {}}', '2:5 missing-key'],
    ['an unknown fact', 'cases:\n  - {name: a, package: {age: 1}, expect: []}', '2:25 unknown-key'],
    ['a name that is none', 'cases:\n  - {name: a, package: {name: a b}, expect: []}', '2:31 bad-value'],
    ['a range for a version', 'cases:\n  - {name: a, package: {version: ^1.0.0}, expect: []}', '2:34 bad-value'],
    ['negative days', 'cases:\n  - {name: a, package: {ageDays: -1}, expect: []}', '2:34 bad-value'],
    ['text for days', 'cases:\n  - {name: a, package: {ageDays: P1D}, expect: []}', '2:34 wrong-type'],
    ['no such finding', 'cases:\n  - {name: a, package: {observations: nope}, expect: []}', '2:39 bad-value'],
    ['no such class', 'cases:\n  - {name: a, package: {class: npm}, expect: []}', '2:32 bad-value'],
    ['no such kind', 'cases:\n  - {name: a, package: {kind: peer}, expect: []}', '2:31 bad-value'],
    ['no such change', 'cases:\n  - {name: a, package: {change: new}, expect: []}', '2:33 bad-value'],
    [
      'an identity with an unknown member',
      'cases:\n  - {name: a, package: {provenance: {repo: x}}, expect: []}',
      '2:38 unknown-key',
    ],
    ['a digest that is none', 'cases:\n  - {name: a, package: {scriptsSha256: x}, expect: []}', '2:40 bad-value'],
    ['no YAML', '{', '1:2 bad-syntax'],
  ];
  for (const [why, text, at] of mistakes) {
    test(`refused: ${why}`, () => {
      const read = readCases(text, 'cases.yaml');
      const [first] = read.status === 'invalid' ? read.problems : [];
      assert.equal(`${first?.position.line}:${first?.position.column} ${first?.code}`, at);
    });
  }
});
