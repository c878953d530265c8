import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { policyDigest } from '@lockseal/policy';
import { load, policyOf } from './support/load.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const own = 'version: 1\nextends: ./team.yaml\n';
const team = 'version: 1\nextends: [strict, ./base.yaml]\n';
const base = 'version: 1\nrules: {deprecated: error}\n';
const files = { './team.yaml': team, './base.yaml': base };

describe('the digest of a policy', () => {
  test('of one file is that of its bytes, whatever preset it extends', async () => {
    for (const text of ['version: 1\n', 'version: 1\nextends: [strict, baseline]\n', '\uFEFFversion: 1\nrules: {}\n']) {
      assert.equal((await policyOf(text)).sha256, sha256(text));
    }
  });

  test('of several is over the digests of all, what is extended first', async () => {
    const expected = sha256(`lockseal-policy-v1\n${sha256(base)}\n${sha256(team)}\n${sha256(own)}\n`);
    assert.equal((await policyOf(own, files)).sha256, expected);
    const loaded = await load(own, files);
    assert.ok(loaded.status === 'ok');
    assert.equal(policyDigest(loaded.sources), expected);
  });

  test('names no file, so that it is the same wherever the files lie', async () => {
    const moved = await load(own, files);
    assert.ok(moved.status === 'ok');
    const renamed = moved.sources.map(({ text }) => ({ file: '/elsewhere.yaml', text }));
    assert.equal(policyDigest(renamed), policyDigest(moved.sources));
  });

  const others: readonly (readonly [why: string, text: string, files: Readonly<Record<string, string>>])[] = [
    ['another byte in an extended file', own, { ...files, './base.yaml': `${base}#` }],
    ['another byte in the file between', own, { ...files, './team.yaml': `${team}#` }],
    ['another byte in the file itself', `${own}#`, files],
    ['a file that is extended no more', own, { ...files, './team.yaml': 'version: 1\nextends: strict\n' }],
    [
      'a file that is extended twice',
      own.replace('./team', '[./base.yaml, ./team').replace('yaml\n', 'yaml]\n'),
      files,
    ],
  ];
  for (const [why, text, given] of others) {
    test(`is another one with ${why}`, async () => {
      const policy = await policyOf(text, given);
      assert.notEqual(policy.sha256, (await policyOf(own, files)).sha256);
      assert.notEqual(policy.sha256, sha256(text));
    });
  }

  test('of several is never that of one file', () => {
    const [one, two] = ['a', 'b'].map((text) => ({ text }));
    assert.ok(one !== undefined && two !== undefined);
    assert.notEqual(policyDigest([one, two]), policyDigest([two]));
    assert.notEqual(policyDigest([one, two]), policyDigest([two, one]));
  });
});
