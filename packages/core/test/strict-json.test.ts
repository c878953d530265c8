import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseStrictJson } from '@lockseal/core';
import { scanJson } from '../src/json/scan.ts';

const parse = (text: string): unknown => parseStrictJson(Buffer.from(text));

describe('parseStrictJson', () => {
  const refused: readonly { why: string; text: string | Uint8Array; reason: RegExp }[] = [
    { why: 'empty', text: '', reason: /Unexpected end/ },
    { why: 'a trailing comma', text: '[1,]', reason: /Unexpected token/ },
    { why: 'a comment', text: '{} // x', reason: /Unexpected/ },
    { why: 'two documents', text: '{}{}', reason: /Unexpected/ },
    { why: 'a byte order mark', text: '\ufeff{}', reason: /Unexpected token/ },
    { why: 'invalid UTF-8', text: Buffer.from([0x22, 0xc3, 0x28, 0x22]), reason: /not valid UTF-8/ },
    { why: 'a surrogate half in UTF-8', text: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), reason: /not valid UTF-8/ },
    { why: 'a key twice', text: '{"a":1,"a":1}', reason: /the key "a" occurs twice/ },
    { why: 'a key twice, once escaped', text: '{"a":1,"\\u0061":2}', reason: /the key "a" occurs twice/ },
    { why: 'a key twice, far apart', text: '{"a":{"b":[{}]},"c":"}","a":2}', reason: /the key "a" occurs twice/ },
    { why: 'a key twice, deep inside', text: '[{"x":{"a":1 , "b":2,\n"a" :3}}]', reason: /the key "a" occurs twice/ },
    { why: '__proto__ twice', text: '{"__proto__":1,"__proto__":2}', reason: /"__proto__" occurs twice/ },
    { why: 'half of a surrogate pair, escaped', text: '"\\ud800"', reason: /no half of a surrogate pair/ },
    { why: 'too deep', text: '['.repeat(65) + ']'.repeat(65), reason: /expected at most 64 levels/ },
  ];
  for (const { why, text, reason } of refused) {
    test(`refuses ${why}`, () => {
      const bytes = typeof text === 'string' ? Buffer.from(text) : text;
      assert.throws(
        () => parseStrictJson(bytes),
        (thrown) => thrown instanceof SyntaxError && reason.test(thrown.message),
      );
    });
  }

  test('prototype keys are own members, as JSON.parse makes them', () => {
    const value = parse('{"__proto__":{"a":1},"constructor":2}');
    assert.deepEqual(Object.entries(value as object), [
      ['__proto__', { a: 1 }],
      ['constructor', 2],
    ]);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
  });

  test('a key may occur again in another object, and as a value', () => {
    assert.deepEqual(parse('{"a":{"a":"a"},"b":[{"a":1},{"a":2}],"c":"a\\":","d":"{"}'), {
      a: { a: 'a' },
      b: [{ a: 1 }, { a: 2 }],
      c: 'a":',
      d: '{',
    });
  });

  test('what JSON.stringify writes is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        assert.deepEqual(parse(text), JSON.parse(text));
      }),
    );
  });

  test('a key repeated anywhere is found', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), (key, one, two) => {
        const member = (value: unknown): string => `${JSON.stringify(key)}:${JSON.stringify(value)}`;
        assert.throws(() => parse(`[{${member(one)},"${'k'.repeat(99)}":0,${member(two)}}]`), /occurs twice/);
      }),
    );
  });

  test('what it does not scan, the scan would not refuse', () => {
    const key = fc.constantFrom('"a"', '"b"', '"1"', '"__proto__"', '"\\u0061"', '"\\""');
    const { text } = fc.letrec<{ text: string }>((tie) => ({
      text: fc.oneof(
        { maxDepth: 6, depthSize: 'large' },
        fc.constantFrom('1', '-0', '1.0', '1e3', 'null', '"x"', '"\\ud800"', '"\\ud83d\\ude00"', '"\u00e9"', '{}'),
        fc.array(tie('text'), { maxLength: 3 }).map((members) => `[${members.join(',')}]`),
        fc
          .array(fc.tuple(key, tie('text')), { maxLength: 4 })
          .map((members) => `{${members.map(([name, value]) => `${name}:${value}`).join(',')}}`),
      ),
    }));
    fc.assert(
      fc.property(text, fc.nat(70), (inner, levels) => {
        const deep = `${'['.repeat(levels)}${inner}${']'.repeat(levels)}`;
        const refusal = messageOf(() => scanJson(deep, { comments: false, prototypeKeys: true }));
        assert.equal(
          messageOf(() => parse(deep)),
          refusal,
        );
      }),
      { numRuns: 2000 },
    );
  });
});

function messageOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
