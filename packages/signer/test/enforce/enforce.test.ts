import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseTrustedRoot, type ApprovalPolicy, type FindingCode, type TrustedRootMaterial } from '@lockseal/core';
import { emailIdentity, type SigstoreBox } from '@lockseal/testkit';
import {
  buildRevocation,
  enforceApproval,
  generateKey,
  loadPrivateKey,
  type ApprovalInput,
  type EnforceInput,
  type EnforceVerdict,
  type StoredBundle,
} from '../../src/index.ts';
import { box, signed, stored } from '../support/files.ts';
import {
  approval,
  APPROVED_AT,
  digests,
  NOW,
  person,
  POLICY_DIGEST,
  policyOf,
  REPOSITORY,
  sample,
} from '../support/sample.ts';

const ana = person('ana');
const ben = person('ben', 'Ed25519');
const eve = person('eve');
const noTrust = (): never => assert.fail('no trusted root is needed here');

function enforcing(approvals: readonly StoredBundle[], changes: Partial<EnforceInput> = {}): EnforceInput {
  return {
    lockfile: digests('lockfile'),
    packageSet: sample().packageSet.sha256,
    approvals,
    baseline: undefined,
    policy: policyOf([ana, ben]),
    policyDigest: POLICY_DIGEST,
    trustedRoot: noTrust,
    now: NOW,
    context: { repository: REPOSITORY, ref: 'refs/heads/main' },
    surroundings: { shadowing: [], bypasses: [] },
    ...changes,
  };
}

function codes(verdict: EnforceVerdict): FindingCode[] {
  return verdict.approved ? [] : verdict.failures.map(({ code }) => code);
}

const by = async (who: typeof ana, changes: Partial<ApprovalInput> = {}): Promise<object> =>
  signed(approval(changes), who.signer);

/** The bundle with another payload under the old signature. */
function forge(bundle: object, edit: (statement: Record<string, unknown>) => void): object {
  const copy = structuredClone(bundle) as { dsseEnvelope: { payload: string } };
  const statement = JSON.parse(Buffer.from(copy.dsseEnvelope.payload, 'base64').toString()) as Record<string, unknown>;
  edit(statement);
  copy.dsseEnvelope.payload = Buffer.from(JSON.stringify(statement)).toString('base64');
  return copy;
}

describe('an approved lockfile', () => {
  test('is approved, and it is said by whom', async () => {
    const verdict = enforceApproval(enforcing(stored(await by(ana))));
    assert.ok(verdict.approved, JSON.stringify(verdict));
    const [counted] = verdict.approvals;
    assert.deepEqual(
      [counted?.approver, counted?.role, counted?.sequence, counted?.line, counted?.trustedTime],
      ['ana', 'security', 1, 1, undefined],
    );
    assert.deepEqual(verdict.remarks, []);
  });

  test('stays approved beside lines that do not count, which are remarked upon', async () => {
    const verdict = enforceApproval(enforcing(stored(await by(eve), await by(ana))));
    assert.ok(verdict.approved);
    assert.deepEqual(
      verdict.remarks.map(({ code, line }) => [code, line]),
      [['approval-signer-unknown', 1]],
    );
  });

  test('is approved again after a revocation of an earlier approval', async () => {
    const verdict = enforceApproval(
      enforcing(stored(await by(ana), await revocation(ben, 1), await by(ana, { sequence: 2 }))),
    );
    assert.ok(verdict.approved, JSON.stringify(verdict));
  });

  test('is approved by its package set where the policy says so, whatever its bytes', async () => {
    const policy = policyOf([ana], { subject: 'package-set' });
    const verdict = enforceApproval(enforcing(stored(await by(ana)), { policy, lockfile: digests('reformatted') }));
    assert.ok(verdict.approved, JSON.stringify(verdict));
  });

  test('is approved under an older policy that the policy accepts', async () => {
    const policy = policyOf([ana], { acceptPolicies: [POLICY_DIGEST] });
    assert.ok(enforceApproval(enforcing(stored(await by(ana)), { policy, policyDigest: '22'.repeat(32) })).approved);
  });
});

async function revocation(who: typeof ana, sequence: number): Promise<object> {
  const statement = buildRevocation({
    lockfile: digests('lockfile'),
    packageSet: sample().packageSet.sha256,
    sequence,
    revokedAt: NOW,
    reason: 'the maintainer account was stolen',
    source: { repository: REPOSITORY, ref: null, commit: null },
    role: 'security',
  });
  return signed(statement, who.signer);
}

describe('an attack is refused with its own code', () => {
  const cases: readonly (readonly [
    why: string,
    bundles: () => Promise<readonly object[]>,
    changes: Partial<EnforceInput>,
    expected: readonly FindingCode[],
  ])[] = [
    ['there is no approval', async () => [], {}, ['approval-missing']],
    [
      'one byte of the lockfile differs',
      async () => [await by(ana)],
      { lockfile: digests('lockfilf') },
      ['approval-other-lockfile'],
    ],
    [
      'only one of the two digests of the lockfile is the approved one',
      async () => [await by(ana)],
      { lockfile: { ...digests('lockfile'), sha256: digests('x').sha256 } },
      ['approval-other-lockfile'],
    ],
    [
      'another package set, where the set counts',
      async () => [await by(ana)],
      { policy: policyOf([ana], { subject: 'package-set' }), packageSet: sample('x', ['ms']).packageSet.sha256 },
      ['approval-other-package-set'],
    ],
    [
      'another policy',
      async () => [await by(ana)],
      { policyDigest: '22'.repeat(32) },
      ['approval-other-policy', 'approvers-too-few'],
    ],
    ['another signer', async () => [await by(eve)], {}, ['approval-signer-unknown', 'approvers-too-few']],
    [
      'a role that the policy does not give the signer',
      async () => [await by(ana, { role: 'release' })],
      {},
      ['approval-role-unfit', 'approvers-too-few'],
    ],
    [
      'expired',
      async () => [await by(ana, { expiresAt: new Date('2026-06-02T00:00:00Z') })],
      {},
      ['approval-expired', 'approvers-too-few'],
    ],
    [
      'older than the policy allows',
      async () => [await by(ana)],
      { now: new Date('2026-06-09T00:00:00Z') },
      ['approval-too-old', 'approvers-too-few'],
    ],
    [
      'from the future',
      async () => [await by(ana)],
      { now: new Date('2026-06-01T11:00:00Z') },
      ['approval-from-future', 'approvers-too-few'],
    ],
    [
      'without a time that anybody vouches for',
      async () => [await by(ana)],
      { policy: policyOf([ana], { allowUntimestamped: false }) },
      ['approval-untimestamped', 'approvers-too-few'],
    ],
    [
      'another repository',
      async () => [
        await by(ana, { source: { repository: 'https://github.com/evil/shop', ref: 'refs/heads/main', commit: null } }),
      ],
      {},
      ['approval-other-repository', 'approvers-too-few'],
    ],
    [
      'another ref',
      async () => [await by(ana, { source: { repository: REPOSITORY, ref: 'refs/heads/try', commit: null } })],
      {},
      ['approval-other-ref', 'approvers-too-few'],
    ],
    [
      'no ref, where refs are listed',
      async () => [await by(ana, { source: { repository: REPOSITORY, ref: null, commit: null } })],
      { policy: policyOf([ana], { refs: ['refs/heads/main'] }) },
      ['approval-other-ref', 'approvers-too-few'],
    ],
    [
      'a lockfile at another path',
      async () => [await by(ana)],
      { lockfile: { ...digests('lockfile'), path: 'b/package-lock.json' } },
      ['approval-other-path', 'approvers-too-few'],
    ],
    ['revoked', async () => [await by(ana), await revocation(ben, 1)], {}, ['approval-revoked', 'approvers-too-few']],
    [
      'a newer state was approved in this file',
      async () => [await by(ana), await by(ben, { ...sample('newer'), sequence: 2 })],
      {},
      ['approval-replayed', 'approvers-too-few'],
    ],
    [
      'a forged payload under a genuine signature',
      async () => [
        forge(await by(ana, sample('older')), (statement) => {
          const { path: name, ...digest } = digests('lockfile');
          (statement['subject'] as object[])[0] = { name, digest };
        }),
      ],
      {},
      ['approval-signature-invalid', 'approvers-too-few'],
    ],
    [
      'an approver signed something that is no approval',
      async () => [await signed({ ...approval(), predicate: {} as never }, ana.signer)],
      {},
      ['approval-malformed', 'approval-missing'],
    ],
    [
      'another lockfile shadows it',
      async () => [await by(ana)],
      { surroundings: { shadowing: ['npm-shrinkwrap.json'], bypasses: [] } },
      ['shadowing-lockfile'],
    ],
    [
      'a setting makes the installer ignore it',
      async () => [await by(ana)],
      { surroundings: { shadowing: [], bypasses: [{ file: '.npmrc', setting: 'package-lock=false' }] } },
      ['installer-bypass'],
    ],
  ];
  for (const [why, bundles, changes, expected] of cases) {
    test(why, async () => {
      const verdict = enforceApproval(enforcing(stored(...(await bundles())), changes));
      assert.equal(verdict.approved, false);
      assert.deepEqual(codes(verdict), expected);
      assert.ok(!verdict.approved && verdict.failures.every(({ fix }) => fix.length > 10), 'each says how to mend it');
    });
  }

  test('a replayed approval below the baseline', async () => {
    const baseline = stored(await by(ben, { ...sample('newer'), sequence: 2 }));
    assert.deepEqual(codes(enforceApproval(enforcing(stored(await by(ana)), { baseline }))), [
      'approval-replayed',
      'approvers-too-few',
    ]);
  });

  test('a revocation that only the baseline still has', async () => {
    const baseline = stored(await by(ana), await revocation(ana, 1));
    assert.deepEqual(codes(enforceApproval(enforcing(stored(await by(ana)), { baseline }))), [
      'approval-revoked',
      'approvers-too-few',
    ]);
  });

  test("a stranger's revocation takes nothing back, and a stranger's sequence raises nothing", async () => {
    const lines = stored(await by(ana), await revocation(eve, 9), await by(eve, { ...sample('newer'), sequence: 9 }));
    assert.ok(enforceApproval(enforcing(lines)).approved);
  });
});

describe('k of n', () => {
  const second = loadPrivateKey(generateKey('P-256').privateKey, 'a test');
  const policy = twoOf([
    { name: 'ana', keys: [ana.publicKey, second.publicKey.export({ type: 'spki', format: 'pem' }).toString()] },
    { name: 'ben', keys: [ben.publicKey] },
  ]);

  function twoOf(approvers: readonly object[]): ApprovalPolicy {
    return policyOf([], { roles: { release: { threshold: 2, approvers } } });
  }
  const release = { role: 'release' };

  test('two people are two', async () => {
    const verdict = enforceApproval(enforcing(stored(await by(ana, release), await by(ben, release)), { policy }));
    assert.ok(verdict.approved && verdict.approvals.length === 2, JSON.stringify(verdict));
  });

  const cases: readonly (readonly [
    why: string,
    bundles: () => Promise<readonly object[]>,
    expected: readonly FindingCode[],
  ])[] = [
    ['one person is not two', async () => [await by(ana, release)], ['approvers-too-few']],
    [
      "one person's two keys count once",
      async () => [await by(ana, release), await signed(approval(release), second)],
      ['approver-repeated', 'approvers-too-few'],
    ],
    [
      'one person who approves twice counts once',
      async () => [await by(ana, release), await by(ana, { ...release, comment: 'again' })],
      ['approver-repeated', 'approvers-too-few'],
    ],
    [
      'two people who saw different evidence do not agree',
      async () => {
        const other = sample();
        const [first, ...rest] = other.verification.evidence;
        const evidence = [{ ...first!, grade: 'unsigned' as const }, ...rest];
        return [
          await by(ana, release),
          await by(ben, { ...release, ...other, verification: { ...other.verification, evidence } }),
        ];
      },
      ['approvers-disagree'],
    ],
  ];
  for (const [why, bundles, expected] of cases) {
    test(why, async () => {
      assert.deepEqual(codes(enforceApproval(enforcing(stored(...(await bundles())), { policy }))), expected);
    });
  }

  test('two people under two policies do not agree, even where both policies are accepted', async () => {
    const accepting = { ...policy, acceptPolicies: ['22'.repeat(32)] };
    const lines = stored(
      await by(ana, release),
      await by(ben, { ...release, policy: { name: 'p', sha256: '22'.repeat(32) } }),
    );
    assert.deepEqual(codes(enforceApproval(enforcing(lines, { policy: accepting }))), ['approvers-disagree']);
  });

  test('every role must be filled, each by its own approvals', async () => {
    const roles = {
      security: { threshold: 1, approvers: [{ name: 'ana', keys: [ana.publicKey] }] },
      release: { threshold: 1, approvers: [{ name: 'ben', keys: [ben.publicKey] }] },
    };
    const both = policyOf([], { roles });
    assert.deepEqual(codes(enforceApproval(enforcing(stored(await by(ana)), { policy: both }))), ['approvers-too-few']);
    assert.ok(enforceApproval(enforcing(stored(await by(ana), await by(ben, release)), { policy: both })).approved);
  });
});

describe('keyless approvals', () => {
  const issuer = 'https://accounts.example.com';
  const policy = policyOf([], {
    allowUntimestamped: false,
    roles: {
      security: { threshold: 1, approvers: [{ name: 'ana', identities: [{ issuer, san: 'ana@example.com' }] }] },
    },
  });
  const rootOf = ({ trustedRoot }: SigstoreBox): TrustedRootMaterial =>
    parseTrustedRoot(Buffer.from(JSON.stringify(trustedRoot)));
  const sign = (
    sigstore: SigstoreBox,
    email: string,
    log: 'rekor-v1-dsse' | 'rekor-v2' | 'none' = 'rekor-v1-dsse',
  ): object =>
    sigstore.signStatement(approval(), { type: 'certificate', identity: emailIdentity(email, issuer) }, { log });

  for (const log of ['rekor-v1-dsse', 'rekor-v2'] as const) {
    test(`count, with a trusted time (${log})`, async () => {
      const sigstore = await box(APPROVED_AT);
      const lines = stored(sign(sigstore, 'ana@example.com', log));
      const verdict = enforceApproval(enforcing(lines, { policy, trustedRoot: () => rootOf(sigstore) }));
      assert.ok(verdict.approved, JSON.stringify(verdict));
      assert.equal(verdict.approvals[0]?.trustedTime, APPROVED_AT.toISOString());
    });
  }

  const strip = (bundle: object, member: 'tlogEntries' | 'timestampVerificationData'): object => {
    const copy = structuredClone(bundle) as { verificationMaterial: Record<string, unknown> };
    delete copy.verificationMaterial[member];
    return copy;
  };
  const cases: readonly (readonly [why: string, make: (sigstore: SigstoreBox) => object, expected: FindingCode])[] = [
    ['by a stranger', (sigstore) => sign(sigstore, 'eve@example.com'), 'approval-signer-unknown'],
    [
      'stripped of the log entry',
      (sigstore) => strip(sign(sigstore, 'ana@example.com'), 'tlogEntries'),
      'approval-bundle-invalid',
    ],
    [
      'stripped of the timestamp',
      (sigstore) => strip(sign(sigstore, 'ana@example.com', 'rekor-v2'), 'timestampVerificationData'),
      'approval-bundle-invalid',
    ],
    ['never logged', (sigstore) => sign(sigstore, 'ana@example.com', 'none'), 'approval-bundle-invalid'],
  ];
  for (const [why, make, expected] of cases) {
    test(`do not count ${why}`, async () => {
      const sigstore = await box(APPROVED_AT);
      const input = enforcing(stored(make(sigstore)), { policy, trustedRoot: () => rootOf(sigstore) });
      assert.deepEqual(codes(enforceApproval(input)), [expected, 'approvers-too-few']);
    });
  }

  test('do not count from another Sigstore instance', async () => {
    const [ours, theirs] = [await box(APPROVED_AT), await box(APPROVED_AT)];
    const input = enforcing(stored(sign(theirs, 'ana@example.com')), { policy, trustedRoot: () => rootOf(ours) });
    assert.deepEqual(codes(enforceApproval(input)), ['approval-bundle-invalid', 'approvers-too-few']);
  });

  test('a timestamp taken off a key-signed approval leaves one that is not accepted', async () => {
    const sigstore = await box(APPROVED_AT);
    const strict = policyOf([ana], { allowUntimestamped: false });
    const input = enforcing(stored(await by(ana)), { policy: strict, trustedRoot: () => rootOf(sigstore) });
    assert.deepEqual(codes(enforceApproval(input)), ['approval-untimestamped', 'approvers-too-few']);
  });
});
