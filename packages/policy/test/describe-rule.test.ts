import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FINDING_CODES } from '@lockseal/core';
import { defaultPolicy, describeRule } from '@lockseal/policy';
import { RULES } from '../src/rules/table.ts';
import { policyOf } from './support/load.ts';

describe('the description of a rule', () => {
  for (const rule of RULES) {
    test(`${rule.name} is found by its name and by each of its codes, and says what it would do`, () => {
      const described = describeRule(rule.name, defaultPolicy);
      assert.deepEqual(described, {
        name: rule.name,
        describe: rule.describe,
        // What brings other rules along is off in the default policy, so nothing is brought along.
        isActive: rule.isOnByDefault,
        codes: rule.codes.map((code) => ({
          code,
          level: FINDING_CODES[code].level,
          title: FINDING_CODES[code].title,
        })),
        options: Object.entries(rule.options).map(([name, option]) => ({ name, describe: option.describe })),
      });
      for (const code of rule.codes) assert.deepEqual(describeRule(code, defaultPolicy), described, code);
    });
  }

  const levels: readonly (readonly [why: string, rules: string, level: string, isActive: boolean])[] = [
    ['its own where nobody sets it', '{}', 'error', false],
    ['that of the rule', '{release-age: warn}', 'warn', true],
    ['that of the finding', '{release-age: {levels: {release-too-young: note}}}', 'note', true],
    [
      'that of the finding before that of the rule',
      '{release-age: {level: warn, levels: {release-too-young: note}}}',
      'note',
      true,
    ],
    ['its own where only an option is set', '{release-age: {minAge: P9D}}', 'error', true],
    ['off', '{release-age: off}', 'off', false],
  ];
  for (const [why, rules, level, isActive] of levels) {
    test(`tells the level of a code: ${why}`, async () => {
      const described = describeRule('release-age', await policyOf(`version: 1\nrules: ${rules}\n`));
      assert.deepEqual(
        described?.codes.map((each) => [each.code, each.level]),
        [['release-too-young', level]],
      );
      assert.equal(described.isActive, isActive);
    });
  }

  test('tells of each code its own level, where only one is set', async () => {
    const policy = await policyOf('version: 1\nrules: {source: {levels: {git-source: error}}}\n');
    for (const { code, level } of describeRule('source', policy)?.codes ?? assert.fail()) {
      assert.equal(level, code === 'git-source' ? 'error' : FINDING_CODES[code].level, code);
    }
  });

  for (const name of ['', 'no-such', 'approval-missing', 'custom-rule', 'constructor', '__proto__', 'toString']) {
    test(`is none of ${JSON.stringify(name)}`, () => assert.equal(describeRule(name, defaultPolicy), undefined));
  }
});
