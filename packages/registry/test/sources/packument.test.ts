import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LocksealError } from '@lockseal/core';
import { cutVersion } from '../../src/sources/packument.ts';

async function* inChunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const cut = async (text: string, version: string, size = 7, maxBytes = 10_000): Promise<unknown> => {
  const bytes = await cutVersion(inChunks(text, size), version, maxBytes);
  return bytes === undefined ? undefined : JSON.parse(bytes.toString());
};

describe('a version cut out of a packument', () => {
  test('is what JSON.parse finds there, wherever chunks end', async () => {
    const versions = fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.jsonValue()));
    const packument = fc.tuple(fc.dictionary(fc.string(), fc.jsonValue()), versions, fc.boolean());
    await fc.assert(
      fc.asyncProperty(packument, fc.integer({ min: 1, max: 50 }), fc.string(), async (drawn, size, absent) => {
        const [others, listed, pretty] = drawn;
        const text = JSON.stringify({ ...others, versions: listed, readme: '"}],{[' }, undefined, pretty ? 2 : 0);
        for (const version of [...Object.keys(listed), absent, 'versions', 'readme']) {
          const expected = Object.hasOwn(listed, version) ? listed[version] : undefined;
          assert.deepEqual(
            await cut(text, version, size),
            expected === undefined ? undefined : JSON.parse(JSON.stringify(expected)),
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  const found: readonly (readonly [why: string, text: string, expected: unknown])[] = [
    ['a key with escapes is the key it spells', '{"versions":{"1\\u002e0.0":{"a":1}}}', { a: 1 }],
    ['versions further down are not the versions', '{"x":{"versions":{"1.0.0":{"a":1}}},"versions":{}}', undefined],
    ['a version further down is not the version', '{"versions":{"2.0.0":{"1.0.0":{"a":1}}}}', undefined],
    ['a version outside is not the version', '{"1.0.0":{"a":1},"versions":{}}', undefined],
    ['versions in an array', '{"versions":["1.0.0",{"1.0.0":{"a":1}}]}', undefined],
    ['a string that looks like the key', '{"a":"versions","b":{"1.0.0":{"a":1}}}', undefined],
    ['a scalar in place of the document', '{"versions":{"1.0.0":5,"2.0.0":{}}}', 5],
    ['no versions', '{}', undefined],
  ];
  for (const [why, text, expected] of found) {
    test(why, async () => assert.deepEqual(await cut(text, '1.0.0'), expected));
  }

  const refused: readonly (readonly [why: string, text: string])[] = [
    ['readers differ in which of two entries they take', '{"versions":{"1.0.0":{},"1.0.0":{}}}'],
    ['the same with escapes', '{"versions":{"1.0.0":{},"\\u0031.0.0":{}}}'],
    ['two lists of versions', '{"versions":{"1.0.0":{}},"versions":{}}'],
    ['cut short', '{"versions":{"1.0.0":{}'],
    ['an array', '[]'],
    ['text', 'not found'],
    ['empty', ''],
    ['two documents', '{} {}'],
    ['too many ends', '{}}'],
    ['too large', `{"versions":{"1.0.0":"${'x'.repeat(11_000)}"}}`],
  ];
  for (const [why, text] of refused) {
    test(`refused: ${why}`, async () => {
      await assert.rejects(
        cut(text, '1.0.0'),
        (error) => error instanceof LocksealError && error.code === 'ERR_RESPONSE_INVALID',
      );
    });
  }
});
