import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { StrictJsonError, type StrictJsonFault } from '../../src/json/error.ts';
import { MAX_DEPTH, MAX_MEMBERS, MAX_VALUES, type JsonRules } from '../../src/json/scan.ts';
import { JsonObject, parseJsonText, type JsonValue } from '../../src/json/value.ts';

const JSON_RULES: JsonRules = { comments: false, prototypeKeys: false };
const JSONC_RULES: JsonRules = { comments: true, prototypeKeys: false };

const parse = (text: string, rules: JsonRules = JSON_RULES): JsonValue => parseJsonText(text, rules);

/** The same value as JSON.parse would give, for comparison. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonObject) return Object.fromEntries([...value.members].map(([k, v]) => [k, plain(v)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

const nest = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('parseJsonText', () => {
  const refused: readonly (readonly [
    why: string,
    text: string,
    fault: StrictJsonFault,
    at: readonly [line: number, column: number],
  ])[] = [
    ['an empty file', '', 'syntax', [1, 1]],
    ['a second value', '{} {}', 'syntax', [1, 4]],
    ['a second byte order mark', '\uFEFF{}', 'syntax', [1, 1]],
    ['a no-break space, white space to JavaScript', '{\u00A0}', 'syntax', [1, 2]],
    ['a form feed', '{\f}', 'syntax', [1, 2]],
    ['a trailing comma in an object', '{"a":1,}', 'syntax', [1, 8]],
    ['a trailing comma in an array', '[1,]', 'syntax', [1, 4]],
    ['a leading comma', '[,1]', 'syntax', [1, 2]],
    ['a comment', '{\n/* */}', 'syntax', [2, 1]],
    ['single quotes', `{'a':1}`, 'syntax', [1, 2]],
    ['a bare key', '{a:1}', 'syntax', [1, 2]],
    ['no colon', '{"a" 1}', 'syntax', [1, 6]],
    ['a closed bracket of the other kind', '[1}', 'syntax', [1, 3]],
    ['an open object', '{"a":1', 'syntax', [1, 7]],
    ['an open string', '"abc', 'syntax', [1, 5]],
    ['an open string that ends in an escape', '"abc\\', 'syntax', [1, 5]],
    ['a line end in a string', '"a\nb"', 'syntax', [1, 3]],
    ['a tab after an escape', '"\\n\t"', 'syntax', [1, 4]],
    ['an unknown escape', '"\\x41"', 'syntax', [1, 2]],
    ['a short unicode escape', '"\\u041"', 'syntax', [1, 2]],
    ['half of a surrogate pair, which has no UTF-8', '"a\\ud800"', 'syntax', [1, 3]],
    ['the halves of a pair in the wrong order', '"\\udc00\\ud800"', 'syntax', [1, 2]],
    ['a leading zero', '01', 'syntax', [1, 2]],
    ['a plus sign', '+1', 'syntax', [1, 1]],
    ['a bare point', '.5', 'syntax', [1, 1]],
    ['a point without digits', '1.', 'syntax', [1, 2]],
    ['a lone minus', '-', 'syntax', [1, 1]],
    ['NaN', 'NaN', 'syntax', [1, 1]],
    ['a literal with a tail', 'nullx', 'syntax', [1, 5]],
    ['a key twice', '{"a":1,\n "a":2}', 'duplicate-key', [2, 2]],
    ['a key twice, once escaped', '{"ms":1,"\\u006ds":2}', 'duplicate-key', [1, 9]],
    ['a key twice, with the same value', '{"a":1,"a":1}', 'duplicate-key', [1, 8]],
    ['the empty key twice', '{"":1,"":2}', 'duplicate-key', [1, 7]],
    ['__proto__', '{"a":{"__proto__":{}}}', 'prototype-key', [1, 7]],
    ['__proto__ escaped', '{"\\u005f_proto__":{}}', 'prototype-key', [1, 2]],
    ['constructor', '{"constructor":1}', 'prototype-key', [1, 2]],
    ['prototype', '{"prototype":1}', 'prototype-key', [1, 2]],
    ['a level too many', nest(MAX_DEPTH + 1), 'excess', [1, MAX_DEPTH + 1]],
    ['a million levels', '['.repeat(1_000_000), 'excess', [1, MAX_DEPTH + 1]],
  ];
  for (const [why, text, fault, [line, column]] of refused) {
    test(`refuses ${why}`, () => {
      assert.throws(
        () => parse(text),
        (thrown) => {
          assert.ok(thrown instanceof StrictJsonError);
          assert.equal(thrown.fault, fault);
          const before = text.slice(0, thrown.offset).split('\n');
          assert.deepEqual([before.length, (before.at(-1)?.length ?? 0) + 1], [line, column]);
          return true;
        },
      );
    });
  }

  test('refuses a member too many', () => {
    assert.throws(() => parse(`[${'0,'.repeat(MAX_MEMBERS)}0]`), { fault: 'excess' });
  });

  test('refuses a value too many, spread over several arrays', () => {
    const part = `[${'0,'.repeat(MAX_MEMBERS - 1)}0]`;
    const text = `[${Array.from({ length: MAX_VALUES / MAX_MEMBERS }, () => part).join()}]`;
    assert.throws(() => parse(text), { fault: 'excess' });
  });

  test('reads a long string of escapes, and a pair of surrogates', () => {
    assert.equal(parse(`"${'\\n'.repeat(2_000_000)}"`), '\n'.repeat(2_000_000));
    assert.equal(parse('"\\ud83d\\ude00"'), '\u{1f600}');
  });

  test('takes the deepest nesting that is allowed', () => {
    assert.deepEqual(plain(parse(nest(MAX_DEPTH))), JSON.parse(nest(MAX_DEPTH)));
  });

  test('remembers where keys stand, in the order of the file', () => {
    const object = parse('{ "b": 1,\n "10": 2, "9": 3 }');
    assert.ok(object instanceof JsonObject);
    assert.deepEqual([...object.members.keys()], ['b', '10', '9']);
    assert.deepEqual(object.offsets, [2, 11, 20]);
    assert.equal(object.offsetOf('9'), 20);
    assert.equal(object.offsetOf('c'), undefined);
  });

  test('gives the values of JSON.parse for any document', () => {
    const tree = fc
      .jsonValue({ maxDepth: 5, stringUnit: 'binary' })
      .filter((value) => !/"(?:__proto__|constructor|prototype)":/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(tree, fc.constantFrom('', ' ', '\t', '\n', '\r\n '), (value, space) => {
        const text = JSON.stringify(value, null, space.startsWith('\r') ? 2 : space);
        const crlf = space.startsWith('\r') ? text.replaceAll('\n', '\r\n') : text;
        assert.deepEqual(plain(parse(crlf)), JSON.parse(text));
      }),
    );
  });

  test('accepts nothing that JSON.parse refuses, and nothing with another value', () => {
    const token = fc.constantFrom(
      ...Array.from('{}[],:"\\/ \n0123456789-+.eEtrufalsn*'),
      '"a"',
      '"b":',
      '\\u0041',
      'true',
      'null',
    );
    fc.assert(
      fc.property(fc.string({ unit: token }), (text) => {
        let value: JsonValue;
        try {
          value = parse(text);
        } catch (error) {
          assert.ok(error instanceof StrictJsonError);
          return;
        }
        assert.deepEqual(plain(value), JSON.parse(text));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('parseJsonText of JSONC', () => {
  const accepted: readonly (readonly [text: string, value: unknown])[] = [
    ['{"a":[1,2,],}', { a: [1, 2] }],
    ['// first\n{}// last', {}],
    ['{}// last\r\n', {}],
    ['/* "a": 1 // */ {"a" /**/ : /* * / */ 2}', { a: 2 }],
    ['{"a":"// no comment, /* neither */"}', { a: '// no comment, /* neither */' }],
  ];
  for (const [text, value] of accepted) {
    test(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(plain(parse(text, JSONC_RULES)), value));
  }

  const refused: readonly (readonly [why: string, text: string])[] = [
    ['a comma alone', '[,]'],
    ['two trailing commas', '[1,,]'],
    ['an open comment', '{} /* '],
    ['a lone slash', '{} /'],
    ['a hash comment', '# a\n{}'],
    ['a comment in place of a comma', '[1 /**/ 2]'],
    ['a lone CR in a comment, where other readers end it', '{"a":1 // x\r, "b":2\n}'],
    ['U+2028 in a comment, where other readers end it', '{"a":1 // x\u2028, "b":2\n}'],
  ];
  for (const [why, text] of refused) {
    test(`refuses ${why}`, () => assert.throws(() => parse(text, JSONC_RULES), { fault: 'syntax' }));
  }

  test('refuses duplicate keys whatever stands between them', () => {
    assert.throws(() => parse('{"a":1,/**/"a":2,}', JSONC_RULES), { fault: 'duplicate-key' });
  });
});
