import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { repositoryKey } from '../../src/edges/repository.ts';

describe('repositoryKey', () => {
  const same: readonly (readonly [why: string, text: string])[] = [
    ['shorthand', 'a/b'],
    ['shorthand with a commit', 'a/b#1234'],
    ['host shorthand', 'github:a/b'],
    ['https', 'https://github.com/a/b.git'],
    ['git over https', 'git+https://github.com/a/b.git#main'],
    ['git over ssh', 'git+ssh://git@github.com/a/b.git'],
    ['scp form', 'git@github.com:a/b.git'],
    ['with a password', 'https://user:secret@github.com/a/b'],
    ['host in capitals', 'https://GitHub.com/a/b'],
    ['archive of a commit', 'https://codeload.github.com/a/b/tar.gz/1234'],
    ['archive by the site', 'https://github.com/a/b/archive/1234.tar.gz'],
  ];
  for (const [why, text] of same) test(`${why}: ${text}`, () => assert.equal(repositoryKey(text), 'github.com/a/b'));

  const different: readonly (readonly [why: string, text: string])[] = [
    ['another owner', 'evil/b'],
    ['another host', 'https://github.com.evil.example/a/b'],
    ['the host as a user name', 'https://github.com@evil.example/a/b'],
    ['another forge', 'gitlab:a/b'],
    ['a longer path', 'https://github.com/a/b/c'],
    ['the archive host of another owner', 'https://codeload.github.com/evil/b/tar.gz/a/b'],
    ['no address at all', 'latest'],
  ];
  for (const [why, text] of different)
    test(`${why}: ${text}`, () => assert.notEqual(repositoryKey(text), 'github.com/a/b'));
});
