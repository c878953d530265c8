import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readCases, type PolicyCase } from '@lockseal/policy';

function casesOf(text: string): readonly PolicyCase[] {
  const read = readCases(text, 'cases.yaml');
  if (read.status === 'invalid') assert.fail(JSON.stringify(read.problems));
  return read.cases;
}

function said(text: string): readonly string[] {
  const read = readCases(text, 'cases.yaml');
  if (read.status === 'ok') return [];
  return read.problems.map(({ file, position: { line, column }, code, message, hint }) => {
    return `${file}:${line}:${column} ${code}: ${message}${hint === undefined ? '' : ` | ${hint}`}`;
  });
}

const fact = (facts: string): string => `cases: [{name: a, package: ${facts}, expect: []}]`;

describe('a file of cases', () => {
  test('has each case with its place, and what it expects sorted, each once', () => {
    const cases = casesOf(
      'cases:\n  - {name: one, package: {}, expect: [b, a, b]}\n  - name: two\n    package:\n    expect: c\n',
    );
    assert.deepEqual(
      cases.map(({ name, position, expect }) => ({ name, position, expect })),
      [
        { name: 'one', position: { line: 2, column: 5 }, expect: ['a', 'b'] },
        { name: 'two', position: { line: 3, column: 5 }, expect: ['c'] },
      ],
    );
  });

  test('may hold no case', () => assert.deepEqual(casesOf('cases: []'), []));

  test('has what stands where a case says nothing', () => {
    assert.deepEqual(casesOf(fact('{}'))[0]?.facts, {
      name: 'example',
      version: '1.0.0',
      class: 'registry',
      registry: 'https://registry.npmjs.org/',
      direct: false,
      kind: 'prod',
      license: undefined,
      publisher: 'maintainer',
      deprecated: undefined,
      scripts: [],
      scriptsSha256: 'a'.repeat(64),
      signature: true,
      provenance: undefined,
      ageDays: 365,
      observations: [],
      change: undefined,
      packageAgeDays: 1000,
      silentDays: 30,
      earlierPublishers: ['maintainer'],
      previousVersion: undefined,
      previousProvenance: undefined,
    });
  });

  test('has every fact that a case says', () => {
    const sha256 = '0123456789abcdef'.repeat(4);
    const facts = {
      name: '@acme/tool',
      version: '2.0.0-rc.1',
      class: 'tarball',
      registry: 'https://r.test/',
      direct: true,
      kind: 'optional',
      license: 'MIT',
      publisher: 'ana',
      deprecated: 'use another',
      scripts: ['install'],
      scriptsSha256: sha256,
      signature: false,
      provenance: { issuer: 'i', san: 's' },
      ageDays: 0,
      observations: ['git-source'],
      change: 'added',
      packageAgeDays: 36_500,
      silentDays: 1,
      earlierPublishers: ['a', 'b'],
      previousVersion: '1.0.0',
      previousProvenance: {},
    };
    const written = JSON.stringify({ ...facts, previousProvenance: true });
    assert.deepEqual(casesOf(fact(written))[0]?.facts, facts);
  });

  test('has no provenance where it is said that there is none', () => {
    const [given] = casesOf(fact('{provenance: false, previousProvenance: false}'));
    assert.deepEqual([given?.facts.provenance, given?.facts.previousProvenance], [undefined, undefined]);
  });
});

describe('mistakes in cases', () => {
  const mistakes: readonly (readonly [why: string, text: string, ...said: readonly string[]])[] = [
    ['nothing', '{}', '1:1 missing-key: the file has no `cases` | Begin it with `cases:`.'],
    ['another key', 'test: []', '1:1 unknown-key: `test` is not a key that anything reads | It takes cases.'],
    [
      'a case without its facts',
      'cases: [{name: a, expect: []}]',
      '1:9 missing-key: `cases[0]` needs `name`, `package` and `expect` | Write `expect: []` for no finding.',
    ],
    ['a name that is none', fact('{name: a b}'), '1:35 bad-value: `cases[0].package.name` is no package name: "a b"'],
    ['a range', fact('{version: ^1.0.0}'), '1:38 bad-value: `cases[0].package.version` is no exact version: "^1.0.0"'],
    [
      'no such finding, each',
      fact('{observations: [nope, git-source, toString]}'),
      '1:44 bad-value: `cases[0].package.observations[0]` is no finding: "nope"',
      '1:62 bad-value: `cases[0].package.observations[2]` is no finding: "toString"',
    ],
    [
      'days before the first package',
      fact('{ageDays: 36501, silentDays: -1, packageAgeDays: "3"}'),
      '1:38 bad-value: `cases[0].package.ageDays` must be from 0 to 36500',
      '1:77 wrong-type: `cases[0].package.packageAgeDays` must be a number | Write it without quotes.',
      '1:57 bad-value: `cases[0].package.silentDays` must be from 0 to 36500',
    ],
    [
      'a flag in words, and an identity in words',
      fact('{direct: "yes", provenance: "yes"}'),
      '1:37 wrong-type: `cases[0].package.direct` must be true or false | Write it without quotes.',
      '1:56 wrong-type: `cases[0].package.provenance` must be true or false | Write it without quotes.',
    ],
    ['a key twice, told alone', 'cases: []\ncases: []', '2:1 bad-syntax: Map keys must be unique'],
  ];
  for (const [why, text, ...expected] of mistakes) {
    test(why, () =>
      assert.deepEqual(
        said(text),
        expected.map((each) => `cases.yaml:${each}`),
      ),
    );
  }
});
