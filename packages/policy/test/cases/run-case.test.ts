// What the facts of a case are, seen by the rules that look at them: what it says, and what stands where it says nothing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readCases, runCase } from '@lockseal/policy';
import { NOW, policyOf } from '../support/load.ts';

/** Whether a CEL expression is true of a case. */
async function isTrue(when: string, facts: string): Promise<boolean> {
  const read = readCases(`cases: [{name: a, package: ${facts}, expect: []}]`, 'cases.yaml');
  if (read.status === 'invalid') assert.fail(JSON.stringify(read.problems));
  const [given] = read.cases;
  const policy = await policyOf(`version: 1\ncustom: [{name: ours, when: ${JSON.stringify(when)}, message: m}]\n`);
  return runCase(given ?? assert.fail(), policy, NOW).found.includes('ours');
}

const NO_IDENTITY =
  'identity.issuer == "" && identity.san == "" && identity.repository == "" && identity.repositoryId == ""';
const IDENTITY = [
  'identity.issuer == "https://token.actions.githubusercontent.com"',
  'identity.san == "https://github.com/example/example/.github/workflows/release.yml@refs/heads/main"',
  'identity.repository == "https://github.com/example/example"',
  'identity.repositoryId == "1"',
  'identity.ownerId == "1"',
  'identity.workflow == ".github/workflows/release.yml"',
  'identity.ref == "refs/heads/main"',
  `identity.commit == "${'0'.repeat(40)}"`,
  'identity.trigger == "push"',
  'identity.runnerEnvironment == "github-hosted"',
];

const facts: readonly (readonly [facts: string, ...whens: readonly string[]])[] = [
  [
    '{}',
    'pkg.name == "example"',
    'pkg.scope == ""',
    'pkg.version == "1.0.0"',
    'pkg.class == "registry"',
    'pkg.registry == "https://registry.npmjs.org/example"',
    '!pkg.direct',
    'pkg.kind == "prod"',
    'pkg.license == ""',
    '!pkg.deprecated',
    'pkg.publisher == "maintainer"',
    'pkg.scripts == []',
    'evidence.grade == "signed"',
    'evidence.signature',
    '!evidence.publishAttestation',
    '!evidence.provenance',
    'evidence.ageDays == 365',
    '!evidence.trustedTime',
    'evidence.observations == []',
    NO_IDENTITY,
    'change.kind == "unknown"',
    'change.previousVersion == ""',
    '!change.previousProvenance',
    'change.earlierVersions == 1',
    'change.earlierPublishers == ["maintainer"]',
    'change.packageAgeDays == 1000',
    'path == [".", "dependent@1.0.0", "example@1.0.0"]',
  ],
  ['{name: "@acme/tool"}', 'pkg.name == "@acme/tool"', 'pkg.scope == "@acme"', 'path[2] == "@acme/tool@1.0.0"'],
  ['{version: 2.3.4}', 'pkg.version == "2.3.4"', 'path[2] == "example@2.3.4"'],
  ['{class: git}', 'pkg.class == "git"', 'pkg.registry == ""'],
  ['{class: tarball}', 'pkg.class == "tarball"', 'pkg.registry == ""'],
  ['{registry: "https://r.test/"}', 'pkg.registry == "https://r.test/example"'],
  ['{direct: true}', 'pkg.direct', 'path == [".", "example@1.0.0"]'],
  ...['prod', 'optional', 'dev', 'none'].map((kind) => [`{kind: ${kind}}`, `pkg.kind == "${kind}"`] as const),
  ['{license: MIT}', 'pkg.license == "MIT"'],
  ['{publisher: eve}', 'pkg.publisher == "eve"', 'change.earlierPublishers == ["maintainer"]'],
  ['{deprecated: use another}', 'pkg.deprecated'],
  ['{scripts: [install, postinstall]}', 'pkg.scripts == ["install", "postinstall"]'],
  ['{signature: false}', '!evidence.signature', 'evidence.grade == "unsigned"'],
  ['{provenance: true}', 'evidence.provenance', 'evidence.grade == "proven"', 'evidence.trustedTime', ...IDENTITY],
  ['{provenance: false}', '!evidence.provenance', 'evidence.grade == "signed"'],
  ['{provenance: true, signature: false}', 'evidence.grade == "proven"'],
  ['{provenance: {ref: x}}', 'identity.ref == "x"', ...IDENTITY.filter((when) => !when.startsWith('identity.ref '))],
  ...[
    'issuer',
    'san',
    'repository',
    'repositoryId',
    'ownerId',
    'workflow',
    'commit',
    'trigger',
    'runnerEnvironment',
  ].map((member) => [`{provenance: {${member}: x}}`, `identity.${member} == "x"`] as const),
  ['{ageDays: 3}', 'evidence.ageDays == 3', '!evidence.trustedTime'],
  ['{ageDays: 3, provenance: true}', 'evidence.ageDays == 3', 'evidence.trustedTime'],
  ['{observations: [git-source, insecure-url]}', 'evidence.observations == ["git-source", "insecure-url"]'],
  ...['unchanged', 'changed', 'added'].map((kind) => [`{change: ${kind}}`, `change.kind == "${kind}"`] as const),
  ['{packageAgeDays: 5}', 'change.packageAgeDays == 5'],
  ['{earlierPublishers: []}', 'change.earlierPublishers == []', 'change.earlierVersions == 0'],
  ['{earlierPublishers: [a, b]}', 'change.earlierPublishers == ["a", "b"]', 'change.earlierVersions == 2'],
  ['{previousVersion: 0.9.0}', 'change.previousVersion == "0.9.0"', '!change.previousProvenance'],
  ['{previousVersion: 0.9.0, previousProvenance: true}', 'change.previousProvenance'],
  ['{previousProvenance: true}', '!change.previousProvenance', 'change.previousVersion == ""'],
];

describe('the facts of a case', () => {
  for (const [given, ...whens] of facts) {
    test(given, async () => {
      for (const when of whens) {
        assert.equal(await isTrue(when, given), true, when);
        assert.equal(await isTrue(`!(${when})`, given), false, when);
      }
    });
  }
});

describe('a rule', () => {
  const found = async (rules: string, given: string): Promise<readonly string[]> => {
    const read = readCases(`cases: [{name: a, package: ${given}, expect: []}]`, 'cases.yaml');
    if (read.status === 'invalid') assert.fail(JSON.stringify(read.problems));
    const text = rules.startsWith('version:') ? rules : `version: 1\nrules: ${rules}\n`;
    return runCase(read.cases[0] ?? assert.fail(), await policyOf(text), NOW).found;
  };

  const cases: readonly (readonly [why: string, rules: string, given: string, codes: readonly string[]])[] = [
    ['a silence as long as counts', '{dormant-revived: warn}', '{ageDays: 5, silentDays: 180}', ['dormant-revived']],
    ['a silence a day shorter', '{dormant-revived: warn}', '{ageDays: 5, silentDays: 179}', []],
    ['a silence that ended 31 days ago', '{dormant-revived: warn}', '{ageDays: 31, silentDays: 400}', []],
    [
      'a silence of a month, unless it says more',
      '{dormant-revived: {gap: P30D}}',
      '{ageDays: 5}',
      ['dormant-revived'],
    ],
    ['a silence of no more than a month', '{dormant-revived: {gap: P31D}}', '{ageDays: 5}', []],
    [
      'a script, by a digest that nobody allows',
      '{install-scripts: warn}',
      '{scripts: install}',
      ['script-unapproved'],
    ],
    ['no script, and so no digest', '{install-scripts: warn}', '{}', []],
    [
      'a script, by the digest that stands where none is given',
      `{install-scripts: {allow: [{package: example, sha256: ${'a'.repeat(64)}}]}}`,
      '{scripts: install}',
      [],
    ],
    [
      'git, by the commit that stands for it',
      `{install-scripts: {allow: [{package: example, commit: "${'0'.repeat(40)}"}]}}`,
      '{class: git, direct: true}',
      [],
    ],
    ['a baseline is there', '{baseline: error}', '{}', []],
    ['a root that is fresh', 'version: 1\ntrust: {maxAge: PT1S, origins: tuf}\n', '{}', []],
    ['registries', 'version: 1\nregistries: ["https://registry.npmjs.org/"]\n', '{}', []],
    [
      'a tarball, by its URL',
      'version: 1\nregistries: ["https://r.test/"]\n',
      '{class: tarball, direct: true, registry: "https://r.test/"}',
      [],
    ],
    [
      'a pin that the identity keeps',
      `version: 1\nidentities: {example: {issuer: i, san: s}}\n`,
      '{provenance: {issuer: i, san: s}}',
      [],
    ],
    [
      'a pin without provenance',
      `version: 1\nidentities: {example: {issuer: i, san: s}}\n`,
      '{}',
      ['identity-mismatch'],
    ],
    [
      'several, sorted, each once',
      '{deprecated: warn, release-age: warn}',
      '{deprecated: x, ageDays: 1, observations: [insecure-url, deprecated]}',
      ['deprecated', 'insecure-url', 'release-too-young'],
    ],
  ];
  for (const [why, rules, given, codes] of cases) {
    test(`${why}: ${codes.length === 0 ? 'nothing' : codes.join(', ')}`, async () => {
      assert.deepEqual(await found(rules, given), codes);
    });
  }
});
