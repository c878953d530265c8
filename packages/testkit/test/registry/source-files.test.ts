import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { packTarball, sourceFiles } from '@lockseal/testkit';

test('made-up source compresses as published packages do, whatever the seed', () => {
  for (const [seed, files] of [
    [1, 20],
    [2, 60],
    [3, 150],
  ] as const) {
    const made = Object.entries(sourceFiles(seed, files));
    assert.equal(made.length, files);
    assert.ok(made.every(([path, content]) => /^[\w./-]+\.(?:js|d\.ts|md)$/.test(path) && content.length > 0));
    const tarball = packTarball(made.map(([path, content]) => ({ path: `package/${path}`, content })));
    const ratio = gunzipSync(tarball).length / tarball.length;
    assert.ok(ratio > 3 && ratio < 7, `${ratio}`);
  }
});

test('the same seed gives the same files, another seed others', () => {
  assert.deepEqual(sourceFiles(7, 10), sourceFiles(7, 10));
  assert.notDeepEqual(sourceFiles(7, 10), sourceFiles(8, 10));
});
