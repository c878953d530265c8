// Lists of tarballs' files: always of the approved bytes, and read once.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { ApprovedArtifact } from '@lockseal/gate';
import { Cache } from '@lockseal/registry';
import { packTarball } from '@lockseal/testkit';
import { createFileLists } from '../../src/installed/file-lists.ts';

const TARBALL = packTarball([
  { path: 'package/package.json', content: '{"name":"a","version":"1.0.0"}' },
  { path: 'package/index.js', content: 'a\n' },
]);

function artifactOf(bytes: Uint8Array): ApprovedArtifact {
  const sha512 = createHash('sha512').update(bytes).digest('hex');
  const none = { registry: undefined, lockedUrl: undefined, path: undefined };
  return { name: 'a', version: '1.0.0', purl: 'pkg:npm/a@1.0.0', sha512, entries: ['a'], ...none };
}

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function openCache(t: TestContext): { readonly open: () => Cache; readonly warnings: string[] } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-lists-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const warnings: string[] = [];
  const options = {
    directory: path.join(folder, 'cache'),
    stateDirectory: path.join(folder, 'state'),
    now: () => Date.now(),
    onWarning: (message: string) => void warnings.push(message),
  };
  return { open: () => new Cache(options), warnings };
}

test('lists the files with their digests, and opens a tarball once', async () => {
  let opened = 0;
  const lists = createFileLists(() => {
    opened++;
    return streamOf(TARBALL);
  }, undefined);
  const [one, two] = await Promise.all([lists(artifactOf(TARBALL)), lists(artifactOf(TARBALL))]);
  assert.deepEqual(
    one.map(({ path: file, size, sha256 }) => [file, size, sha256]),
    [
      ['index.js', 2, createHash('sha256').update('a\n').digest('hex')],
      ['package.json', 30, createHash('sha256').update('{"name":"a","version":"1.0.0"}').digest('hex')],
    ],
  );
  assert.equal(one, two);
  assert.equal(opened, 1);
});

test('what was listed is known to later runs without the tarball', async (t) => {
  const { open, warnings } = openCache(t);
  const first = open();
  const list = await createFileLists(() => streamOf(TARBALL), first)(artifactOf(TARBALL));
  first.close();
  const second = open();
  const again = await createFileLists(() => assert.fail('opened'), second)(artifactOf(TARBALL));
  second.close();
  assert.deepEqual(again, list);
  assert.deepEqual(warnings, []);
});

describe('is not listed:', () => {
  const other = packTarball([{ path: 'package/package.json', content: '{"name":"a","version":"1.0.0"} ' }]);
  const cases: readonly (readonly [why: string, bytes: () => AsyncIterable<Uint8Array>, message: RegExp])[] = [
    ['bytes that are not the approved ones', () => streamOf(other), /not the approved ones/],
    ['a tarball that is cut short', () => streamOf(TARBALL.subarray(0, -8)), /cut short/],
    ['nothing', () => streamOf(Buffer.alloc(0)), /./],
    [
      'a tarball that cannot be had',
      () => {
        throw new Error('the store has none');
      },
      /the store has none/,
    ],
  ];
  for (const [why, bytes, message] of cases) {
    test(why, async (t) => {
      const cache = openCache(t).open();
      await assert.rejects(createFileLists(bytes, cache)(artifactOf(TARBALL)), { code: 'ERR_INSTALLED', message });
      // Nothing of it may be taken for a list of the approved bytes later.
      const list = await createFileLists(() => streamOf(TARBALL), cache)(artifactOf(TARBALL));
      assert.equal(list.length, 2);
      cache.close();
    });
  }
});
