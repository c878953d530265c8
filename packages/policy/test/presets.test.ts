// What each preset makes of each finding that it is about: the words of docs/policy.md, as a table.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FINDING_CODES, type FindingCode } from '@lockseal/core';
import { describeRule, PRESET_NAMES, type Policy } from '@lockseal/policy';
import { RULES } from '../src/rules/table.ts';
import { policyOf } from './support/load.ts';

const NAMES = ['baseline', 'recommended', 'strict'] as const;

/** Findings whose level, or whose being looked for, a preset changes; `-`: the rule is off. */
const LEVELS: Partial<Readonly<Record<FindingCode, readonly [baseline: string, recommended: string, strict: string]>>> =
  {
    deprecated: ['note', 'warn', 'error'],
    'baseline-missing': ['-', 'note', 'warn'],
    'release-too-young': ['-', 'error', 'error'],
    'script-unapproved': ['-', 'error', 'error'],
    'young-dependency': ['-', 'error', 'error'],
    'provenance-downgrade': ['-', 'error', 'error'],
    'identity-drift': ['-', 'error', 'error'],
    'publisher-changed': ['-', 'warn', 'error'],
    'dormant-revived': ['-', 'warn', 'error'],
    'tarball-delta': ['-', 'warn', 'error'],
    'signature-missing': ['note', 'note', 'error'],
    'signature-unknown-key': ['warn', 'warn', 'error'],
    'attestations-withheld': ['warn', 'warn', 'error'],
    'evidence-unavailable': ['warn', 'warn', 'error'],
    'tarball-odd': ['warn', 'warn', 'error'],
    'script-undeclared': ['warn', 'warn', 'error'],
    'manifest-mismatch': ['warn', 'warn', 'error'],
    'policy-unmatched': ['warn', 'warn', 'error'],
    'policy-changed': ['warn', 'warn', 'error'],
    'waiver-unused': ['warn', 'warn', 'error'],
  };

/** Options that a preset sets, as JSON. */
const OPTIONS: Readonly<Record<(typeof NAMES)[number], Readonly<Record<string, unknown>>>> = {
  baseline: {},
  recommended: { 'release-age.minAge': 3 * 86_400, 'young-new-dependency.minAge': 30 * 86_400 },
  strict: {
    'release-age.minAge': 7 * 86_400,
    'young-new-dependency.minAge': 90 * 86_400,
    'exotic-dependency.direct': false,
  },
};

function levelsOf(policy: Policy): Readonly<Record<string, string>> {
  const described = RULES.map(({ name }) => describeRule(name, policy) ?? assert.fail(name));
  return Object.fromEntries(
    described.flatMap(({ isActive, codes }) => codes.map(({ code, level }) => [code, isActive ? level : '-'])),
  );
}

describe('presets', () => {
  test('are these', () => assert.deepEqual(PRESET_NAMES, NAMES));

  for (const [at, name] of NAMES.entries()) {
    test(`${name} has the levels of the table, and no others`, async () => {
      const expected = RULES.flatMap(({ codes }) =>
        codes.map((code) => [code, LEVELS[code]?.[at] ?? FINDING_CODES[code].level]),
      );
      assert.deepEqual(levelsOf(await policyOf(`version: 1\nextends: ${name}\n`)), Object.fromEntries(expected));
    });

    test(`${name} sets these options, and no others`, async () => {
      const { rules } = await policyOf(`version: 1\nextends: ${name}\n`);
      const set = [...rules].flatMap(([rule, { options }]) =>
        [...options].map(([option, value]) => [`${rule}.${option}`, value]),
      );
      assert.deepEqual(Object.fromEntries(set), OPTIONS[name]);
    });
  }

  test('grow stricter: no finding has a lower level in the next one', () => {
    const RANKS = ['-', 'note', 'warn', 'error'];
    for (const [code, levels] of Object.entries(LEVELS)) {
      const ranks = levels.map((level) => RANKS.indexOf(level));
      assert.deepEqual(
        ranks,
        ranks.toSorted((a, b) => a - b),
        code,
      );
    }
  });

  test('let waivers last 90 days, and strict 30', async () => {
    const until = (day: string): string =>
      `waivers: [{package: a, rule: source, reason: r, who: w, expires: "${day}"}]\n`;
    for (const name of ['baseline', 'recommended']) {
      assert.equal((await policyOf(`version: 1\nextends: ${name}\n${until('2027-02-20')}`)).waivers.length, 1);
      await assert.rejects(policyOf(`version: 1\nextends: ${name}\n${until('2027-02-21')}`), /waiver-too-long/);
    }
    assert.equal((await policyOf(`version: 1\nextends: strict\n${until('2026-12-22')}`)).waivers.length, 1);
    await assert.rejects(policyOf(`version: 1\nextends: strict\n${until('2026-12-23')}`), /waiver-too-long/);
  });
});
