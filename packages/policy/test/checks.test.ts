// No check ends in silence: what no observation tells of is told from the checks themselves.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Evidence, FindingCode, LockedPackage, Observation } from '@lockseal/core';
import { isUnreproducible, untold } from '../src/checks.ts';
import { evidenceOf, locked, signedChecks } from '../../../test/support/verification.ts';

const debug = locked('debug', '2.6.9');
const berry: LockedPackage = {
  ...debug,
  pin: { kind: 'yarn-checksum', cacheKey: '8', lockfileCacheKey: '8', sha512: 'ab'.repeat(64) },
};
const invalid = (code: FindingCode, reason: string) => ({ status: 'invalid', code, reason }) as const;
const absent = (reason: string) => ({ status: 'absent', reason }) as const;
const notApplicable = (reason: string) => ({ status: 'not-applicable', reason }) as const;
const failed = (reason: string) => ({ status: 'unavailable', error: 'ERR_HTTP', reason }) as const;
const read = { status: 'verified', size: 1, files: 1, scripts: [] } as const;

interface Case {
  readonly why: string;
  readonly checks?: Partial<Evidence['checks']>;
  readonly observed?: readonly FindingCode[];
  readonly entry?: LockedPackage;
  readonly told: readonly Observation[];
}

const cases: readonly Case[] = [
  { why: 'all is well', told: [] },
  { why: 'no attestations, which nobody demands', checks: { provenance: absent('none') }, told: [] },
  {
    why: 'each failed check, in the order of the checks',
    checks: { edges: invalid('edge-forged', 'b'), signature: invalid('signature-invalid', 'a') },
    told: [
      { code: 'signature-invalid', detail: 'a' },
      { code: 'edge-forged', detail: 'b' },
    ],
  },
  {
    why: 'of two that failed alike the first',
    checks: {
      publishAttestation: invalid('provenance-invalid', 'a'),
      provenance: invalid('provenance-invalid', 'b'),
      edges: invalid('edge-forged', 'c'),
    },
    told: [
      { code: 'provenance-invalid', detail: 'a' },
      { code: 'edge-forged', detail: 'c' },
    ],
  },
  {
    why: 'not what an observation tells',
    checks: { signature: invalid('signature-invalid', 'a'), edges: invalid('edge-forged', 'b') },
    observed: ['signature-invalid'],
    told: [{ code: 'edge-forged', detail: 'b' }],
  },
  {
    why: 'a signature that is missing',
    checks: { signature: absent('the registry has keys') },
    told: [{ code: 'signature-missing', detail: 'the registry has keys' }],
  },
  {
    why: 'no signature of what the registry was not asked about',
    checks: { signature: absent('none'), registry: notApplicable('no version') },
    told: [],
  },
  {
    why: 'no signature, which is not known, is no missing one',
    checks: { signature: notApplicable('the registry has no keys') },
    told: [],
  },
  {
    why: 'evidence that could not be had, with the reason of the first',
    checks: { signature: failed('a'), publishAttestation: failed('b'), provenance: failed('c') },
    told: [{ code: 'evidence-unavailable', detail: 'signature, publishAttestation, provenance: a (ERR_HTTP)' }],
  },
  {
    why: 'one that could not be had',
    checks: { provenance: failed('c') },
    told: [{ code: 'evidence-unavailable', detail: 'provenance: c (ERR_HTTP)' }],
  },
  {
    why: 'not where the registry itself could not be asked: the entry is undecided',
    checks: { registry: failed('a'), provenance: failed('c') },
    told: [],
  },
  {
    why: 'not where only a check could not look that leaves the entry undecided',
    checks: { edges: failed('a'), tarball: failed('b') },
    told: [],
  },
  {
    why: 'a Yarn checksum that cannot be rebuilt',
    entry: berry,
    checks: { registry: notApplicable('level 9'), tarball: read },
    told: [{ code: 'checksum-unreproducible', detail: 'level 9' }],
  },
  {
    why: 'not one whose tarball was not read',
    entry: berry,
    checks: { registry: notApplicable('level 9') },
    told: [],
  },
  { why: 'not one that was rebuilt', entry: berry, checks: { tarball: read }, told: [] },
  {
    why: 'not a pin that Yarn did not make',
    checks: { registry: notApplicable('no digest'), tarball: read },
    told: [],
  },
];

describe('what the checks say', () => {
  for (const { why, checks, observed = [], entry = debug, told } of cases) {
    test(why, () => {
      const observations = observed.map((code) => ({ code }));
      assert.deepEqual(untold(evidenceOf(entry, { checks: signedChecks(checks), observations }), entry), told);
    });
  }

  test('verification may have observed by itself that a checksum cannot be rebuilt', () => {
    const observations: Observation[] = [{ code: 'insecure-url' }, { code: 'checksum-unreproducible' }];
    assert.equal(isUnreproducible(evidenceOf(debug, { observations }), debug), true);
    assert.equal(isUnreproducible(evidenceOf(debug, { observations: [{ code: 'insecure-url' }] }), debug), false);
  });
});
