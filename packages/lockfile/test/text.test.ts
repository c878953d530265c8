import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { LocksealError, type ErrorCode } from '@lockseal/core';
import { decodeLockfile, MAX_LOCKFILE_BYTES } from '../src/text.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('decodeLockfile', () => {
  const refused: readonly (readonly [
    why: string,
    bytes: Uint8Array,
    code: ErrorCode,
    at?: readonly [number, number],
  ])[] = [
    ['one byte too many', new Uint8Array(MAX_LOCKFILE_BYTES + 1), 'ERR_LOCKFILE_TOO_LARGE'],
    ['a lone continuation byte', Uint8Array.of(0x7b, 0x80, 0x7d), 'ERR_LOCKFILE_ENCODING'],
    ['an overlong slash, which lax decoders accept', Uint8Array.of(0xc0, 0xaf), 'ERR_LOCKFILE_ENCODING'],
    ['an encoded surrogate', Uint8Array.of(0xed, 0xa0, 0x80), 'ERR_LOCKFILE_ENCODING'],
    ['UTF-16 with its mark', Uint8Array.of(0xff, 0xfe, 0x7b, 0x00), 'ERR_LOCKFILE_ENCODING'],
    ['a NUL byte, where C readers stop', encode('{}\n\0'), 'ERR_LOCKFILE_ENCODING', [2, 1]],
    ['ours', encode('{\n<<<<<<< HEAD\n}'), 'ERR_LOCKFILE_CONFLICT', [2, 1]],
    ['base', encode('a\n||||||| base\n'), 'ERR_LOCKFILE_CONFLICT', [2, 1]],
    ['the middle', encode('a\n=======\n'), 'ERR_LOCKFILE_CONFLICT', [2, 1]],
    ['theirs, as the first line', encode('>>>>>>> x'), 'ERR_LOCKFILE_CONFLICT', [1, 1]],
    ['a marker after a lone CR, a line end to pnpm', encode('a\r<<<<<<< x'), 'ERR_LOCKFILE_CONFLICT', [1, 3]],
    ['a marker behind the byte order mark', encode('\uFEFF<<<<<<< x'), 'ERR_LOCKFILE_CONFLICT', [1, 1]],
    ['a marker after a harmless one', encode('"=======" \n======='), 'ERR_LOCKFILE_CONFLICT', [2, 1]],
  ];
  for (const [why, bytes, code, at] of refused) {
    test(`refuses ${why}`, () => {
      assert.throws(
        () => decodeLockfile('dir/some.lock', bytes),
        (thrown) => {
          assert.ok(thrown instanceof LocksealError);
          assert.equal(thrown.code, code);
          assert.equal(thrown.details.file, 'dir/some.lock');
          if (at !== undefined) assert.deepEqual(thrown.details.position, { line: at[0], column: at[1] });
          return true;
        },
      );
    });
  }

  test('strips one byte order mark, hashes it, and keeps a second', () => {
    const bytes = encode('\uFEFF\uFEFF{}');
    const decoded = decodeLockfile('x', bytes);
    assert.equal(decoded.text, '\uFEFF{}');
    assert.deepEqual(decoded.bytes, {
      length: 8,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      sha512: createHash('sha512').update(bytes).digest('hex'),
    });
  });

  test('leaves line ends, trailing space and markers inside a line alone', () => {
    const text = '{\r\n"a": "<<<<<<< ======= >>>>>>>" }  \n';
    assert.equal(decodeLockfile('x', encode(text)).text, text);
  });
});
