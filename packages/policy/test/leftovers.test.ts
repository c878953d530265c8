// What in a policy does nothing: told with its place, and only of the project's own file.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Finding, Verification } from '@lockseal/core';
import { evaluate } from '@lockseal/policy';
import { evidenceOf, locked, verificationOf } from '../../../test/support/verification.ts';
import { policyOf } from './support/load.ts';

const entries = [locked('tool', '1.2.0'), locked('tool', '2.0.0'), locked('@acme/box', '1.0.0')].map((entry, at) => ({
  ...entry,
  id: `e${at}`,
}));

async function leftovers(
  text: string,
  files: Readonly<Record<string, string>> = {},
  changes: Partial<Verification> = {},
): Promise<readonly Finding[]> {
  const verification = verificationOf(
    entries.map((entry) => evidenceOf(entry)),
    changes,
  );
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  return evaluate(verification, await policyOf(text, files), {
    describe: (id) => byId.get(id) ?? assert.fail(id),
    pathTo: () => undefined,
  }).findings;
}

const override = (pattern: string): string => `version: 1\noverrides: [{packages: "${pattern}", rules: {}}]\n`;
const pin = (pattern: string): string => `version: 1\nidentities: {"${pattern}": {issuer: i, san: s}}\n`;

describe('a pattern', () => {
  const patterns: readonly (readonly [pattern: string, matches: boolean])[] = [
    ['tool', true],
    ['tool@2', true],
    ['tool@3', false],
    ['tools', false],
    ['to*', true],
    ['to*@^1.0.0', true],
    ['to*@3', false],
    ['x*', false],
    ['@acme/*', true],
    ['@acme/box', true],
    ['@acme/boxes', false],
    ['@other/*', false],
    ['**', true],
    ['**@9', false],
  ];
  for (const [pattern, matches] of patterns) {
    test(`${pattern} ${matches ? 'is about what is locked' : 'is left over'}`, async () => {
      const isTold = (found: readonly Finding[]): readonly (string | undefined)[] =>
        found.flatMap(({ code, found: text }) => (code === 'policy-unmatched' ? [text] : []));
      assert.deepEqual(isTold(await leftovers(override(pattern))), matches ? [] : [pattern]);
      assert.deepEqual(isTold(await leftovers(pin(pattern))), matches ? [] : [pattern]);
    });
  }

  test('is left over alone, where others of the same list are not', async () => {
    const found = await leftovers('version: 1\noverrides: [{packages: [tool, a, b], rules: {}}]\n');
    assert.deepEqual(
      found.map((each) => each.found),
      ['a', 'b'],
    );
  });

  test('that is left over is told whole', async () => {
    assert.deepEqual(await leftovers(override('lodahs')), [
      {
        code: 'policy-unmatched',
        level: 'warn',
        subject: 'policy',
        entry: undefined,
        path: undefined,
        position: { line: 2, column: 13 },
        dependency: undefined,
        expected: undefined,
        found: 'lodahs',
        detail: undefined,
        fix: 'Correct the pattern, or remove it.',
        rule: 'policy-file',
        file: 'lockseal.yaml',
      },
    ]);
  });
});

describe('a waiver', () => {
  const waiver = (expires: string): string =>
    `version: 1\nwaivers: [{package: other, rule: source, reason: r, who: ana, expires: "${expires}"}]\n`;

  test('that hides nothing is told with all that it says', async () => {
    assert.deepEqual(
      (await leftovers(waiver('2026-12-01'))).map(({ code, level, found, fix }) => [code, level, found, fix]),
      [['waiver-unused', 'warn', 'other, source, until 2026-12-01, by ana', 'Remove it.']],
    );
  });

  test('that has ended is told as ended, not as unused', async () => {
    assert.deepEqual(
      (await leftovers(waiver('2026-11-01'))).map(({ code, level, found }) => [code, level, found]),
      [['waiver-expired', 'error', 'other, source, until 2026-11-01, by ana']],
    );
  });
});

describe('what another file says', () => {
  for (const [why, text] of [
    ['an override', override('lodahs')],
    ['a pin', pin('lodahs')],
    ['an unused waiver', 'version: 1\nwaivers: [{package: a, rule: source, reason: r, who: w, expires: "2026-12-01"}]'],
    ['an ended waiver', 'version: 1\nwaivers: [{package: a, rule: source, reason: r, who: w, expires: "2026-11-01"}]'],
  ] as const) {
    test(`is for many projects, and not told: ${why}`, async () => {
      assert.equal((await leftovers(text)).length, 1);
      assert.deepEqual(await leftovers('version: 1\nextends: ./team.yaml\n', { './team.yaml': text }), []);
    });
  }
});

for (const [code, level] of [
  ['policy-unmatched', 'note'],
  ['policy-unmatched', 'off'],
] as const) {
  test(`${code} has the level that the policy gives it: ${level}`, async () => {
    const text = `${override('lodahs')}rules: {policy-file: {levels: {${code}: ${level}}}}\n`;
    assert.deepEqual(
      (await leftovers(text)).map((each) => each.level),
      level === 'off' ? [] : [level],
    );
  });
}
