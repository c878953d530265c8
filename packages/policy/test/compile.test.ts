// Which rules judge a package, and at which level.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FINDING_CODES } from '@lockseal/core';
import { compilePolicy, isActive, type CompiledRules } from '../src/compile.ts';
import { ruleNamed, RULES } from '../src/rules/table.ts';
import { locked } from '../../../test/support/verification.ts';
import { policyOf } from './support/load.ts';

async function compiled(text: string): Promise<(name: string, version?: string) => CompiledRules> {
  const { rulesFor } = compilePolicy(await policyOf(`version: 1\n${text}\n`));
  return (name, version = '1.0.0') => rulesFor(locked(name, version));
}

const names = (rules: CompiledRules): readonly string[] =>
  [...rules.judges, ...rules.judgesOfAll].map(({ rule }) => rule).toSorted();

describe('a rule is active', () => {
  const cases: readonly (readonly [why: string, rules: string, rule: string, active: boolean])[] = [
    ['by itself', '{}', 'source', true],
    ['not by itself', '{}', 'release-age', false],
    ['once it has a level', '{release-age: note}', 'release-age', true],
    ['once it has an option', '{release-age: {minAge: P1D}}', 'release-age', true],
    ['not if it is off', '{trust: off}', 'trust', false],
    ['not if it is off, whatever its options', '{release-age: {level: off, minAge: P1D}}', 'release-age', false],
    [
      'if one of its findings is wanted, although it is off',
      '{release-age: {level: off, levels: {release-too-young: warn}}}',
      'release-age',
      true,
    ],
    ['with one that brings it along', '{tarball-delta: warn}', 'baseline', true],
    ['not with one that is off', '{tarball-delta: off}', 'baseline', false],
    ['not with one that brings nothing along', '{release-age: warn}', 'baseline', false],
    ['not if it is off itself', '{tarball-delta: warn, baseline: off}', 'baseline', false],
  ];
  for (const [why, rules, rule, active] of cases) {
    test(`${rule}: ${why}`, async () => {
      const policy = await policyOf(`version: 1\nrules: ${rules}\n`);
      assert.equal(isActive(ruleNamed(rule) ?? assert.fail(), policy.rules), active);
      assert.equal(names(compilePolicy(policy).base).includes(rule), active);
    });
  }
});

describe('the rules of a package', () => {
  const OVERRIDES = `rules: {deprecated: note}
overrides:
  - {packages: [a, b], rules: {deprecated: warn}}
  - {packages: "b@2", rules: {deprecated: error, release-age: warn}}
  - {packages: b, rules: {trust: off}}`;

  test('are those of the policy where no override is about it', async () => {
    const rulesFor = await compiled(OVERRIDES);
    assert.equal(rulesFor('c').levelOf('deprecated'), 'note');
    assert.equal(rulesFor('c'), rulesFor('d'));
  });

  test('are as the overrides leave them, the later ones with the last word', async () => {
    const rulesFor = await compiled(OVERRIDES);
    assert.equal(rulesFor('a').levelOf('deprecated'), 'warn');
    assert.equal(rulesFor('b', '1.0.0').levelOf('deprecated'), 'warn');
    assert.equal(rulesFor('b', '2.0.0').levelOf('deprecated'), 'error');
    assert.equal(rulesFor('b').levelOf('trust-unacceptable'), 'off');
    assert.deepEqual(
      [names(rulesFor('b', '2.0.0')).includes('release-age'), names(rulesFor('b')).includes('release-age')],
      [true, false],
    );
  });

  test('are made once for all that share overrides', async () => {
    const rulesFor = await compiled(OVERRIDES);
    assert.equal(rulesFor('b', '1.0.0'), rulesFor('b', '1.5.0'));
    assert.notEqual(rulesFor('b', '1.0.0'), rulesFor('b', '2.0.0'));
    assert.notEqual(rulesFor('a'), rulesFor('b'));
  });
});

test('a level is that of the finding, else that of the rule, else that of the table', async () => {
  const rules = (await compiled('rules: {evidence: {level: error, levels: {evidence-unavailable: note}}}'))('a');
  assert.equal(rules.levelOf('evidence-unavailable'), 'note');
  assert.equal(rules.levelOf('attestations-withheld'), 'error');
  assert.equal(rules.levelOf('insecure-url'), FINDING_CODES['insecure-url'].level);
  assert.equal(rules.levelOf('approval-missing'), FINDING_CODES['approval-missing'].level, 'no rule has it');
});

test('only rules over the words of the lockfile judge what an approval covers', () => {
  assert.deepEqual(
    RULES.filter(({ judgesCarried }) => judgesCarried === true).map(({ name }) => name),
    ['deprecated', 'source'],
  );
});
