import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import type { TarballFacts } from '@lockseal/core';
import { Parser } from 'tar';
import { readTarball } from '../../src/tarball/read.ts';
import { makePackage, type TarEntry } from '../support/tarball.ts';

const zipsOf = async (tgz: Uint8Array, name: string, cacheKeys: readonly string[]): Promise<TarballFacts['yarnZip']> =>
  (await readTarball(Readable.from([tgz]), { yarn: { name, cacheKeys } })).yarnZip;

/** With directories, an executable, an empty file, non-ASCII names and a symbolic link. */
const RICH: readonly TarEntry[] = [
  { path: 'package/bin/cli.js', body: '#!/usr/bin/env node\n', mode: 0o755 },
  { path: 'package/owner-only.sh', body: 'true\n', mode: 0o700 },
  { path: 'package/empty', body: '' },
  { path: 'package/folder/', type: 'Directory' },
  { path: 'package/folder/größe.txt', body: 'größe' },
  { path: 'package/link', type: 'SymbolicLink', linkpath: 'bin/cli.js' },
  { path: '../outside', body: 'skipped' },
];

const BIG: readonly TarEntry[] = [{ path: 'package/LICENSE', body: 'All rights reserved. '.repeat(500) }];

/** What Yarn's own library makes of files, in the way in which Yarn calls it; lower-case hex sha512 of the zip. */
async function byLibzip(entries: readonly TarEntry[]): Promise<string> {
  const { ppath, statUtils } = await import('@yarnpkg/fslib');
  const { ZipFS } = await import('@yarnpkg/libzip');
  const zip = new ZipFS(null, { level: 0, stats: statUtils.makeDefaultStats() });
  const SAFE_TIME = 456_789_000;
  const parser = new Parser({
    onReadEntry: (entry) => {
      const path = ppath.join('/node_modules/a' as never, entry.path.replace(/^package\//, '') as never);
      const chunks: Uint8Array[] = [];
      entry.on('data', (bytes: Uint8Array) => void chunks.push(bytes));
      entry.on('end', () => {
        zip.mkdirpSync(ppath.dirname(path), { chmod: 0o755, utimes: [SAFE_TIME, SAFE_TIME] });
        zip.writeFileSync(path, Buffer.concat(chunks), { mode: entry.mode ?? 0 });
        zip.utimesSync(path, SAFE_TIME, SAFE_TIME);
      });
    },
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  parser.on('end', resolve);
  parser.end(makePackage(entries));
  await promise;
  return hash('sha512', zip.getBufferAndClose());
}

describe('zips of Yarn', () => {
  // Pinned from the code that reproduced the checksums which Yarn 4.18 wrote for sixteen packages of the registry.
  const pinned: readonly (readonly [name: string, entries: readonly TarEntry[], cacheKey: string, sha512: string])[] = [
    [
      'a',
      RICH,
      '10c0',
      'a22969eb41d8a32330058173a672a0b444080054d71c421df8ce39faaf54c737bce6e2264ddf9181ee8457535360c085c8be8f37811b80b32ef560baa67711b7',
    ],
    [
      '@s/a',
      RICH,
      '10c0',
      'eb1785778875a82cf51876b2b1dcc26f2b994d11f2eab2a482f8d698f18fc07796aab34ca11f3498e017df7f12c4b32718766cc8f3611108de1855ab35cefc0d',
    ],
    [
      'b',
      BIG,
      '10c0',
      'a82eff67932c11ba359f7c3ae19189c0f619e87e82cac85707b197060f593612f464d0c5989b6e9a97aedaf6c9b3790e9e8722b29794fd1ca014bfb2edebc793',
    ],
    [
      'b',
      BIG,
      '10',
      '0fbd4f10531367c33e325960272711ff91b550f2002054575e009e17e24c7e6655bf1fbe76ca355e6f0a4fb3dccc6163aae86bd2f67f76873d4d009f53a69d23',
    ],
    [
      'b',
      BIG,
      '10c9',
      'da6c81c096c3325559e961642c1f48487a6cad4b5781ff9e9a8449f286b40a8da14fd5ac915e3ebf03f790462f69355f8ff5e96dfebc7e410356eba4f2fd1910',
    ],
  ];
  for (const [name, entries, cacheKey, sha512] of pinned) {
    test(`${cacheKey} of ${name}`, async () => {
      const zips = await zipsOf(makePackage(entries), name, [cacheKey]);
      assert.deepEqual([...zips], [[cacheKey, sha512]]);
    });
  }

  test('the name decides the paths, and so the checksum', async () => {
    const [one, other] = [await zipsOf(makePackage(), 'a', ['10c0']), await zipsOf(makePackage(), 'b', ['10c0'])];
    assert.notEqual(one.get('10c0'), other.get('10c0'));
  });

  test('what Yarn stores and what its libzip stores are the same bytes', async () => {
    const stored = await zipsOf(makePackage(RICH), '@s/a', ['10c0']);
    const { createLibzip } = await import('../../src/tarball/yarn-libzip.ts');
    const zip = await createLibzip('10c0', '@s/a', 0);
    assert.ok(zip !== undefined, 'the optional packages of Yarn are installed here');
    const parser = new Parser({
      onReadEntry: (entry) => {
        const sink = zip.enter(entry);
        const chunks: Uint8Array[] = [];
        entry.on('data', (bytes: Uint8Array) => void chunks.push(bytes));
        entry.on('end', () => sink?.(Buffer.concat(chunks)));
      },
    });
    await new Promise<void>((resolve) => {
      parser.on('end', resolve);
      parser.end(makePackage(RICH));
    });
    assert.deepEqual(zip.finish(), [...stored]);
  });

  for (const key of ['8', '9', '8c0', '11c0', '10c10', '10d0', '', '10c0\n']) {
    test(`the cache key ${JSON.stringify(key)} is left out: no data shows how its zip is made`, async () => {
      assert.deepEqual([...(await zipsOf(makePackage(), 'a', [key]))], []);
    });
  }

  test('a file that is there twice is written over in its place, as by Yarn', async () => {
    const entries: readonly TarEntry[] = [
      { path: 'package/lib/x', body: 'the first', mode: 0o755 },
      { path: 'package/y', body: 'y' },
      { path: 'package/./lib/x', body: 'the later one', mode: 0o644 },
    ];
    const zips = await zipsOf(makePackage(entries), 'a', ['10c0', '10']);
    assert.deepEqual([...zips], [['10c0', await byLibzip(entries)]]);
    const straight = [entries[2]!, entries[1]!].map((each) => ({ ...each, path: each.path.replace('./', '') }));
    assert.equal((await zipsOf(makePackage(straight), 'a', ['10c0'])).get('10c0'), zips.get('10c0'));
  });

  const left: readonly (readonly [why: string, entries: readonly TarEntry[]])[] = [
    [
      'a link where a file is',
      [
        { path: 'package/x', body: 'a' },
        { path: 'package/x', type: 'SymbolicLink', linkpath: 'y' },
      ],
    ],
    [
      'a file where a folder is',
      [
        { path: 'package/x/y', body: 'a' },
        { path: 'package/x', body: 'b' },
      ],
    ],
    [
      'a name of which libzip guesses the encoding',
      [
        { path: 'package/x', body: 'a' },
        { path: 'package/x', body: 'b' },
        { path: 'package/\u0001', body: 'c' },
      ],
    ],
  ];
  for (const [why, entries] of left) {
    test(`an archive is left out that has ${why}`, async () => {
      assert.deepEqual([...(await zipsOf(makePackage(entries), 'a', ['10c0']))], []);
    });
  }
});
