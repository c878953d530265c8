import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expectGithubWorkflow, expectGitlabPipeline, LocksealError, type ExpectedIdentity } from '@lockseal/core';

const workflow = '.github/workflows/release.yml';

describe('expected workflows', () => {
  const made: readonly [ExpectedIdentity, ExpectedIdentity][] = [
    [
      expectGithubWorkflow({ repository: 'acme/widgets', workflow, ref: 'refs/heads/main' }),
      {
        issuer: 'https://token.actions.githubusercontent.com',
        repository: 'https://github.com/acme/widgets',
        workflow,
        ref: 'refs/heads/main',
      },
    ],
    [
      expectGitlabPipeline({ repository: 'acme/tools/widgets', workflow: '.gitlab-ci.yml' }),
      {
        issuer: 'https://gitlab.com',
        repository: 'https://gitlab.com/acme/tools/widgets',
        workflow: '.gitlab-ci.yml',
        ref: undefined,
      },
    ],
  ];
  for (const [identity, expected] of made)
    test(JSON.stringify(expected.repository), () => assert.deepEqual(identity, expected));

  const wrong = [
    '',
    'acme',
    'acme/',
    '/widgets',
    'acme/widgets/',
    'https://github.com/acme/widgets',
    'acme/wid gets',
    'a@b/c',
  ];
  for (const repository of wrong) {
    test(`${JSON.stringify(repository)} is no repository`, () => {
      for (const expecting of [expectGithubWorkflow, expectGitlabPipeline]) {
        assert.throws(
          () => expecting({ repository, workflow }),
          (thrown) => thrown instanceof LocksealError && thrown.code === 'ERR_CONFIG',
        );
      }
    });
  }

  test('GitHub has no groups within groups', () => {
    assert.throws(() => expectGithubWorkflow({ repository: 'acme/tools/widgets', workflow }), /is not a repository/);
  });
});
