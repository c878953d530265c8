import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { load, problemsOf } from '../support/load.ts';

interface Mistake {
  readonly why: string;
  /** After `version: 1` on line 1. */
  readonly text: string;
  /** `line:column code`, each. */
  readonly at: readonly string[];
  /** Words of the hint of the first. */
  readonly hint?: RegExp;
}

const APPROVER = '{name: ana, identities: [{issuer: i, san: s}]}';
const PIN = 'sigstore: {issuer: https://token.actions.githubusercontent.com';

const mistakes: readonly Mistake[] = [
  { why: 'a key that nothing reads', text: 'rule: {}', at: ['2:1 unknown-key'], hint: /`rules`/ },
  { why: 'a key far from any', text: 'zzzzzz: 1', at: ['2:1 unknown-key'], hint: /It takes version, extends/ },
  { why: 'a misspelt rule', text: 'rules:\n  relase-age: error', at: ['3:3 unknown-rule'], hint: /`release-age`/ },
  { why: 'a misspelt level', text: 'rules:\n  release-age: eror', at: ['3:16 bad-value'], hint: /`error`/ },
  { why: 'a number for a level', text: 'rules: {release-age: 3}', at: ['2:22 bad-value'] },
  { why: 'an option of another rule', text: 'rules: {provenance: {minAge: P1D}}', at: ['2:22 unknown-key'] },
  { why: 'a duration in words', text: 'rules: {release-age: {minAge: 3 days}}', at: ['2:31 bad-value'], hint: /P3D/ },
  { why: 'a duration as a number', text: 'rules: {release-age: {minAge: 3}}', at: ['2:31 wrong-type'] },
  { why: 'months, which have no length', text: 'rules: {release-age: {minAge: P1M}}', at: ['2:31 bad-value'] },
  { why: 'text for true', text: 'rules: {provenance: {require: "yes"}}', at: ['2:31 wrong-type'] },
  { why: 'a factor out of bounds', text: 'rules: {tarball-delta: {factor: 0.5}}', at: ['2:33 bad-value'] },
  { why: 'a list for a table', text: 'rules: [release-age]', at: ['2:8 wrong-type'] },
  { why: 'a code of another rule', text: 'rules: {source: {levels: {deprecated: off}}}', at: ['2:27 unknown-key'] },
  { why: 'contradictions let through', text: 'rules: {integrity: warn}', at: ['2:20 unsafe'], hint: /waivers/ },
  {
    why: 'a contradiction let through by code',
    text: 'rules: {integrity: {levels: {integrity-mismatch: note}}}',
    at: ['2:50 unsafe'],
  },
  { why: 'no such preset', text: 'extends: recomended', at: ['2:10 unknown-preset'], hint: /`recommended`/ },
  { why: 'no such file', text: 'extends: ./team.yaml', at: ['2:10 unknown-preset'] },
  {
    why: 'a space in a pattern',
    text: 'overrides:\n  - packages: lo dash\n    rules: {}',
    at: ['3:15 bad-pattern'],
  },
  { why: 'a scope without a name', text: 'identities: {"@acme/": []}', at: ['2:14 bad-pattern'] },
  {
    why: 'a range that is none',
    text: 'overrides:\n  - {packages: "tool@new", rules: {}}',
    at: ['3:16 bad-pattern'],
    hint: /name@\^1/,
  },
  { why: 'an override without rules', text: 'overrides:\n  - packages: tool', at: ['3:5 missing-key'] },
  { why: 'an override without packages', text: 'overrides:\n  - rules: {}', at: ['3:5 missing-key'] },
  {
    why: 'a registry without a slash',
    text: 'registries: [https://r.test]',
    at: ['2:14 bad-value'],
    hint: /r\.test\//,
  },
  { why: 'a registry that is a path', text: 'registries: [r.test/npm/]', at: ['2:14 bad-value'] },
  { why: 'a registry with a query', text: 'registries: ["https://r.test/?a=/"]', at: ['2:14 bad-value'] },
  { why: 'a digest that is too short', text: 'trust: {roots: [abc]}', at: ['2:17 bad-value'] },
  { why: 'no such origin', text: 'trust: {origins: tuff}', at: ['2:18 bad-value'], hint: /`tuf`/ },
  {
    why: 'an allowed script without a digest',
    text: 'rules:\n  install-scripts:\n    allow:\n      - package: esbuild',
    at: ['5:9 missing-key'],
  },
  {
    why: 'a script allowed by digest and commit at once',
    text: `rules: {install-scripts: {allow: [{package: a, sha256: ${'a'.repeat(64)}, commit: ${'a'.repeat(40)}}]}}`,
    at: ['2:35 missing-key'],
  },
  {
    why: 'an allowed script of no package',
    text: `rules: {install-scripts: {allow: [{sha256: ${'a'.repeat(64)}}]}}`,
    at: ['2:35 missing-key'],
    hint: /lockseal policy explain/,
  },
  {
    why: 'a short digest of a script',
    text: 'rules: {install-scripts: {allow: [{package: a, sha256: abc}]}}',
    at: ['2:56 bad-value'],
    hint: /64 characters/,
  },
  {
    why: 'a short commit',
    text: 'rules: {install-scripts: {allow: [{package: a, commit: abc123}]}}',
    at: ['2:56 bad-value'],
    hint: /40 or 64 characters/,
  },
  {
    why: 'an identity that lets everybody in',
    text: `identities:\n  ${PIN}}`,
    at: ['3:13 bad-value'],
  },
  {
    why: 'a pattern without anchors',
    text: `identities:\n  ${PIN}, repository: r, ref: {pattern: main}}`,
    at: ['3:87 bad-value'],
  },
  {
    why: 'an issuer that is a number',
    text: 'identities:\n  sigstore:\n    issuer: 3\n    repository: r',
    at: ['4:13 bad-value'],
  },
  {
    why: 'the second identity of a package whose name has a dot',
    text: 'identities:\n  lodash.merge:\n    - {issuer: i, san: s}\n    - {issuer: i, san: {patern: ^a$}}',
    at: ['5:25 unknown-key'],
    hint: /`pattern`/,
  },
  {
    why: 'an identity member that there is not',
    text: `identities:\n  ${PIN}, repo: r}`,
    at: ['3:67 unknown-key'],
  },
  {
    why: 'an identity member that is misspelt',
    text: `identities:\n  ${PIN}, repositoryid: "1"}`,
    at: ['3:67 unknown-key'],
    hint: /`repositoryId`/,
  },
  {
    why: 'CEL that ends too soon',
    text: 'custom:\n  - {name: a, message: b, when: "pkg.name =="}',
    at: ['3:33 bad-expression'],
  },
  {
    why: 'a fact that there is not',
    text: 'custom:\n  - {name: a, message: b, when: "pkg.licence == \\"MIT\\""}',
    at: ['3:33 bad-expression'],
  },
  {
    why: 'a text held against a number',
    text: 'custom:\n  - {name: a, message: b, when: "evidence.ageDays < \\"3\\""}',
    at: ['3:33 bad-expression'],
  },
  {
    why: 'an expression that comes to no decision',
    text: 'custom:\n  - {name: a, message: b, when: pkg.name}',
    at: ['3:33 bad-expression'],
  },
  {
    why: 'a regular expression, which may take for ever',
    text: 'custom:\n  - {name: a, message: b, when: pkg.name.matches("(a+)+$")}',
    at: ['3:33 bad-expression'],
  },
  {
    why: 'loops in loops in loops',
    text: 'custom:\n  - {name: a, message: b, when: "path.all(x, path.all(y, path.all(z, x == z)))"}',
    at: ['3:33 bad-expression'],
  },
  {
    why: 'an expression that goes on and on',
    text: `custom:\n  - {name: a, message: b, when: "${'true && '.repeat(300)}true"}`,
    at: ['3:33 bad-expression'],
  },
  {
    why: 'a custom rule with the name of another',
    text: 'custom:\n  - {name: source, message: b, when: "true"}',
    at: ['3:5 bad-value'],
  },
  {
    why: 'a custom rule without anything',
    text: 'custom:\n  - {}',
    at: ['3:5 missing-key', '3:5 missing-key', '3:5 missing-key'],
  },
  {
    why: 'a waiver without an end',
    text: 'waivers:\n  - {package: a, rule: source, reason: b, who: c}',
    at: ['3:5 missing-key'],
    hint: /`expires/,
  },
  {
    why: 'a waiver without a reason',
    text: 'waivers:\n  - {package: a, rule: source, who: c, expires: "2026-12-01"}',
    at: ['3:5 missing-key'],
    hint: /`reason/,
  },
  {
    why: 'a waiver that outlives the policy',
    text: 'waivers:\n  - {package: a, rule: source, reason: b, who: c, expires: 2099-01-01}',
    at: ['3:60 waiver-too-long'],
    hint: /2027-02-20/,
  },
  {
    why: 'a waiver longer than this policy allows',
    text: 'longestWaiver: P7D\nwaivers:\n  - {package: a, rule: source, reason: b, who: c, expires: 2026-12-01}',
    at: ['4:60 waiver-too-long'],
    hint: /2026-11-29/,
  },
  {
    why: 'a day that does not exist',
    text: 'waivers:\n  - {package: a, rule: source, reason: b, who: c, expires: 2026-13-41}',
    at: ['3:60 bad-value'],
  },
  {
    why: 'a waiver of a rule that there is not',
    text: 'waivers:\n  - {package: a, rule: sourc, reason: b, who: c, expires: 2026-12-01}',
    at: ['3:24 unknown-rule'],
    hint: /`source`/,
  },
  {
    why: 'approvals without roles',
    text: 'approvals:\n  maxAge: P1D',
    at: ['3:3 missing-key'],
    hint: /`roles: …`/,
  },
  {
    why: 'approvals of any repository, unsaid',
    text: `approvals:\n  roles:\n    a:\n      threshold: 1\n      approvers: [${APPROVER}]`,
    at: ['3:3 missing-key'],
  },
  {
    why: 'a misspelt key of approvals',
    text: 'approvals:\n  allowAnyRepository: true\n  subjekt: bytes',
    at: ['4:3 unknown-key'],
    hint: /`subject`/,
  },
  {
    why: 'a threshold that nobody can reach',
    text: `approvals:\n  allowAnyRepository: true\n  roles:\n    a:\n      threshold: 2\n      approvers: [${APPROVER}]`,
    at: ['6:18 bad-value'],
  },
  {
    why: 'a key that is none',
    text: 'approvals:\n  allowAnyRepository: true\n  roles:\n    a: {threshold: 1, approvers: [{name: ana, keys: [abc]}]}',
    at: ['5:54 bad-value'],
  },
  {
    why: 'an approver that anybody could be',
    text: 'approvals:\n  allowAnyRepository: true\n  roles:\n    a: {threshold: 1, approvers: [{name: ana}]}',
    at: ['5:35 bad-value'],
  },
  {
    why: 'a role without a threshold',
    text: `approvals:\n  allowAnyRepository: true\n  roles:\n    a: {approvers: [${APPROVER}]}`,
    at: ['5:8 missing-key'],
    hint: /threshold/,
  },
  { why: 'a text for approvals', text: 'approvals: everybody', at: ['2:12 bad-value'] },
  {
    why: 'roles that are a list',
    text: 'approvals:\n  allowAnyRepository: true\n  roles: [a]',
    at: ['4:10 bad-value'],
  },
  { why: 'a key twice', text: 'rules: {}\nrules: {}', at: ['3:1 bad-syntax'] },
  { why: 'an anchor', text: 'rules: &a {}', at: ['2:11 bad-syntax'] },
  { why: 'an alias', text: 'registries: *a', at: ['2:13 bad-syntax'] },
  { why: 'a tag', text: 'rules: !!js/function {}', at: ['2:8 bad-syntax'] },
  { why: 'a second document', text: '---\nversion: 1', at: ['2:1 bad-syntax'] },
  { why: 'a key that is a list', text: '? [a]\n: 1', at: ['2:3 wrong-type'] },
  { why: 'an unclosed quote', text: 'extends: "recommended', at: ['3:1 bad-syntax'] },
];

describe('a policy is refused, with the place and what to write', () => {
  for (const { why, text, at, hint } of mistakes) {
    test(why, async () => {
      const problems = await problemsOf(`version: 1\n${text}\n`);
      assert.deepEqual(
        problems.map(({ position, code }) => `${position.line}:${position.column} ${code}`),
        at,
        problems.map(({ message }) => message).join('; '),
      );
      if (hint !== undefined) assert.match(problems[0]?.hint ?? '', hint);
      for (const { message } of problems) assert.ok(message.length > 10);
    });
  }

  for (const [why, text, code] of [
    ['no version', 'rules: {}', 'missing-key'],
    ['another version', 'version: 2', 'bad-value'],
    ['version as text', 'version: "1"', 'wrong-type'],
    ['an empty file', '', 'missing-key'],
    ['a text alone', 'recommended', 'wrong-type'],
    ['a list', '[]', 'wrong-type'],
    ['a file of megabytes', `version: 1\n#${'x'.repeat(2_000_000)}`, 'too-large'],
  ] as const) {
    test(why, async () => {
      const [first] = await problemsOf(text);
      assert.equal(first?.code, code);
    });
  }

  test('all mistakes are told in one run, in the order of the file', async () => {
    const problems = await problemsOf('version: 1\nrules: {a: error, b: error}\nc: 1\n');
    assert.deepEqual(
      problems.map(({ position, code }) => `${position.line}:${position.column} ${code}`),
      ['2:9 unknown-rule', '2:19 unknown-rule', '3:1 unknown-key'],
    );
  });

  test('no text makes the reader throw, and every problem has a place in it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ maxLength: 200 }),
          fc.json().map((json) => `{"version": 1, "rules": ${json}}`),
          fc.json().map((json) => `{"version": 1, "waivers": ${json}, "custom": ${json}, "identities": ${json}}`),
        ),
        async (text) => {
          const loaded = await load(text);
          if (loaded.status === 'ok') return;
          assert.ok(loaded.problems.length > 0);
          for (const { position } of loaded.problems) assert.ok(position.line >= 1 && position.column >= 1);
        },
      ),
      { numRuns: 300 },
    );
  });
});
