import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { LocksealError, type ErrorCode, type TarballFacts } from '@lockseal/core';
import { UnreadableTarball } from '../../src/tarball/contents.ts';
import { ALL_EXTRAS } from '../../src/tarball/extras.ts';
import { TARBALL_LIMITS, type TarballLimits } from '../../src/tarball/limits.ts';
import { readPieces } from '../../src/tarball/read-pieces.ts';
import { readTarball } from '../../src/tarball/read.ts';
import { openReading } from '../../src/tarball/reading.ts';
import { makePackage, makeTar, makeTgz, type TarEntry } from '../support/tarball.ts';
import { sharedDir } from '../../../../test/support/shared.ts';

async function* chunksOf(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Small tarballs are unpacked at once, others piece by piece: every case here is read in both ways. */
async function read(bytes: Uint8Array, bounds: Partial<TarballLimits> = {}): Promise<TarballFacts> {
  const limits = { ...TARBALL_LIMITS, ...bounds };
  const outcomes = [
    () => readTarball(chunksOf(bytes), { limits }),
    async () => readPieces(chunksOf(bytes), await openReading({ limits })),
  ].map(async (way) => way().catch((error: unknown) => error));
  const [whole, pieces] = await Promise.all(outcomes);
  assert.deepEqual(said(whole), said(pieces));
  if (whole instanceof Error) throw whole;
  return whole as TarballFacts;
}

function said(outcome: unknown): unknown {
  if (!(outcome instanceof LocksealError)) return outcome;
  return { code: outcome.code, message: outcome.message, ...(outcome instanceof UnreadableTarball && outcome.digests) };
}

const file = (name: string, body = 'x'): TarEntry => ({ path: `package/${name}`, body });
const manifest = file('package.json', '{"name":"a","version":"1.0.0"}');

describe('facts', () => {
  test('digests, counts and sizes', async () => {
    const tgz = makePackage([file('index.js', 'hello'), { path: 'package/lib/', type: 'Directory' }]);
    const facts = await read(tgz);
    assert.equal(facts.size, tgz.length);
    assert.equal(facts.sha512, createHash('sha512').update(tgz).digest('hex'));
    assert.equal(facts.sha1, createHash('sha1').update(tgz).digest('hex'));
    assert.equal(facts.tarSha512, createHash('sha512').update(gunzipSync(tgz)).digest('hex'));
    assert.equal(facts.files, 2);
    assert.equal(facts.unpackedSize, 30 + 5);
    assert.equal(facts.manifest.name, 'a');
    assert.deepEqual(facts.oddities, []);
    assert.deepEqual(facts.bundled, []);
    assert.equal(facts.hasBindingGyp, false);
  });

  test('the top-level folder may have any name, as GitHub and DefinitelyTyped make them', async () => {
    const facts = await read(makeTgz([{ path: 'owner-repo-abc/package.json', body: '{"name":"a"}' }]));
    assert.equal(facts.manifest.name, 'a');
    assert.deepEqual(facts.oddities, []);
  });

  for (const [name, expected] of [
    ['binding.gyp', true],
    ['Binding.gyp', true],
    ['src/binding.gyp', false],
  ] as const) {
    test(`${name} ${expected ? 'makes' : 'does not make'} npm build`, async () => {
      assert.equal((await read(makePackage([file(name)]))).hasBindingGyp, expected);
    });
  }

  test('bundled packages, nested and scoped, by the name they are imported under', async () => {
    const facts = await read(
      makePackage([
        file('node_modules/b/package.json', '{"name":"b","version":"2.0.0"}'),
        file('node_modules/@s/c/package.json', '{"name":"other","version":"3.0.0"}'),
        file('node_modules/b/node_modules/d/package.json', '{"version":"4.0.0"}'),
        file('node_modules/broken/package.json', 'not json'),
        file('node_modules/b/lib/package.json', '{"name":"no","version":"9.9.9"}'),
        file('fixtures/package.json', '{"name":"no","version":"9.9.9"}'),
      ]),
    );
    assert.deepEqual(facts.bundled, ['@s/c@3.0.0', 'b@2.0.0', 'broken@unknown', 'd@4.0.0']);
  });

  test('the last of two package.json is the one, as npm extracts it, and both are an oddity', async () => {
    const facts = await read(makePackage([file('package.json', '{"name":"evil","version":"6.6.6"}')]));
    assert.equal(facts.manifest.name, 'evil');
    assert.deepEqual(facts.oddities, ['duplicate path: package.json']);
    assert.equal(facts.files, 1);
  });

  test('a package.json with a byte-order mark is read as npm reads it', async () => {
    assert.equal((await read(makeTgz([file('package.json', '\ufeff{"name":"a"}')]))).manifest.name, 'a');
  });
});

describe('what is computed where somebody asks', () => {
  const tgz = makePackage([file('a.js')]);

  test('nothing but what is asked for, and the rest all the same', async () => {
    const all = await read(tgz);
    const without = { ...all, sha1: undefined, tarSha512: undefined, list: undefined };
    for (const extras of [[], ...ALL_EXTRAS.map((extra) => [extra]), ALL_EXTRAS]) {
      const expected = { ...without, ...Object.fromEntries(extras.map((extra) => [extra, all[extra]])) };
      assert.deepEqual(await readTarball(chunksOf(tgz), { extras }), expected);
      assert.deepEqual(await readPieces(chunksOf(tgz), await openReading({ extras })), expected);
    }
  });

  test('of bytes that cannot be read, too', async () => {
    for (const [extras, sha1] of [
      [[], undefined],
      [['sha1'], createHash('sha1').update('garbage').digest('hex')],
    ] as const) {
      const failed: unknown = await readTarball(chunksOf(Buffer.from('garbage')), { extras }).catch((error) => error);
      assert.ok(failed instanceof UnreadableTarball);
      assert.equal(failed.digests.sha512, createHash('sha512').update('garbage').digest('hex'));
      assert.equal(failed.digests.sha1, sha1);
    }
  });

  test('what is known by the sha512 of the bytes is not read again', async () => {
    const facts = await read(tgz);
    const whole = (): never => assert.fail('it is read');
    const known = (sha512: string): TarballFacts | undefined => (sha512 === facts.sha512 ? facts : undefined);
    assert.equal(await readTarball(chunksOf(tgz), { known }, whole), facts);
    await assert.rejects(readTarball(chunksOf(makePackage()), { known }, whole), /it is read/);
  });
});

describe('what is too large to be unpacked at once', () => {
  test('is read piece by piece, with the same outcome', async () => {
    const big = file('big.js', 'x'.repeat(33 * 1024 * 1024));
    const facts = await read(makeTgz([manifest, big]), { ratio: 2000 });
    assert.equal(facts.list?.[0]?.size, 33 * 1024 * 1024);
    const noise = makePackage([file('noise', randomBytes(3 * 1024 * 1024).toString('hex'))]);
    const twice = await readTarball(chunksOf(Buffer.concat([noise, Buffer.alloc(2 * 1024 * 1024)]), 100_000));
    assert.deepEqual(twice.oddities, ['data after the end of the gzip stream']);
  });

  test('a length that the gzip stream lies about changes nothing', async () => {
    const tgz = makePackage([file('a', 'x'.repeat(200_000))]);
    for (const told of [0, 1, 200_000, 0xffffffff]) {
      const lying = Buffer.from(tgz);
      lying.writeUInt32LE(told, tgz.length - 4);
      await assert.rejects(read(lying), (error) => error instanceof UnreadableTarball);
    }
  });

  test('the stream is let go where reading ends before it does', async () => {
    let isOver = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(1024 * 1024);
      } finally {
        isOver = true;
      }
    }
    const limits = { ...TARBALL_LIMITS, packed: 6 * 1024 * 1024 };
    await assert.rejects(readTarball(endless(), { limits }), /more than 6291456 bytes/);
    assert.ok(isOver);
  });
});

describe('the list of files', () => {
  test('every file that npm writes, sorted by path, with the digest of its bytes and its mode', async () => {
    const { list } = await read(
      makePackage([
        { path: 'package/lib/', type: 'Directory' },
        { path: 'package/z.sh', body: '#!/bin/sh\n', mode: 0o755 },
        { path: 'package/link', type: 'SymbolicLink', linkpath: 'z.sh' },
        file('lib/empty', ''),
        file('big.txt', 'x'.repeat(100_000)),
      ]),
    );
    const sha256 = (body: string): string => createHash('sha256').update(body).digest('hex');
    const plain = { executable: false, program: undefined };
    assert.deepEqual(list, [
      { path: 'big.txt', size: 100_000, sha256: sha256('x'.repeat(100_000)), ...plain },
      { path: 'lib/empty', size: 0, sha256: sha256(''), ...plain },
      { path: 'package.json', size: 30, sha256: sha256('{"name":"a","version":"1.0.0"}'), ...plain },
      { path: 'z.sh', size: 10, sha256: sha256('#!/bin/sh\n'), executable: true, program: 'script' },
    ]);
  });

  test('the later of two files of one path is the one that npm leaves on disk', async () => {
    const { list } = await read(makePackage([file('x', 'first'), file('x', 'second'), file('/x', 'third')]));
    assert.equal(list?.length, 2);
    assert.equal(list[1]?.sha256, createHash('sha256').update('third').digest('hex'));
  });

  const bounds: readonly (readonly [why: string, listed: TarballLimits['listed'], isKept: boolean])[] = [
    ['as many files as the bound', { files: 3, path: 1000 }, true],
    ['one file more', { files: 2, path: 1000 }, false],
    ['as long as the bound together', { files: 9, path: 14 }, true],
    ['one character more', { files: 9, path: 13 }, false],
  ];
  for (const [why, listed, isKept] of bounds) {
    test(`${isKept ? 'is kept' : 'is not known, rather than cut'}: ${why}`, async () => {
      const facts = await read(makePackage([file('a'), file('b')]), { listed });
      assert.equal(facts.list?.length, isKept ? 3 : undefined);
      assert.equal(facts.files, 3);
    });
  }
});

describe('what the first bytes of a file make it', () => {
  const pad = (hex: string): Buffer => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(100)]);
  const cases: readonly (readonly [what: string, bytes: Uint8Array, expected: string | undefined])[] = [
    ['a Linux program or .node', pad('7f454c46'), 'elf'],
    ['a macOS program', pad('cffaedfe'), 'mach-o'],
    ['a universal macOS program', pad('cafebabe00000002'), 'mach-o'],
    ['a Java class, which begins alike', pad('cafebabe00000034'), undefined],
    ['a Windows program', pad('4d5a9000'), 'pe'],
    ['a text that begins with MZ', Buffer.from('MZ is how it begins '.repeat(10)), undefined],
    ['WebAssembly', pad('0061736d'), 'wasm'],
    ['a script', Buffer.from('#!/usr/bin/env node'), 'script'],
    ['a lone #', Buffer.from('#'), undefined],
    ['a PNG', pad('89504e47'), undefined],
    ['nothing', Buffer.alloc(0), undefined],
  ];
  for (const [what, body, expected] of cases) {
    test(`${what}: ${expected ?? 'none'}`, async () => {
      const { list } = await read(makePackage([{ path: 'package/a', body }]));
      assert.equal(list?.[0]?.program, expected);
    });
  }
});

describe('oddities', () => {
  const cases: readonly (readonly [why: string, entry: TarEntry, expected: string])[] = [
    [
      'npm drops links, others follow them',
      { path: 'package/l', type: 'SymbolicLink', linkpath: '/etc/passwd' },
      'symbolic link: package/l -> /etc/passwd',
    ],
    [
      'the same',
      { path: 'package/l', type: 'Link', linkpath: 'package/package.json' },
      'hard link: package/l -> package/package.json',
    ],
    ['devices', { path: 'package/d', type: 'CharacterDevice' }, 'entry of type CharacterDevice: package/d'],
    ['pipes', { path: 'package/p', type: 'FIFO' }, 'entry of type FIFO: package/p'],
    ['npm skips them', { path: '/package/package.json', body: '{}' }, 'absolute path: /package/package.json'],
    ['Windows drives', { path: 'C:/package/x' }, 'absolute path: C:/package/x'],
    ['npm skips them', { path: 'package/../../x' }, 'path with ..: package/../../x'],
    ['extractors strip them differently', { path: './package/x' }, 'path not in normal form: ./package/x'],
    [
      'a second package.json by another spelling',
      { path: 'package//package.json', body: '{}' },
      'duplicate path: package.json',
    ],
    ['a separator on Windows', { path: 'package/a\\b' }, 'backslash in path: package/a\\b'],
    ['terminals and logs', { path: 'package/a\u001b[2J' }, 'control character in path: package/a\u001b[2J'],
    [
      'file systems that fold case',
      { path: 'package/PACKAGE.json' },
      'paths that differ in case or Unicode form only: PACKAGE.json',
    ],
    ['merged by npm', { path: 'other/x' }, 'second top-level folder: other'],
    ['some extractors put it at the root', { path: 'stray' }, 'entry outside the top-level folder: stray'],
    [
      'programs that change their owner',
      { path: 'package/x', mode: 0o4755 },
      'setuid, setgid or sticky bit: package/x',
    ],
    [
      'readers disagree where the next entry starts',
      { path: 'package/x', body: 'abc', pax: { size: 3 } },
      'size set by a PAX header: package/x',
    ],
    [
      'hits every later entry',
      { path: 'package/x', globalPax: { linkpath: 'y' } },
      'path, link or size set by a global PAX header: package/x',
    ],
    ['skipped by npm, read by others', { path: 'package/x', spoilt: true }, 'invalid entry: checksum failure'],
  ];
  for (const [why, entry, expected] of cases) {
    test(`${expected} (${why})`, async () => {
      const { oddities } = await read(makePackage([entry]));
      assert.ok(oddities.includes(expected), JSON.stringify(oddities));
    });
  }

  test('data after the end of the archive, and after the gzip stream', async () => {
    const tar = makeTar([manifest], Buffer.concat([Buffer.alloc(1024), Buffer.alloc(200_000, 'x')]));
    assert.deepEqual((await read(gzipSync(tar))).oddities, ['data after the end of the archive']);
    for (const zeros of [1024, 1536, 10_240]) {
      const short = makeTar(
        [manifest, file('zeros', '\0'.repeat(5000))],
        Buffer.concat([Buffer.alloc(zeros), Buffer.from('x')]),
      );
      for (const size of [100, 512, 3000, 100_000]) {
        const { oddities } = await readTarball(chunksOf(gzipSync(short), size));
        assert.deepEqual(oddities, ['data after the end of the archive']);
      }
    }
    const trailing = Buffer.concat([makePackage(), Buffer.alloc(100)]);
    assert.deepEqual((await read(trailing)).oddities, ['data after the end of the gzip stream']);
  });

  test('are bounded, sorted, and say how many were left out', async () => {
    const links = Array.from({ length: 80 }, (_, i): TarEntry => ({
      path: `package/${i}`,
      type: 'SymbolicLink',
      linkpath: 'x',
    }));
    const { oddities } = await read(makePackage(links));
    assert.equal(oddities.length, 51);
    assert.equal(oddities.at(-1), 'and 30 more');
    const long = await read(
      makePackage([file('x'.repeat(3000), '')].map((entry) => ({ ...entry, pax: {}, type: 'FIFO' as const }))),
    );
    assert.ok(long.oddities.every((text) => text.length < 400));
  });
});

describe('refusals', () => {
  const tgz = makePackage([file('big', 'x'.repeat(100_000)), file('b'), file('c')]);
  const cases: readonly (readonly [string, Uint8Array, Partial<TarballLimits>, ErrorCode])[] = [
    ['no bytes', Buffer.alloc(0), {}, 'ERR_TARBALL_UNREADABLE'],
    ['no gzip', makeTar([manifest]), {}, 'ERR_TARBALL_UNREADABLE'],
    ['no tar', gzipSync('not a tar at all'.repeat(100)), {}, 'ERR_TARBALL_UNREADABLE'],
    ['an empty tar', gzipSync(Buffer.alloc(1024)), {}, 'ERR_TARBALL_UNREADABLE'],
    ['gzip within gzip, which npm does not open twice', gzipSync(tgz), {}, 'ERR_TARBALL_UNREADABLE'],
    [
      'bytes after the gzip stream that npm cannot read either',
      Buffer.concat([tgz, Buffer.from('more')]),
      {},
      'ERR_TARBALL_UNREADABLE',
    ],
    ['a gzip stream cut short', tgz.subarray(0, tgz.length - 20), {}, 'ERR_TARBALL_UNREADABLE'],
    ['a tar cut short', gzipSync(gunzipSync(tgz).subarray(0, 50_000)), {}, 'ERR_TARBALL_UNREADABLE'],
    ['no package.json', makeTgz([file('index.js')]), {}, 'ERR_TARBALL_UNREADABLE'],
    ['a package.json further down only', makeTgz([file('lib/package.json', '{}')]), {}, 'ERR_TARBALL_UNREADABLE'],
    [
      'a package.json that is a link only',
      makeTgz([{ path: 'package/package.json', type: 'SymbolicLink', linkpath: 'x' }]),
      {},
      'ERR_TARBALL_UNREADABLE',
    ],
    ['a package.json that is not JSON', makeTgz([file('package.json', '{')]), {}, 'ERR_TARBALL_UNREADABLE'],
    ['a package.json that is a list', makeTgz([file('package.json', '[]')]), {}, 'ERR_TARBALL_UNREADABLE'],
    [
      'a package.json whose dependencies are no table',
      makeTgz([file('package.json', '{"dependencies":"x"}')]),
      {},
      'ERR_TARBALL_UNREADABLE',
    ],
    ['too many bytes', tgz, { packed: tgz.length - 1 }, 'ERR_RESPONSE_TOO_LARGE'],
    ['too many bytes unpacked', tgz, { unpacked: 100_000 }, 'ERR_RESPONSE_TOO_LARGE'],
    ['a bomb', makePackage([file('bomb', '0'.repeat(5_000_000))]), { ratio: 100 }, 'ERR_RESPONSE_TOO_LARGE'],
    ['too many entries', tgz, { entries: 3 }, 'ERR_RESPONSE_TOO_LARGE'],
    [
      'a path too long',
      makePackage([file('x', '')].map((entry) => ({ ...entry, pax: { path: `package/${'x'.repeat(5000)}` } }))),
      {},
      'ERR_RESPONSE_TOO_LARGE',
    ],
    [
      'a package.json too large',
      makePackage([], { name: 'a', version: '1.0.0', x: 'x'.repeat(1000) }),
      { manifest: 1000 },
      'ERR_RESPONSE_TOO_LARGE',
    ],
  ];
  for (const [what, bytes, limits, code] of cases) {
    test(what, async () => {
      await assert.rejects(read(bytes, limits), (error) => error instanceof LocksealError && error.code === code);
    });
  }

  test('an error of the stream comes through as it is', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield tgz.subarray(0, 100);
      throw new TypeError('connection lost');
    }
    await assert.rejects(readTarball(broken()), new TypeError('connection lost'));
  });

  test('any bytes in place of the tar give facts or a coded error', async () => {
    const noise = fc.uint8Array({ maxLength: 3000 });
    const mutated = fc.tuple(fc.nat(2999), fc.nat(255)).map(([at, byte]) => {
      const tar = makeTar([manifest, file('lib/x.js')]);
      tar[at % tar.length] = byte;
      return tar;
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(noise, mutated), async (tar) => {
        const outcome = await read(gzipSync(tar)).catch((error: unknown) => error);
        if (outcome instanceof Error) assert.ok(outcome instanceof LocksealError, outcome.stack);
      }),
      { numRuns: 300 },
    );
  });
});

test('real packages read without an oddity', async (t) => {
  const shared = sharedDir(t);
  if (shared === undefined) return;
  for (const [name, version] of [
    ['sigstore', '2.3.1'],
    ['nuxt', '4.1.2'],
  ] as const) {
    const tgz = path.join(shared, 'corpus/tarballs', `${name}-${version}.tgz`);
    const facts = await readTarball(createReadStream(tgz));
    assert.equal(facts.sha512, createHash('sha512').update(readFileSync(tgz)).digest('hex'));
    assert.equal(facts.manifest.name, name);
    assert.equal(facts.manifest.version, version);
    assert.deepEqual(facts.oddities, []);
    assert.ok(facts.files > 5);
  }
});
