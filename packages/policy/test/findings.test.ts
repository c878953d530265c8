import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Evidence, LockedPackage, Observation } from '@lockseal/core';
import { defaultPolicy } from '@lockseal/policy';
import { toFinding } from '../src/findings.ts';
import { indexPatterns } from '../src/pattern-index.ts';
import type { Facts } from '../src/rules/rule.ts';
import { evidenceOf, locked, signedChecks, verificationOf } from '../../../test/support/verification.ts';

const debug = locked('debug', '2.6.9', 12);
const DISPUTED = 'Mend the locked digest first: the evidence is over the published bytes, not over the locked ones.';

function factsOf(entry: LockedPackage): Facts {
  return {
    verification: verificationOf([]),
    now: 0,
    registries: undefined,
    pinsOf: indexPatterns([], () => []),
    trust: defaultPolicy.trust,
    describe: (id) => (id === entry.id ? entry : assert.fail(id)),
    pathTo: (id) => ['.', id],
  };
}

function found(
  observation: Observation,
  {
    evidence,
    entry = debug,
    rule,
    fix,
  }: { evidence?: Evidence; entry?: LockedPackage; rule?: string; fix?: string } = {},
): ReturnType<typeof toFinding> {
  return toFinding({ observation, level: 'warn', rule, fix }, evidence, factsOf(entry));
}

describe('a finding', () => {
  test('of no rule has no member for one, so that reports do not show an empty name', () => {
    assert.equal('rule' in found({ code: 'approval-missing' }), false);
    assert.equal(found({ code: 'approval-missing' }, { rule: 'own' }).rule, 'own');
  });

  const subjects: readonly (readonly [
    observation: Observation,
    subject: string,
    path: readonly string[] | undefined,
  ])[] = [
    [{ code: 'insecure-url', entry: debug.id }, 'debug@2.6.9', ['.', debug.id]],
    [{ code: 'insecure-url', entry: debug.id, importer: 'packages/a' }, 'debug@2.6.9', ['.', debug.id]],
    [{ code: 'specifier-mismatch', importer: 'packages/a' }, 'packages/a', ['packages/a']],
    [{ code: 'multiple-documents' }, 'lockfile', undefined],
  ];
  for (const [observation, subject, path] of subjects) {
    test(`is about ${subject} where the observation is ${JSON.stringify(observation)}`, () => {
      const { subject: told, path: way } = found(observation);
      assert.deepEqual([told, way], [subject, path]);
    });
  }

  test('without a version is about the name alone', () => {
    const entry = { ...debug, version: undefined };
    assert.equal(found({ code: 'version-missing', entry: debug.id }, { entry }).subject, 'debug');
  });

  test("has the rule's own fix, where there is one", () => {
    assert.equal(found({ code: 'signature-invalid', entry: debug.id }, { fix: 'Ask.' }).fix, 'Ask.');
  });
});

describe('the digest is mended first', () => {
  const invalid = { status: 'invalid', reason: 'another' } as const;
  const cases: readonly (readonly [why: string, changes: Partial<Evidence>, isDisputed: boolean])[] = [
    [
      'where the check says so',
      { checks: signedChecks({ registry: { ...invalid, code: 'integrity-mismatch' } }) },
      true,
    ],
    [
      'where only an observation says so, for the check names the URL',
      {
        checks: signedChecks({ registry: { ...invalid, code: 'url-mismatch' } }),
        observations: [{ code: 'insecure-url' }, { code: 'integrity-mismatch' }, { code: 'url-mismatch' }],
      },
      true,
    ],
    [
      'not where another thing is wrong',
      { checks: signedChecks({ registry: { ...invalid, code: 'url-mismatch' } }) },
      false,
    ],
    ['not where the registry vouches for it', {}, false],
    ['not where other things were observed', { observations: [{ code: 'insecure-url' }] }, false],
  ];
  for (const [why, changes, isDisputed] of cases) {
    test(why, () => {
      const { fix } = found({ code: 'signature-invalid', entry: debug.id }, { evidence: evidenceOf(debug, changes) });
      assert.equal(fix === DISPUTED, isDisputed);
    });
  }

  test('not where nothing is known of any entry', () => {
    assert.notEqual(found({ code: 'signature-invalid' }).fix, DISPUTED);
  });
});
