import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  GITHUB_ISSUER,
  LocksealError,
  matchesIdentity,
  matchIdentity,
  type ExpectedIdentity,
  type Identity,
} from '@lockseal/core';

const identity: Identity = {
  issuer: GITHUB_ISSUER,
  san: 'https://github.com/acme/widgets/.github/workflows/release.yml@refs/tags/v1.2.3',
  sanType: 'uri',
  repository: 'https://github.com/acme/widgets',
  repositoryId: '100200300',
  ownerId: '4005006',
  workflow: '.github/workflows/release.yml',
  ref: 'refs/tags/v1.2.3',
  commit: '3f786850e387550fdab836ed7e6dc881de23001b',
  trigger: 'push',
  runnerEnvironment: undefined,
  runUrl: undefined,
  visibility: undefined,
};
const issuer = GITHUB_ISSUER;
const repository = 'https://github.com/acme/widgets';

const vectors: readonly { why: string; expected: ExpectedIdentity; mismatches: readonly string[] }[] = [
  { why: 'issuer and repository', expected: { issuer, repository }, mismatches: [] },
  { why: 'issuer and SAN', expected: { issuer, san: identity.san }, mismatches: [] },
  { why: 'issuer and numeric repository', expected: { issuer, repositoryId: '100200300' }, mismatches: [] },
  {
    why: 'a pattern for the ref',
    expected: { issuer, repository, ref: { pattern: '^refs/tags/v\\d+\\.\\d+\\.\\d+$' } },
    mismatches: [],
  },
  {
    why: 'a member that is undefined is not asked for',
    expected: { issuer, repository, ref: undefined },
    mismatches: [],
  },
  { why: 'nothing: anybody would match', expected: {}, mismatches: ['expectation'] },
  {
    why: 'no issuer: another provider could name the same repository',
    expected: { repository },
    mismatches: ['expectation'],
  },
  { why: 'an issuer alone: any workflow of GitHub', expected: { issuer }, mismatches: ['expectation'] },
  {
    why: 'an issuer and a ref: any repository',
    expected: { issuer, ref: 'refs/tags/v1.2.3' },
    mismatches: ['expectation'],
  },
  {
    why: 'a prefix, which @sigstore/verify takes for a match',
    expected: { issuer, san: 'https://github.com/acme/' },
    mismatches: ['san'],
  },
  { why: 'a text that would match as a regular expression', expected: { issuer, san: '.*' }, mismatches: ['san'] },
  {
    why: 'another case',
    expected: { issuer, repository: 'https://github.com/Acme/widgets' },
    mismatches: ['repository'],
  },
  { why: 'a slash more', expected: { issuer, repository: `${repository}/` }, mismatches: ['repository'] },
  { why: 'another issuer', expected: { issuer: 'https://gitlab.com', repository }, mismatches: ['issuer'] },
  {
    why: 'all mismatches are told',
    expected: { issuer, repository, ref: 'refs/heads/main', trigger: 'release' },
    mismatches: ['ref', 'trigger'],
  },
  {
    why: 'what the certificate does not say matches nothing',
    expected: { issuer, repository, runnerEnvironment: 'github-hosted' },
    mismatches: ['runnerEnvironment'],
  },
  {
    why: 'nor does it match a pattern for anything',
    expected: { issuer, repository, runUrl: { pattern: '^.*$' } },
    mismatches: ['runUrl'],
  },
  {
    why: 'a pattern that matches in part',
    expected: { issuer, repository, ref: { pattern: '^refs/tags/v1$' } },
    mismatches: ['ref'],
  },
  {
    why: 'an alternative stays within the anchors',
    expected: { issuer, repository, ref: { pattern: '^x|refs/tags/v1$' } },
    mismatches: ['ref'],
  },
  {
    why: 'an alternative with anchors of its own, too',
    expected: { issuer, repository, ref: { pattern: '^x$|^refs/tags$' } },
    mismatches: ['ref'],
  },
];

describe('matchIdentity', () => {
  for (const { why, expected, mismatches } of vectors) {
    test(why, () => {
      assert.deepEqual(
        matchIdentity(identity, expected).map(({ field }) => field),
        mismatches,
      );
      assert.equal(matchesIdentity(identity, expected), mismatches.length === 0);
    });
  }

  test('a member that identities do not have matches nothing', () => {
    const misspelt = { issuer, repository, repositry: 'x' } as ExpectedIdentity;
    assert.equal(matchesIdentity(identity, misspelt), false);
    assert.equal(matchesIdentity(identity, { issuer, repository, ['toString' as 'ref']: 'x' }), false);
  });

  test('a line break does not end the text', () => {
    const split = { ...identity, ref: 'refs/heads/main\nrefs/tags/v1' };
    assert.equal(matchesIdentity(split, { issuer, repository, ref: { pattern: '^refs/heads/main$' } }), false);
  });

  for (const pattern of ['refs/heads/main', '^refs/heads/main', 'refs/heads/main$', '^main\\$', '^($', '']) {
    test(`the pattern ${JSON.stringify(pattern)} is wrong, not merely without effect`, () => {
      assert.throws(
        () => matchIdentity(identity, { issuer, repository, ref: { pattern } }),
        (thrown) => thrown instanceof LocksealError && thrown.code === 'ERR_CONFIG',
      );
    });
  }
});
