import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { describe, test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { PACK_FORMAT, PACK_LIMITS, PARTS, questionOf } from '../../src/pack/format.ts';
import { readPack } from '../../src/pack/read.ts';

const MiB = 1024 * 1024;
const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const HEADER = JSON.stringify({
  format: PACK_FORMAT,
  lockseal: ['1.0.0'],
  parts: Object.fromEntries(PARTS.map((part) => [part, { lines: 0, sha256: empty }])),
});

const LIMITED: readonly (readonly [why: string, file: () => Uint8Array, limits: Partial<typeof PACK_LIMITS>])[] = [
  ['a file that is too large is not unpacked', () => randomBytes(2 * MiB), { file: MiB }],
  ['a few bytes that unpack to very many', () => brotliCompressSync(Buffer.alloc(64 * MiB)), { content: 8 * MiB }],
  ['more lines than allowed', () => brotliCompressSync(`${HEADER}\n${'x\n'.repeat(100)}`), { lines: 50 }],
];

describe('the bounds of a pack', () => {
  for (const [why, file, limits] of LIMITED) {
    test(`hold: ${why}`, () => {
      assert.throws(() => readPack(file(), undefined, { ...PACK_LIMITS, ...limits }), {
        code: 'ERR_EVIDENCE_TOO_LARGE',
      });
    });
  }

  test('of memory: a bomb takes no more of it than the bound', () => {
    const bomb = brotliCompressSync(Buffer.alloc(64 * MiB));
    assert.ok(bomb.length < 1024);
    const before = process.memoryUsage().arrayBuffers;
    assert.throws(() => readPack(bomb, undefined, { ...PACK_LIMITS, content: MiB }), {
      code: 'ERR_EVIDENCE_TOO_LARGE',
    });
    assert.ok(process.memoryUsage().arrayBuffers - before < 16 * MiB);
  });

  test('leave room for a pack without any evidence', () => {
    assert.equal(readPack(brotliCompressSync(`${HEADER}\n`)).lines.size, 0);
  });

  const DEEP: readonly (readonly [why: string, header: string])[] = [
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['a long header', HEADER.replace('["1.0.0"]', JSON.stringify(Array.from({ length: 20_000 }, String)))],
    ['more lines told than there are', HEADER.replace('"lines":0', '"lines":1')],
    ['a number of lines that is none', HEADER.replace('"lines":0', '"lines":-0.5')],
    ['a part missing', HEADER.replace('"trust"', '"trvst"')],
    ['another digest of an empty part', HEADER.replace(empty, '0'.repeat(64))],
  ];
  for (const [why, header] of DEEP) {
    test(`refuse a header with ${why}`, () => {
      assert.throws(() => readPack(brotliCompressSync(`${header}\n`)), { code: 'ERR_EVIDENCE_PACK' });
    });
  }
});

describe('the beginning of a line', () => {
  const REFUSED: readonly (readonly [why: string, line: string])[] = [
    ['members in another order', '{"part":"keys","key":["a"],"value":1}'],
    ['spaces', '{"key": ["a"],"part":"keys","value":1}'],
    ['an unknown part', '{"key":["a"],"part":"others","value":1}'],
    ['a key of numbers', '{"key":[1],"part":"keys","value":1}'],
    ['a key with a space', '{"key":["a b"],"part":"keys","value":1}'],
    ['an empty element', '{"key":[""],"part":"keys","value":1}'],
    ['a letter escaped that need not be', '{"key":["\\u0061"],"part":"keys","value":1}'],
    ['a key longer than any', `{"key":["${'a'.repeat(5000)}"],"part":"keys","value":1}`],
    ['a trailing comma', '{"key":["a",],"part":"keys","value":1}'],
    ['no value', '{"key":["a"],"part":"keys"}'],
  ];
  for (const [why, line] of REFUSED) {
    test(`is refused with ${why}`, () => {
      assert.throws(() => questionOf(Buffer.from(line), 'line 2'), { code: 'ERR_EVIDENCE_PACK' });
    });
  }

  test('may hold what URLs hold: brackets and quotes', () => {
    const key = ['http://[::1]:4873/', 'a"b', '],"part":"keys"'];
    const line = JSON.stringify({ key, part: 'documents', value: 1 });
    assert.deepEqual(questionOf(Buffer.from(line), 'line 2'), { part: 'documents', key });
  });
});
