// Who judges an entry: every rule what was looked at, and only the rules of the lockfile's own words what an approval covers.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CarriedEvidence, Evidence } from '@lockseal/core';
import { daysAgo, judge, loggedAt, NO_HISTORY, spoken, UNAVAILABLE, type Case } from './support/judge.ts';

const carried: CarriedEvidence = {
  grade: 'signed',
  identity: undefined,
  scripts: [],
  requires: {
    dependencies: new Map(),
    optionalDependencies: new Map(),
    peerDependencies: new Map(),
    optionalPeers: [],
    bundleDependencies: [],
    usesGyp: false,
  },
  origin: { sha256: '01'.repeat(32), sequence: 1, approvedAt: daysAgo(2), expiresAt: daysAgo(-2) },
};

type Vouched = Omit<Case, 'says'> & { readonly says: string; readonly stays: boolean };

const cases: readonly Vouched[] = [
  {
    why: 'an age: it was old enough when it was approved, or somebody saw that it was not',
    policy: '{release-age: error}',
    checks: { publishAttestation: loggedAt(1) },
    says: 'error release-too-young',
    stays: false,
  },
  {
    why: 'a question that nobody can answer today',
    policy: '{release-age: error}',
    evidence: { history: NO_HISTORY },
    says: 'undecided',
    stays: false,
  },
  {
    why: 'provenance that is required',
    policy: '{provenance: {require: true}}',
    says: 'error provenance-missing',
    stays: false,
  },
  {
    why: 'a rule of the project',
    policy: 'version: 1\ncustom: [{name: own, when: pkg.name == "tool", message: no}]\n',
    says: 'error custom-rule',
    stays: false,
  },
  {
    why: 'a deprecation, for the lockfile itself may tell it',
    policy: '{deprecated: error}',
    entry: { deprecated: 'use another one' },
    says: 'error deprecated',
    stays: true,
  },
  {
    why: 'the registry, for the lockfile itself names it',
    policy: 'version: 1\nregistries: ["https://npm.example.com/"]\n',
    entry: {
      source: {
        type: 'registry',
        url: 'https://registry.npmjs.org/tool/-/tool-1.2.0.tgz',
        namedRegistry: undefined,
      },
    },
    says: 'error source-disallowed',
    stays: true,
  },
  {
    why: 'what was observed in this run',
    policy: '{}',
    evidence: { observations: [{ code: 'edge-forged' }] },
    says: 'error edge-forged',
    stays: true,
  },
];

describe('what an approval covers', () => {
  for (const { says, stays, ...given } of cases) {
    test(`${stays ? 'is judged all the same' : 'is judged no more'}: ${given.why}`, async () => {
      const looked: Case = { ...given, says: [] };
      const covered: Case = { ...looked, evidence: { ...given.evidence, carried } satisfies Partial<Evidence> };
      assert.deepEqual(spoken(await judge(looked)), [says]);
      assert.deepEqual(spoken(await judge(covered)), stays ? [says] : []);
    });
  }
});

describe('an open question', () => {
  const both = (provenance: string, age: string): Promise<Awaited<ReturnType<typeof judge>>> =>
    judge({
      why: '',
      policy: `{provenance: {require: true, levels: {provenance-missing: ${provenance}}}, release-age: ${age}}`,
      evidence: { history: NO_HISTORY },
      checks: { provenance: UNAVAILABLE },
      says: [],
    });

  test('is the first one, where several rules ask', async () => {
    assert.deepEqual(
      (await both('error', 'error')).undecided.map(({ check }) => check),
      ['provenance'],
    );
  });

  test('is that of the rule of level error, although another one asked before', async () => {
    assert.deepEqual(
      (await both('warn', 'error')).undecided.map(({ check }) => check),
      ['history'],
    );
  });

  test('is none where only warnings hang on it', async () => {
    assert.deepEqual((await both('warn', 'warn')).undecided, []);
  });

  test('does not hide that another rule is off', async () => {
    const judgement = await judge({
      why: '',
      policy: '{deprecated: {level: off, levels: {deprecated: off}}, release-age: error}',
      entry: { deprecated: 'old' },
      evidence: { history: NO_HISTORY },
      says: [],
    });
    assert.deepEqual(spoken(judgement), ['undecided']);
  });
});

test('a rule of the project that is off says nothing', async () => {
  const policy = 'version: 1\ncustom: [{name: own, level: off, when: pkg.name == "tool", message: no}]\n';
  assert.deepEqual(spoken(await judge({ why: '', policy, says: [] })), []);
});

test("a rule's own words for the mend go before those of its code", async () => {
  const policy = 'version: 1\ncustom: [{name: own, when: pkg.name == "tool", message: no, fix: Ask first.}]\n';
  const [finding] = (await judge({ why: '', policy, says: [] })).findings;
  assert.deepEqual([finding?.rule, finding?.fix, finding?.detail], ['own', 'Ask first.', 'no']);
});
