import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FindingCode } from '@lockseal/core';
import {
  buildRevocation,
  lastApproved,
  parseApprovals,
  type ApprovalInput,
  type LastApproved,
} from '../../src/index.ts';
import { fileOf, signed, stored } from '../support/files.ts';
import { approval, digests, person, policyOf, REPOSITORY, sample, type Person } from '../support/sample.ts';

const ana = person('ana');
const ben = person('ben', 'Ed25519');
const eve = person('eve');
/** Long after everything here has expired. */
const NOW = new Date('2027-06-01T12:00:00Z');
const BOTH = policyOf([ana, ben], {
  roles: {
    security: { threshold: 2, approvers: [ana, ben].map(({ name, publicKey }) => ({ name, keys: [publicKey] })) },
  },
});
const noTrust = (): never => assert.fail('no trusted root is needed here');

/** An approval of the state with this name; states follow each other by sequence. */
const of = async (
  state: string,
  sequence: number,
  who: Person,
  changes: Partial<ApprovalInput> = {},
): Promise<object> => signed(approval({ ...sample(state, [state]), sequence, ...changes }), who.signer);

const revoked = async (state: string, sequence: number): Promise<object> => {
  const given = { sequence, revokedAt: NOW, reason: 'by mistake', role: 'security' };
  const source = { repository: REPOSITORY, ref: null, commit: null };
  const packageSet = sample(state, [state]).packageSet.sha256;
  return signed(buildRevocation({ lockfile: digests(state), packageSet, source, ...given }), ana.signer);
};

const find = (policy = policyOf([ana, ben]), ...bundles: readonly object[]): LastApproved =>
  lastApproved({ approvals: stored(...bundles), path: 'package-lock.json', policy, trustedRoot: noTrust, now: NOW });

interface Case {
  readonly why: string;
  readonly lines: () => Promise<readonly object[]>;
  readonly policy?: ReturnType<typeof policyOf>;
  /** The package of the state that is found. */
  readonly found: string | undefined;
  readonly refused?: readonly FindingCode[];
}

const cases: readonly Case[] = [
  { why: 'nothing is approved', lines: async () => [], found: undefined },
  { why: 'one state is', lines: async () => [await of('one', 1, ana)], found: 'one' },
  {
    why: 'the last of several counts, wherever it stands in the file',
    lines: async () => [await of('two', 2, ana), await of('one', 1, ben)],
    found: 'two',
  },
  {
    why: 'a stranger signed the last one',
    lines: async () => [await of('one', 1, ana), await of('two', 2, eve)],
    found: 'one',
    refused: ['approval-signer-unknown'],
  },
  {
    why: 'a stranger signed the only one',
    lines: async () => [await of('one', 1, eve)],
    found: undefined,
    refused: ['approval-signer-unknown'],
  },
  {
    why: 'an older line of a stranger is of no interest',
    lines: async () => [await of('one', 1, eve), await of('two', 2, ana)],
    found: 'two',
  },
  {
    why: 'the last one is for another role than its signer has',
    lines: async () => [await of('one', 1, ana), await of('two', 2, ana, { role: 'release' })],
    found: 'one',
    refused: ['approval-role-unfit'],
  },
  {
    why: 'the last one was taken back',
    lines: async () => [await of('one', 1, ana), await of('two', 2, ana), await revoked('two', 2)],
    found: 'one',
    refused: ['approval-revoked', 'approvers-too-few'],
  },
  {
    why: 'of two that are needed, one has approved the last state',
    policy: BOTH,
    lines: async () => [await of('one', 1, ana), await of('one', 1, ben), await of('two', 2, ana)],
    found: 'one',
    refused: ['approvers-too-few'],
  },
  {
    why: 'one approved twice, where two are needed',
    policy: BOTH,
    lines: async () => [await of('one', 1, ana), await of('one', 1, ana, { comment: 'again' })],
    found: undefined,
    refused: ['approver-repeated', 'approvers-too-few'],
  },
  {
    why: 'the one had expired before the other signed',
    policy: BOTH,
    lines: async () => [
      await of('one', 1, ana),
      await of('one', 1, ben, {
        approvedAt: new Date('2026-12-01T00:00:00Z'),
        expiresAt: new Date('2027-01-01T00:00:00Z'),
      }),
    ],
    found: undefined,
    refused: ['approval-from-future', 'approvers-too-few'],
  },
  {
    why: 'the last one is from the future',
    lines: async () => [
      await of('one', 1, ana),
      await of('two', 2, ana, {
        approvedAt: new Date('2028-01-01T00:00:00Z'),
        expiresAt: new Date('2028-02-01T00:00:00Z'),
      }),
    ],
    found: 'one',
    refused: ['approval-from-future', 'approvers-too-few'],
  },
  {
    why: 'another lockfile is approved',
    lines: async () => [await of('one', 1, ana, { path: 'other/package-lock.json' })],
    found: undefined,
  },
  {
    why: 'it is of another repository',
    lines: async () => [
      await of('one', 1, ana, { source: { repository: 'https://github.com/other/shop', ref: null, commit: null } }),
    ],
    found: undefined,
    refused: ['approval-other-repository', 'approvers-too-few'],
  },
  {
    why: 'it was given under an earlier policy, which does not undo it',
    lines: async () => [await of('one', 1, ana, { policy: { name: 'lockseal.yaml', sha256: '22'.repeat(32) } })],
    found: 'one',
  },
  {
    why: 'a policy that goes by package sets',
    policy: policyOf([ana], { subject: 'package-set' }),
    lines: async () => [await of('one', 1, ana)],
    found: 'one',
  },
];

describe('the last approved state', () => {
  for (const { why, lines, policy, found, refused = [] } of cases) {
    test(why, async () => {
      const { state, refused: failures } = find(policy, ...(await lines()));
      assert.deepEqual(
        state?.packages.map(({ purl }) => purl),
        found === undefined ? undefined : [`pkg:npm/${found}@1.0.0`],
      );
      assert.deepEqual(
        failures.map(({ code }) => code),
        refused,
      );
    });
  }

  test('names those who approved it', async () => {
    const { state } = find(BOTH, await of('one', 1, ana), await of('one', 1, ben));
    assert.deepEqual(
      state?.approvals.map(({ approver, role, line }) => [approver, role, line]),
      [
        ['ana', 'security', 1],
        ['ben', 'security', 2],
      ],
    );
  });

  test('is not one whose payload was exchanged under the signature', async () => {
    const text = fileOf(await of('one', 1, ana)).toString();
    const { dsseEnvelope } = JSON.parse(text) as { dsseEnvelope: { payload: string } };
    const forged = Buffer.from(dsseEnvelope.payload, 'base64').toString().replaceAll('pkg:npm/one@', 'pkg:npm/two@');
    const bytes = Buffer.from(text.replace(dsseEnvelope.payload, Buffer.from(forged).toString('base64')));
    const approvals = parseApprovals(bytes, 'test.approvals.jsonl');
    const policy = policyOf([ana]);
    const found = lastApproved({ approvals, path: 'package-lock.json', policy, trustedRoot: noTrust, now: NOW });
    assert.equal(found.state, undefined);
    assert.deepEqual(
      found.refused.map(({ code }) => code),
      ['approval-signature-invalid'],
    );
  });
});
