import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expiredWaivers } from '@lockseal/policy';
import { NOW, policyOf } from './support/load.ts';
import { daysAgo, history, judge, spoken, type Case } from './support/judge.ts';

const young = { history: history({ publishedAt: daysAgo(1) }) };
const waiver = (changes: Readonly<Record<string, string>> = {}): string => {
  const members = {
    package: 'tool',
    rule: 'release-age',
    reason: 'a fix',
    who: 'alice',
    expires: '2026-12-01',
    ...changes,
  };
  return `waivers: [${JSON.stringify(members)}]`;
};
const policy = (text: string): string => `version: 1\nrules: {release-age: error}\n${text}\n`;

const cases: readonly (Case & { readonly waived: number })[] = [
  { why: 'it hides what it excepts', policy: policy(waiver()), evidence: young, says: [], waived: 1 },
  {
    why: 'of this very version',
    policy: policy(waiver({ package: 'tool@1.2.0' })),
    evidence: young,
    says: [],
    waived: 1,
  },
  {
    why: 'of another version: it hides nothing, and is told',
    policy: policy(waiver({ package: 'tool@1.1.0' })),
    evidence: young,
    says: ['error release-too-young', 'warn waiver-unused'],
    waived: 0,
  },
  {
    why: 'of another package',
    policy: policy(waiver({ package: 'other' })),
    evidence: young,
    says: ['error release-too-young', 'warn waiver-unused'],
    waived: 0,
  },
  {
    why: 'of another rule',
    policy: policy(waiver({ rule: 'source' })),
    evidence: young,
    says: ['error release-too-young', 'warn waiver-unused'],
    waived: 0,
  },
  {
    why: 'its time is over',
    policy: policy(waiver({ expires: '2026-11-22' })),
    evidence: young,
    says: ['error release-too-young', 'error waiver-expired'],
    waived: 0,
  },
  {
    why: 'its time is over at this very moment',
    policy: policy(waiver({ expires: '2026-11-22T10:00:00Z' })),
    evidence: young,
    says: ['error release-too-young', 'error waiver-expired'],
    waived: 0,
  },
  {
    why: 'a second is left',
    policy: policy(waiver({ expires: '2026-11-22T10:00:01Z' })),
    evidence: young,
    says: [],
    waived: 1,
  },
  {
    why: 'there is nothing to hide',
    policy: policy(waiver()),
    evidence: { history: history() },
    says: ['warn waiver-unused'],
    waived: 0,
  },
  {
    why: 'of a custom rule',
    policy: `version: 1\ncustom: [{name: ours, when: "true", message: m}]\n${waiver({ rule: 'ours' })}`,
    says: [],
    waived: 1,
  },
  {
    why: 'it hides even contradictions, by name and with an end',
    policy: `version: 1\n${waiver({ rule: 'integrity' })}`,
    evidence: { observations: [{ code: 'integrity-mismatch' }] },
    says: [],
    waived: 1,
  },
  {
    why: 'nothing about the lockfile as a whole can be waived for a package',
    policy: `version: 1\n${waiver({ package: '**', rule: 'shadowing-lockfile' })}`,
    verification: { observations: [{ code: 'shadowing-lockfile' }] },
    says: ['error shadowing-lockfile', 'warn waiver-unused'],
    waived: 0,
  },
];

describe('a waiver', () => {
  for (const given of cases) {
    test(given.why, async () => {
      const judgement = await judge(given);
      assert.deepEqual(spoken(judgement), given.says);
      assert.equal(judgement.waived.length, given.waived);
    });
  }

  test('is listed with what it hid, why, by whom and until when', async () => {
    const { waived, verdict } = await judge({ why: '', policy: policy(waiver()), evidence: young, says: [] });
    const [{ finding, ...exception }] = waived as [(typeof waived)[0]];
    assert.deepEqual(exception, { reason: 'a fix', who: 'alice', expires: '2026-12-01T00:00:00.000Z' });
    assert.equal(finding.code, 'release-too-young');
    assert.equal(verdict, 'good');
  });

  test('that is left over is told with its place in the policy', async () => {
    const { findings } = await judge({ why: '', policy: policy(waiver()), says: [] });
    const found = findings.find(({ code }) => code === 'waiver-unused');
    assert.equal(found?.file, 'lockseal.yaml');
    assert.deepEqual(found?.position, { line: 3, column: 11 });
    assert.equal(found?.found, 'tool, release-age, until 2026-12-01, by alice');
    assert.equal(found?.rule, 'policy-file');
  });
});

test('waivers that have ended are mistakes of the file, others are none', async () => {
  const loaded = await policyOf(
    [
      'version: 1',
      'waivers:',
      '  - {package: a, rule: source, reason: r, who: w, expires: 2026-12-01}',
      '  - {package: "b@^1", rule: trust, reason: r, who: w, expires: "2026-11-22T10:00:00Z"}',
      '  - {package: c, rule: source, reason: r, who: w, expires: "2026-11-22T10:00:01Z"}',
      '',
    ].join('\n'),
  );
  assert.deepEqual(expiredWaivers(loaded, NOW), [
    {
      code: 'waiver-expired',
      file: 'lockseal.yaml',
      position: { line: 4, column: 5 },
      message: 'the waiver of trust for b@^1 ended on 2026-11-22',
      hint: 'Remove it, or renew it with a reason that holds now.',
    },
  ]);
});

describe('what matches no package is told', () => {
  const leftovers: readonly Case[] = [
    {
      why: 'an override',
      policy: 'version: 1\noverrides: [{packages: [tool, lodahs], rules: {}}]',
      says: ['warn policy-unmatched'],
    },
    {
      why: 'an override of another version',
      policy: 'version: 1\noverrides: [{packages: tool@2, rules: {}}]',
      says: ['warn policy-unmatched'],
    },
    { why: 'a pin', policy: 'version: 1\nidentities: {lodahs: {issuer: i, san: s}}', says: ['warn policy-unmatched'] },
    { why: 'nothing left over', policy: 'version: 1\noverrides: [{packages: "to*", rules: {}}]', says: [] },
    {
      why: 'nobody wants to know',
      policy: 'version: 1\nrules: {policy-file: off}\noverrides: [{packages: a, rules: {}}]',
      says: [],
    },
    {
      why: 'an error, for the strict',
      policy: 'version: 1\nrules: {policy-file: error}\noverrides: [{packages: a, rules: {}}]',
      says: ['error policy-unmatched'],
    },
  ];
  for (const given of leftovers) {
    test(given.why, async () => assert.deepEqual(spoken(await judge(given)), given.says));
  }

  test('with the pattern', async () => {
    const { findings } = await judge({
      why: '',
      policy: 'version: 1\noverrides: [{packages: lodahs, rules: {}}]',
      says: [],
    });
    assert.equal(findings[0]?.found, 'lodahs');
  });
});
