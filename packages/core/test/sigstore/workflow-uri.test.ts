import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseGitUri, parseWorkflowUri } from '@lockseal/core';

describe('parseWorkflowUri', () => {
  const valid: readonly [string, string, string, string][] = [
    [
      'https://github.com/a/b/.github/workflows/r.yml@refs/heads/main',
      'https://github.com/a/b',
      '.github/workflows/r.yml',
      'refs/heads/main',
    ],
    [
      'https://github.com/a/b/.github/workflows/r.yml@refs/tags/b@1.2.3',
      'https://github.com/a/b',
      '.github/workflows/r.yml',
      'refs/tags/b@1.2.3',
    ],
    [
      'https://gitlab.com/g/p//.gitlab-ci.yml@refs/heads/main',
      'https://gitlab.com/g/p',
      '.gitlab-ci.yml',
      'refs/heads/main',
    ],
    ['https://gitlab.com/g/s/t/p//ci/x.yml@refs/tags/1', 'https://gitlab.com/g/s/t/p', 'ci/x.yml', 'refs/tags/1'],
  ];
  for (const [uri, repository, path, ref] of valid) {
    test(uri, () => assert.deepEqual(parseWorkflowUri(uri), { repository, path, ref }));
  }
  const none = [
    '',
    'mallory@example.com',
    'http://github.com/a/b/.github/workflows/r.yml@refs/heads/main',
    'https://github.com/a/b/.github/workflows/r.yml',
    'https://github.com/a/b/.github/workflows/r.yml@',
    'https://github.com/a/b/workflows/r.yml@refs/heads/main',
    'https://github.com/a/b/c/.github/workflows/r.yml@refs/heads/main',
    'https://user@github.com/a/b/.github/workflows/r.yml@refs/heads/main',
    'https://github.com/a/b/.github/workflows/r.yml@refs/heads/main\nx',
    ' https://github.com/a/b/.github/workflows/r.yml@refs/heads/main',
  ];
  for (const uri of none) test(`not ${JSON.stringify(uri)}`, () => assert.equal(parseWorkflowUri(uri), undefined));
});

describe('parseGitUri', () => {
  const vectors: readonly [string, ReturnType<typeof parseGitUri>][] = [
    ['git+https://github.com/a/b', { repository: 'https://github.com/a/b', ref: undefined }],
    ['git+https://github.com/a/b@refs/heads/main', { repository: 'https://github.com/a/b', ref: 'refs/heads/main' }],
    [
      'git+https://github.com/a/b@refs/tags/b@1.2.3',
      { repository: 'https://github.com/a/b', ref: 'refs/tags/b@1.2.3' },
    ],
    ['git+https://github.com@evil.example/a/b', { repository: 'https://github.com', ref: 'evil.example/a/b' }],
    ['https://github.com/a/b', undefined],
    ['git+http://github.com/a/b', undefined],
    ['git+ssh://git@github.com/a/b', undefined],
    ['git+https://github.com/a/b@', undefined],
    ['', undefined],
  ];
  for (const [uri, expected] of vectors) test(JSON.stringify(uri), () => assert.deepEqual(parseGitUri(uri), expected));
});
