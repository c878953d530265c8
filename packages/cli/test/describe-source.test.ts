import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { normaliseRemote } from '../src/approval/describe-source.ts';

describe('the address of a repository', () => {
  const cases: readonly (readonly [remote: string | undefined, repository: string | undefined])[] = [
    ['https://github.com/acme/shop.git', 'https://github.com/acme/shop'],
    ['https://github.com/acme/shop/', 'https://github.com/acme/shop'],
    ['https://token@github.com/acme/shop', 'https://github.com/acme/shop'],
    ['git@github.com:acme/shop.git', 'https://github.com/acme/shop'],
    ['ssh://git@gitlab.com/acme/group/shop.git', 'https://gitlab.com/acme/group/shop'],
    ['git://example.com:9418/shop.git', 'https://example.com:9418/shop'],
    // Nothing that could be mistaken for a repository that others see.
    ['/srv/git/shop.git', '/srv/git/shop.git'],
    ['../shop', '../shop'],
    ['file:///srv/git/shop', 'file:///srv/git/shop'],
    [undefined, undefined],
  ];
  for (const [remote, repository] of cases) {
    test(`${remote} is ${repository}`, () => assert.equal(normaliseRemote(remote), repository));
  }
});
