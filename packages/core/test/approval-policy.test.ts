import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { generateKeyPairSync } from 'node:crypto';
import { LocksealError } from '../src/errors.ts';
import { parseApprovalPolicy } from '../src/approval-policy.ts';
import { parseDuration } from '../src/duration.ts';

const pem = (): string => generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
const ana = { name: 'ana', keys: [pem()] };
const ben = { name: 'ben', identities: [{ issuer: 'https://accounts.example.com', san: 'ben@example.com' }] };
const roles = { security: { threshold: 1, approvers: [ana, ben] } };
const repository = 'https://github.com/example/shop';

describe('the approvals of a policy', () => {
  test('are read, with careful defaults', () => {
    const policy = parseApprovalPolicy({ roles, repository });
    assert.deepEqual(
      [policy.maxAgeSeconds, policy.subject, policy.allowUntimestamped, policy.acceptPolicies, policy.refs],
      [30 * 86_400, 'bytes', false, [], undefined],
    );
    assert.deepEqual(policy.roles.get('security')?.approvers[1]?.identities, ben.identities);
  });

  test('take a key as PEM or as base64 of its SPKI', () => {
    const spki = ana.keys[0]!.replace(/-----[^-]+-----|\s/g, '');
    const read = (key: string): unknown =>
      parseApprovalPolicy({
        roles: { a: { threshold: 1, approvers: [{ name: 'ana', keys: [key] }] } },
        repository,
      }).roles.get('a');
    assert.deepEqual(read(spki), read(ana.keys[0]!));
  });

  const role = (changes: object): object => ({
    roles: { security: { threshold: 1, approvers: [ana], ...changes } },
    repository,
  });
  const identity = (value: unknown): object => role({ approvers: [{ name: 'ben', identities: [value] }] });
  const cases: readonly (readonly [why: string, value: unknown, path: RegExp])[] = [
    ['nothing', undefined, /approvals is not an object/],
    ['no roles', { repository }, /approvals\.roles is missing/],
    ['an empty table of roles: nobody would be asked', { roles: {}, repository }, /approvals\.roles/],
    ['a misspelt member', { roles, repository, maxage: 'P1D' }, /approvals\.maxage/],
    ['threshold 0 asks for nothing', role({ threshold: 0 }), /roles\.security\.threshold is 0/],
    ['a threshold that nobody can reach', role({ threshold: 2 }), /more than the 1/],
    ['an approver twice in a role', role({ approvers: [ana, ana] }), /twice/],
    ['an approver who can sign with nothing', role({ approvers: [{ name: 'ana' }] }), /neither a key nor an identity/],
    ['an approver without a name', role({ approvers: [{ ...ana, name: '' }] }), /name is empty/],
    ['one key under two names', role({ approvers: [ana, { ...ana, name: 'eve' }] }), /both ana and eve/],
    ['one identity under two names', role({ approvers: [ben, { ...ben, name: 'eve' }] }), /both ben and eve/],
    ['something that is no key', role({ approvers: [{ name: 'ana', keys: ['AAAA'] }] }), /keys\[0\] is no public key/],
    [
      'a private key in a policy',
      role({ approvers: [{ name: 'ana', keys: ['-----BEGIN PRIVATE KEY-----'] }] }),
      /keys\[0\]/,
    ],
    ['an identity without issuer would let strangers in', identity({ san: 'a@b' }), /must name an issuer/],
    ['an identity of a whole issuer', identity({ issuer: 'https://accounts.example.com' }), /must name/],
    ['a pattern that is not anchored', identity({ issuer: 'i', san: { pattern: 'ana' } }), /not anchored/],
    [
      'a pattern that is no regular expression',
      identity({ issuer: 'i', san: { pattern: '^($' } }),
      /no regular expression/,
    ],
    ['an unknown member of an identity', identity({ issuer: 'i', san: 's', email: 'e' }), /email/],
    ['no repository', { roles }, /repository is missing/],
    ['a repository and any', { roles, repository, allowAnyRepository: true }, /contradicts/],
    ['a ref that is a branch name', { roles, repository, refs: ['main'] }, /refs\[0\]/],
    ['an age in months, which have no length', { roles, repository, maxAge: 'P1M' }, /maxAge/],
    ['an age of nothing', { roles, repository, maxAge: 'PT0S' }, /maxAge/],
    ['a digest that is none', { roles, repository, acceptPolicies: ['abc'] }, /acceptPolicies\[0\]/],
    ['another subject', { roles, repository, subject: 'packages' }, /subject/],
    ['a flag that is text', { roles, repository, allowUntimestamped: 'no' }, /allowUntimestamped/],
  ];
  for (const [why, value, expected] of cases) {
    test(`are refused: ${why}`, () => {
      assert.throws(
        () => parseApprovalPolicy(value),
        (thrown: unknown) => {
          assert.ok(thrown instanceof LocksealError);
          assert.equal(thrown.code, 'ERR_CONFIG');
          assert.match(thrown.message, expected);
          return true;
        },
      );
    });
  }
});

describe('durations', () => {
  const cases: readonly (readonly [text: string, seconds: number | undefined])[] = [
    ['P7D', 604_800],
    ['P2W', 1_209_600],
    ['PT12H', 43_200],
    ['P1DT1H1M1S', 90_061],
    ['P1M', undefined],
    ['P1Y', undefined],
    ['P1W1D', undefined],
    ['P', undefined],
    ['PT', undefined],
    ['P1DT', undefined],
    ['P0D', undefined],
    ['-P1D', undefined],
    ['P1.5D', undefined],
    ['7 days', undefined],
    ['', undefined],
  ];
  for (const [text, seconds] of cases) {
    test(`${JSON.stringify(text)} is ${seconds ?? 'refused'}`, () => assert.equal(parseDuration(text), seconds));
  }
});
