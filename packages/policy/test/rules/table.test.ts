import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { FINDING_CODES, type FindingCode } from '@lockseal/core';
import { ruleNamed, ruleOf, RULE_NAMES, RULES } from '../../src/rules/table.ts';

describe('the table of rules', () => {
  test('every code belongs to exactly one rule, but those of approvals and of custom rules', () => {
    const counted = new Map<string, number>();
    for (const { codes } of RULES) for (const code of codes) counted.set(code, (counted.get(code) ?? 0) + 1);
    const expected = Object.keys(FINDING_CODES).filter(isJudgedHere);
    assert.deepEqual([...counted.keys()].toSorted(), expected.toSorted());
    assert.deepEqual(
      [...counted.values()].filter((count) => count !== 1),
      [],
    );
  });

  test('every rule stands in the file of its name', () => {
    for (const name of RULE_NAMES) {
      assert.ok(fs.existsSync(path.join(import.meta.dirname, `../../src/rules/${name}.ts`)), name);
    }
  });

  test('rules and codes are found', () => {
    assert.equal(ruleNamed('release-age')?.name, 'release-age');
    assert.equal(ruleNamed('no-such'), undefined);
    assert.equal(ruleOf('release-too-young')?.name, 'release-age');
    assert.equal(ruleOf('approval-expired'), undefined);
  });

  for (const rule of RULES) {
    test(`${rule.name} says what it is, and every option what it does`, () => {
      assert.match(rule.describe, /^[A-Z].*\.$/);
      for (const { describe: text } of Object.values(rule.options)) assert.match(text, /^[A-Z].*\.$/);
    });
  }
});

/** Beside families of codes: custom rules, and what comes of an install through the gate. */
const ELSEWHERE = ['custom-rule', 'gate-refused', 'lockfile-changed', 'script-held', 'script-failed'];

function isJudgedHere(code: string): code is FindingCode {
  return !/^(?:approval|approver|approvers|artifact|sbom|gate|installed)-/.test(code) && !ELSEWHERE.includes(code);
}
