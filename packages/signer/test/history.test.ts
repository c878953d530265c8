import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { approvalHistory, buildRevocation, succeed, trustChanges, type ApprovedPackage } from '../src/index.ts';
import { signed, stored } from './support/files.ts';
import { approval, digests, NOW, person, POLICY_DIGEST, policyOf, REPOSITORY, sample } from './support/sample.ts';

const ana = person('ana');
const eve = person('eve');
const policy = policyOf([ana]);
const noTrust = (): never => assert.fail('no trusted root is needed here');
const history = (...bundles: readonly object[]): ReturnType<typeof approvalHistory> =>
  approvalHistory(stored(...bundles), 'package-lock.json', policy, noTrust);

async function revocation(sequence: number): Promise<object> {
  const source = { repository: REPOSITORY, ref: null, commit: null };
  const packageSet = sample().packageSet.sha256;
  return signed(
    buildRevocation({
      lockfile: digests('lockfile'),
      packageSet,
      sequence,
      revokedAt: NOW,
      reason: '',
      source,
      role: 'security',
    }),
    ana.signer,
  );
}

describe('the history of approvals', () => {
  test('holds those of listed approvers for this path alone, by rising sequence', async () => {
    const lines = [
      await signed(approval({ sequence: 3 }), ana.signer),
      await signed(approval({ sequence: 9 }), eve.signer),
      await signed(approval({ sequence: 8, path: 'b/package-lock.json' }), ana.signer),
      await signed(approval({ sequence: 7, role: 'release' }), ana.signer),
      await signed(approval({ sequence: 2 }), ana.signer),
    ];
    const { approvals, revoked } = history(...lines);
    assert.deepEqual([approvals.map(({ statement }) => statement.sequence), revoked], [[2, 3], 0]);
  });

  test('a first approval has sequence 1 and no predecessor', () => {
    const state = { sha512: 'a', policy: 'b', evidence: 'c' };
    assert.deepEqual(succeed(history(), state), { sequence: 1, previous: null });
  });

  test('approvers of one state share its sequence; another state, policy or evidence comes after', async () => {
    const past = history(await signed(approval({ sequence: 4 }), ana.signer));
    const [last] = past.approvals;
    assert.ok(last !== undefined);
    const same = { sha512: digests('lockfile').sha512, policy: POLICY_DIGEST, evidence: last.statement.evidence };
    assert.deepEqual(succeed(past, same), { sequence: 4, previous: null });
    const next = { sequence: 5, previous: { sha256: last.statement.digest, sequence: 4 } };
    for (const change of [{ sha512: 'x' }, { policy: 'x' }, { evidence: 'x' }]) {
      assert.deepEqual(succeed(past, { ...same, ...change }), next);
    }
  });

  test('what was revoked is never reached again, not even for the same state', async () => {
    const past = history(await signed(approval({ sequence: 4 }), ana.signer), await revocation(6));
    const evidence = past.approvals[0]?.statement.evidence ?? '';
    const same = { sha512: digests('lockfile').sha512, policy: POLICY_DIGEST, evidence };
    assert.equal(succeed(past, same).sequence, 7);
  });
});

describe('changes in trust', () => {
  const base: ApprovedPackage = {
    purl: 'pkg:npm/a@1.0.0',
    digest: { sha512: 'aa' },
    source: 'registry',
    grade: 'proven',
  };
  const signedAs = (sha512: string): ApprovedPackage => ({
    ...base,
    digest: null,
    signedDigest: { sha512, source: 'registry-signature' },
  });
  const identity = { issuer: 'i', repository: 'https://github.com/a/a', workflow: null };
  const cases: readonly (readonly [
    why: string,
    before: readonly ApprovedPackage[],
    now: readonly ApprovedPackage[],
    kinds: readonly string[],
  ])[] = [
    ['nothing', [base], [base], []],
    ['a package is added', [], [base], ['added']],
    ['a package is removed', [base], [], ['removed']],
    [
      'another version is one removed and one added',
      [base],
      [{ ...base, purl: 'pkg:npm/a@1.0.1' }],
      ['removed', 'added'],
    ],
    ['other bytes under the same version', [base], [{ ...base, digest: { sha512: 'bb' } }], ['digest']],
    ['nothing pins it any more', [base], [{ ...base, digest: null }], ['digest']],
    ['the registry signs other bytes for what nothing pins', [signedAs('aa')], [signedAs('bb')], ['digest']],
    ['the registry signs the same', [signedAs('aa')], [signedAs('aa')], []],
    ['the lockfile no longer pins what the registry signs', [base], [signedAs('aa')], ['digest']],
    ['a weaker grade', [base], [{ ...base, grade: 'signed' }], ['grade']],
    [
      'built by somebody else',
      [{ ...base, identity }],
      [{ ...base, identity: { ...identity, repository: 'x' } }],
      ['identity'],
    ],
    ['its provenance is gone', [{ ...base, identity }], [{ ...base, grade: 'signed' }], ['grade', 'identity']],
    ['an install script appears', [{ ...base, scripts: [] }], [{ ...base, scripts: ['postinstall'] }], ['scripts']],
    [
      'the tarball was read this time only: no change of the package',
      [base],
      [{ ...base, scripts: ['postinstall'] }],
      [],
    ],
  ];
  for (const [why, before, now, kinds] of cases) {
    test(why, () =>
      assert.deepEqual(
        trustChanges(before, now).map(({ kind }) => kind),
        kinds,
      ),
    );
  }
});
