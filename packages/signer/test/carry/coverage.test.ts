import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { ApprovalPolicy, CarriedEvidence, CarriedOrigin, CoverableArtifact, Evidence } from '@lockseal/core';
import {
  buildRevocation,
  coverageOf,
  encodeStatement,
  parseApprovalStatement,
  readApprovedPackages,
  type ApprovalInput,
  type Coverage,
  type CoverageInput,
} from '../../src/index.ts';
import { signed, stored } from '../support/files.ts';
import { approval, digests, NOW, person, policyOf, REPOSITORY, sample, type Person } from '../support/sample.ts';

const ana = person('ana');
const ben = person('ben');
const eve = person('eve');
const ROOT = '67'.repeat(32);
const KEYS = '89'.repeat(32);
const DEMANDS = { rules: {} };
const noTrust = (): never => assert.fail('no trusted root is needed here');

const REQUIRES: NonNullable<Evidence['requires']> = {
  dependencies: new Map([['ms', '^2.0.0']]),
  optionalDependencies: new Map(),
  peerDependencies: new Map([['__proto__', '*']]),
  optionalPeers: ['react'],
  bundleDependencies: [],
  usesGyp: true,
};
const FOUND: Partial<Evidence> = { requires: REQUIRES, reach: { direct: false, kind: 'prod' } };

/** An approval from which something can be carried. */
async function of(who: Person, changes: Partial<ApprovalInput> = {}, found: Partial<Evidence> = {}): Promise<object> {
  const input = { ...sample('lockfile', ['ms', 'tool'], { ...FOUND, ...found }), ...changes };
  const policy = { name: 'lockseal.yaml', sha256: '11'.repeat(32), demands: DEMANDS };
  return signed(approval({ policy, registryKeys: KEYS, ...input }), who.signer);
}

async function revocation(sequence: number, who: Person = ana): Promise<object> {
  const source = { repository: REPOSITORY, ref: null, commit: null };
  const packageSet = sample('another').packageSet.sha256;
  const given = { sequence, revokedAt: NOW, reason: '', role: 'security', source };
  return signed(buildRevocation({ lockfile: digests('another'), packageSet, ...given }), who.signer);
}

function coverage(lines: readonly object[], changes: Partial<CoverageInput> = {}): Coverage {
  return coverageOf({
    approvals: stored(...lines),
    path: 'package-lock.json',
    policy: policyOf([ana, ben]),
    trustedRoot: noTrust,
    now: NOW,
    repository: REPOSITORY,
    trustedRoot256: ROOT,
    registryKeys: KEYS,
    lockseal: '1.0.0',
    areNoStronger: (recorded) => JSON.stringify(recorded) === JSON.stringify(DEMANDS),
    ...changes,
  });
}

const MS: CoverableArtifact = {
  spec: 'ms@1.0.0',
  row: {
    purl: 'pkg:npm/ms@1.0.0',
    digest: { sha512: createHash('sha512').update('ms').digest('hex') },
    source: 'registry',
  },
  reach: [{ direct: false, kind: 'prod' }],
  hasInstallScript: undefined,
  needsTarball: false,
};

function ask(found: Coverage, changes: Partial<CoverableArtifact> = {}): CarriedEvidence | undefined {
  return found.status === 'covers' ? found.covered({ ...MS, ...changes }) : undefined;
}

function only<T>(values: readonly T[]): T {
  const [value, ...more] = values;
  assert.ok(value !== undefined && more.length === 0);
  return value;
}

describe('what an approval covers', () => {
  test('is told as it was found out, with the approval that says so', async () => {
    const line = await of(ana);
    const found = coverage([line]);
    const statement = parseApprovalStatement(only(stored(line)).payload);
    const origin: CarriedOrigin = {
      sha256: statement.digest,
      sequence: 1,
      approvedAt: '2026-06-01T12:00:00Z',
      expiresAt: '2026-09-01T12:00:00Z',
    };
    assert.deepEqual(ask(found), {
      grade: 'signed',
      identity: undefined,
      scripts: undefined,
      requires: REQUIRES,
      origin,
    });
    assert.deepEqual(found.status === 'covers' && found.from, { sha256: statement.digest, sequence: 1 });
  });

  interface Artifact {
    readonly why: string;
    readonly asked: Partial<CoverableArtifact>;
    readonly found?: Partial<Evidence>;
    readonly changes?: Partial<ApprovalInput>;
  }

  const uncovered: readonly Artifact[] = [
    { why: 'a package that is new', asked: { row: { ...MS.row, purl: 'pkg:npm/other@1.0.0' } } },
    { why: 'another version', asked: { row: { ...MS.row, purl: 'pkg:npm/ms@1.0.1' } } },
    {
      why: 'other bytes under the same name and version',
      asked: { row: { ...MS.row, digest: { sha512: 'ff'.repeat(64) } } },
    },
    {
      why: 'the same bytes from another registry',
      asked: { row: { ...MS.row, purl: 'pkg:npm/ms@1.0.0?repository_url=https%3A%2F%2Fnpm.example.com%2F' } },
    },
    { why: 'the same bytes from another kind of source', asked: { row: { ...MS.row, source: 'tarball' } } },
    { why: 'a patch', asked: { row: { ...MS.row, patch: { sha256: 'aa'.repeat(32) } } } },
    { why: 'a package that is now reached in another way', asked: { reach: [{ direct: true, kind: 'prod' }] } },
    { why: 'a package of which the tarball is now to be read', asked: { needsTarball: true } },
    {
      why: 'a package of which the lockfile now hides an install script',
      asked: { hasInstallScript: false },
      found: {
        checks: {
          ...only(sample('x', ['ms']).verification.evidence).checks,
          tarball: { status: 'verified', size: 1, files: 1, scripts: ['install'] },
        },
      },
    },
    { why: 'a package that could not be proved', asked: {}, found: { grade: 'unprovable' } },
    { why: 'a package of which no manifest was known', asked: {}, found: { requires: undefined } },
    {
      why: 'a package with a finding',
      asked: {},
      changes: { findings: [{ code: 'deprecated', subject: 'ms@1.0.0', level: 'note' }] },
    },
    {
      why: 'a package with a waiver',
      asked: {},
      changes: { waivers: [{ code: 'release-too-young', subject: 'ms@1.0.0', reason: 'a fix', expires: null }] },
    },
  ];
  for (const { why, asked, found, changes } of uncovered) {
    test(`is not ${why}`, async () => {
      const covered = coverage([await of(ana, changes, found)]);
      assert.equal(covered.status, 'covers');
      assert.equal(ask(covered, asked), undefined);
    });
  }
});

describe('an approval that covers nothing', () => {
  interface Unfit {
    readonly why: string;
    readonly lines: () => Promise<readonly object[]>;
    readonly run?: Partial<CoverageInput>;
    readonly reason: RegExp;
  }

  const DAY = 86_400_000;
  const two = (policy: Readonly<Record<string, unknown>> = {}): ApprovalPolicy =>
    policyOf([ana, ben], {
      roles: {
        security: { threshold: 2, approvers: [ana, ben].map(({ name, publicKey }) => ({ name, keys: [publicKey] })) },
      },
      ...policy,
    });

  const cases: readonly Unfit[] = [
    { why: 'there is none', lines: async () => [], reason: /no earlier state/ },
    { why: 'a stranger signed it', lines: async () => [await of(eve)], reason: /no earlier state/ },
    {
      why: 'one of two who are needed signed it',
      lines: async () => [await of(ana)],
      run: { policy: two() },
      reason: /no earlier state/,
    },
    {
      why: 'it has expired',
      lines: async () => [await of(ana, { expiresAt: new Date('2026-06-02T00:00:00Z') })],
      reason: /expired/,
    },
    {
      why: 'it is older than the policy allows',
      lines: async () => [await of(ana)],
      run: { now: new Date(NOW.getTime() + 8 * DAY) },
      reason: /too old/,
    },
    {
      why: 'it was revoked',
      lines: async () => {
        const lockfile = digests('lockfile');
        const source = { repository: REPOSITORY, ref: null, commit: null };
        const { sha256: packageSet } = sample('lockfile', ['ms', 'tool']).packageSet;
        const given = { sequence: 1, revokedAt: NOW, reason: '', role: 'security', source };
        return [await of(ana), await signed(buildRevocation({ lockfile, packageSet, ...given }), ben.signer)];
      },
      reason: /no earlier state/,
    },
    {
      why: 'another state was revoked after it',
      lines: async () => [await of(ana), await revocation(2)],
      reason: /revocation/,
    },
    {
      why: 'it is of another lockfile',
      lines: async () => [await of(ana, { path: 'a/package-lock.json' })],
      reason: /no earlier/,
    },
    {
      why: 'it is of another repository than the policy names',
      lines: async () => [
        await of(ana, { source: { repository: 'https://github.com/other/shop', ref: null, commit: null } }),
      ],
      reason: /no earlier state/,
    },
    {
      why: 'it is of another repository than this is, where the policy names none',
      lines: async () => [await of(ana)],
      run: {
        policy: policyOf([ana], { repository: undefined, allowAnyRepository: true }),
        repository: 'https://github.com/other/shop',
      },
      reason: /another repository/,
    },
    {
      why: 'the trusted root is another',
      lines: async () => [await of(ana)],
      run: { trustedRoot256: 'aa'.repeat(32) },
      reason: /trusted root/,
    },
    {
      why: 'the registry keys are others',
      lines: async () => [await of(ana)],
      run: { registryKeys: 'aa'.repeat(32) },
      reason: /registry keys/,
    },
    {
      why: 'it does not say which registry keys',
      lines: async () => [await of(ana, { registryKeys: undefined })],
      reason: /registry keys/,
    },
    {
      why: 'another version verified it',
      lines: async () => [await of(ana)],
      run: { lockseal: '1.0.1' },
      reason: /another version/,
    },
    {
      why: 'it was given under a weaker policy',
      lines: async () => [
        await of(ana, {
          policy: { name: 'lockseal.yaml', sha256: '22'.repeat(32), demands: { rules: { weaker: true } } },
        }),
      ],
      reason: /demand more/,
    },
    {
      why: 'it does not say under which demands it was given',
      lines: async () => [await of(ana, { policy: { name: 'lockseal.yaml', sha256: '11'.repeat(32) } })],
      reason: /demand more/,
    },
  ];
  for (const { why, lines, run, reason } of cases) {
    test(`because ${why}`, async () => {
      const found = coverage(await lines(), run);
      assert.equal(found.status, 'none');
      assert.match(found.status === 'none' ? found.reason : '', reason);
    });
  }

  test('unless a stranger is all that speaks against it', async () => {
    assert.notEqual(
      ask(coverage([await of(ana), await revocation(2, eve), await of(eve, { sequence: 3 })])),
      undefined,
    );
  });

  test('of two approvers, only where they found the same', async () => {
    const agreed = coverage([await of(ana), await of(ben)], { policy: two() });
    assert.notEqual(ask(agreed), undefined);
    const forged = { ...REQUIRES, dependencies: new Map([['evil', '*']]) };
    const disagreed = coverage([await of(ana), await of(ben, {}, { requires: forged })], { policy: two() });
    assert.equal(disagreed.status, 'covers');
    assert.equal(ask(disagreed), undefined, 'one of the two says that ms asks for another package');
  });
});

describe('what is carried on', () => {
  const origin = (changes: Partial<CarriedOrigin> = {}): CarriedOrigin => ({
    sha256: 'ee'.repeat(32),
    sequence: 1,
    approvedAt: '2026-05-30T12:00:00Z',
    expiresAt: '2026-08-30T12:00:00Z',
    ...changes,
  });
  const carriedFrom = { sha256: 'ee'.repeat(32), sequence: 1 };
  const carried = (from: CarriedOrigin): Partial<Evidence> => ({
    carried: { grade: 'signed', identity: undefined, scripts: undefined, requires: REQUIRES, origin: from },
  });
  const second = async (from: CarriedOrigin): Promise<object> => of(ana, { sequence: 2, carriedFrom }, carried(from));

  test('names the approval for which it was looked at, not the last one', async () => {
    const line = await second(origin());
    const { carried: said } = parseApprovalStatement(only(stored(line)).payload);
    assert.deepEqual(said, { from: carriedFrom, packages: 2, origins: [origin()] });
    assert.deepEqual(ask(coverage([line]))?.origin, origin());
  });

  const stale: readonly (readonly [why: string, from: CarriedOrigin, lines: () => Promise<readonly object[]>])[] = [
    [
      'it was looked at longer ago than approvals may be old',
      origin({ approvedAt: '2026-05-20T12:00:00Z' }),
      async () => [],
    ],
    [
      'the approval for which it was looked at has expired',
      origin({ expiresAt: '2026-06-01T12:00:00Z' }),
      async () => [],
    ],
    ['a revocation stands after it was looked at', origin(), async () => [await revocation(1)]],
  ];
  for (const [why, from, lines] of stale) {
    test(`ends where ${why}`, async () => {
      const found = coverage([await second(from), ...(await lines())]);
      assert.equal(found.status, 'covers', JSON.stringify(found));
      assert.equal(ask(found), undefined);
    });
  }

  test('of two approvers, the one who looked longer ago counts', async () => {
    const policy = policyOf([ana, ben], {
      roles: {
        security: { threshold: 2, approvers: [ana, ben].map(({ name, publicKey }) => ({ name, keys: [publicKey] })) },
      },
    });
    const lines = [await second(origin()), await of(ben, { sequence: 2 })];
    assert.deepEqual(ask(coverage(lines, { policy }))?.origin, origin());
  });

  test('has to be as the statement counts it', async () => {
    const input = { ...sample('lockfile', ['ms'], { ...FOUND, ...carried(origin()) }), carriedFrom };
    const statement = approval(input);
    const wrong = { ...statement.predicate, carried: { from: carriedFrom, packages: 2, origins: [origin()] } };
    const none = { ...statement.predicate, carried: null };
    const outside = { ...statement.predicate, carried: { from: carriedFrom, packages: 1, origins: [] } };
    assert.equal(readApprovedPackages(encodeStatement(statement)).length, 1);
    for (const predicate of [wrong, none, outside]) {
      assert.throws(() => readApprovedPackages(encodeStatement({ ...statement, predicate })), /predicate\.carried/);
    }
  });

  test('must name what it is carried from', () => {
    const input = sample('lockfile', ['ms'], { ...FOUND, ...carried(origin()) });
    assert.throws(() => approval(input), RangeError);
  });
});
