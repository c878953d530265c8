// What a rule of level error needs to know and nobody could tell: the entry is undecided, and the reason is told.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  history,
  judge,
  NO_HISTORY,
  previous,
  PROVEN,
  published,
  spoken,
  UNAVAILABLE,
  type Case,
} from '../support/judge.ts';

const ASKED = { error: UNAVAILABLE.error, reason: UNAVAILABLE.reason };
const NO_TIME = { error: 'ERR_RESPONSE_INVALID', reason: 'nobody tells when it was published' };
const downgraded = { history: history({ previous: previous({ provenance: PROVEN }) }) };
const timeless = { history: history({ publishedAt: undefined }) };
const PIN = 'version: 1\nidentities: {tool: {issuer: i, san: s}}\n';

type Open = Omit<Case, 'says'> & { readonly asks: { check: string; error: string; reason: string } };

const cases: readonly Open[] = [
  {
    why: 'an age',
    policy: '{release-age: error}',
    evidence: { history: NO_HISTORY },
    asks: { check: 'history', ...ASKED },
  },
  {
    why: 'an age that no registry tells',
    policy: '{release-age: error}',
    evidence: timeless,
    asks: { check: 'history', ...NO_TIME },
  },
  {
    why: 'an age where the registry has no such package',
    policy: '{release-age: error}',
    evidence: { history: { status: 'absent', reason: 'no such package' } },
    asks: { check: 'history', ...NO_TIME },
  },
  ...['dormant-revived', 'young-new-dependency', 'tarball-delta'].map((rule) => ({
    why: rule,
    policy: `{${rule}: error}`,
    evidence: { history: NO_HISTORY },
    asks: { check: 'history', ...ASKED },
  })),
  {
    why: 'who published before',
    policy: '{publisher-change: error}',
    evidence: { history: NO_HISTORY, published: published() },
    asks: { check: 'history', ...ASKED },
  },
  {
    why: 'who built before',
    policy: '{identity-drift: error}',
    evidence: { history: NO_HISTORY },
    checks: { provenance: PROVEN },
    asks: { check: 'history', ...ASKED },
  },
  {
    why: 'whether there is provenance, where there was',
    policy: '{provenance-downgrade: error}',
    evidence: downgraded,
    checks: { provenance: UNAVAILABLE },
    asks: { check: 'provenance', ...ASKED },
  },
  { why: 'who built it', policy: PIN, checks: { provenance: UNAVAILABLE }, asks: { check: 'provenance', ...ASKED } },
  {
    why: 'provenance that must be there',
    policy: '{provenance: {require: true, levels: {provenance-missing: error}}}',
    checks: { provenance: UNAVAILABLE },
    asks: { check: 'provenance', ...ASKED },
  },
  {
    why: 'a publish attestation that must be there',
    policy: '{publish-attestation: {require: true, levels: {publish-attestation-missing: error}}}',
    checks: { publishAttestation: UNAVAILABLE },
    asks: { check: 'publishAttestation', ...ASKED },
  },
  {
    why: 'a signature that must be there',
    policy: '{registry-signature: {levels: {signature-missing: error}}}',
    checks: { signature: UNAVAILABLE },
    asks: { check: 'signature', ...ASKED },
  },
  {
    why: 'what files the baseline had',
    policy: '{tarball-delta: error}',
    evidence: {
      contents: { files: 1, unpackedSize: 100, list: [] },
      history: history({ previous: previous({ contents: undefined }) }),
    },
    asks: {
      check: 'history',
      error: 'ERR_UNBOUND',
      reason: 'the tarball of 1.1.0, which the baseline locks, could not be read',
    },
  },
];

describe('undecided', () => {
  for (const { asks, ...given } of cases) {
    test(given.why, async () => {
      const judgement = await judge({ ...given, says: ['undecided'] });
      assert.deepEqual(
        judgement.undecided.map(({ check, error, reason }) => ({ check, error, reason })),
        [asks],
      );
      assert.deepEqual(
        judgement.findings.filter(({ level }) => level === 'error'),
        [],
      );
      assert.equal(judgement.verdict, 'undecided');
    });

    test(`${given.why}, where it is only a warning`, async () => {
      const policy = given.policy.startsWith('version:')
        ? `${given.policy}rules: {identity: {levels: {identity-mismatch: warn}}}\n`
        : given.policy.replace('error', 'warn');
      assert.ok(!spoken(await judge({ ...given, policy, says: [] })).includes('undecided'));
    });
  }
});
