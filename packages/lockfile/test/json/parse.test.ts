import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LocksealError, type ErrorCode } from '@lockseal/core';
import fc from 'fast-check';
import { MAX_DEPTH, MAX_MEMBERS, MAX_VALUES, parseJson, type JsonDialect } from '../../src/json/parse.ts';
import { JsonObject, type JsonValue } from '../../src/json/value.ts';
import { decodeLockfile } from '../../src/text.ts';

const parse = (text: string, dialect: JsonDialect = 'json'): JsonValue =>
  parseJson({ ...decodeLockfile('x.json', new Uint8Array()), text }, dialect);

/** The same value as JSON.parse would give, for comparison. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonObject) return Object.fromEntries([...value.members].map(([k, v]) => [k, plain(v)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

const nest = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('parseJson', () => {
  const refused: readonly (readonly [why: string, text: string, code: ErrorCode, at: readonly [number, number]])[] = [
    ['an empty file', '', 'ERR_LOCKFILE_SYNTAX', [1, 1]],
    ['a second value', '{} {}', 'ERR_LOCKFILE_SYNTAX', [1, 4]],
    ['a second byte order mark', '\uFEFF{}', 'ERR_LOCKFILE_SYNTAX', [1, 1]],
    ['a no-break space, white space to JavaScript', '{\u00A0}', 'ERR_LOCKFILE_SYNTAX', [1, 2]],
    ['a form feed', '{\f}', 'ERR_LOCKFILE_SYNTAX', [1, 2]],
    ['a trailing comma in an object', '{"a":1,}', 'ERR_LOCKFILE_SYNTAX', [1, 8]],
    ['a trailing comma in an array', '[1,]', 'ERR_LOCKFILE_SYNTAX', [1, 4]],
    ['a leading comma', '[,1]', 'ERR_LOCKFILE_SYNTAX', [1, 2]],
    ['a comment', '{\n/* */}', 'ERR_LOCKFILE_SYNTAX', [2, 1]],
    ['single quotes', `{'a':1}`, 'ERR_LOCKFILE_SYNTAX', [1, 2]],
    ['a bare key', '{a:1}', 'ERR_LOCKFILE_SYNTAX', [1, 2]],
    ['no colon', '{"a" 1}', 'ERR_LOCKFILE_SYNTAX', [1, 6]],
    ['a closed bracket of the other kind', '[1}', 'ERR_LOCKFILE_SYNTAX', [1, 3]],
    ['an open object', '{"a":1', 'ERR_LOCKFILE_SYNTAX', [1, 7]],
    ['an open string', '"abc', 'ERR_LOCKFILE_SYNTAX', [1, 5]],
    ['an open string that ends in an escape', '"abc\\', 'ERR_LOCKFILE_SYNTAX', [1, 5]],
    ['a line end in a string', '"a\nb"', 'ERR_LOCKFILE_SYNTAX', [1, 3]],
    ['a tab after an escape', '"\\n\t"', 'ERR_LOCKFILE_SYNTAX', [1, 4]],
    ['an unknown escape', '"\\x41"', 'ERR_LOCKFILE_SYNTAX', [1, 2]],
    ['a short unicode escape', '"\\u041"', 'ERR_LOCKFILE_SYNTAX', [1, 2]],
    ['half of a surrogate pair, which has no UTF-8', '"a\\ud800"', 'ERR_LOCKFILE_SYNTAX', [1, 3]],
    ['the halves of a pair in the wrong order', '"\\udc00\\ud800"', 'ERR_LOCKFILE_SYNTAX', [1, 2]],
    ['a leading zero', '01', 'ERR_LOCKFILE_SYNTAX', [1, 2]],
    ['a plus sign', '+1', 'ERR_LOCKFILE_SYNTAX', [1, 1]],
    ['a bare point', '.5', 'ERR_LOCKFILE_SYNTAX', [1, 1]],
    ['a point without digits', '1.', 'ERR_LOCKFILE_SYNTAX', [1, 2]],
    ['a lone minus', '-', 'ERR_LOCKFILE_SYNTAX', [1, 1]],
    ['NaN', 'NaN', 'ERR_LOCKFILE_SYNTAX', [1, 1]],
    ['a literal with a tail', 'nullx', 'ERR_LOCKFILE_SYNTAX', [1, 5]],
    ['a key twice', '{"a":1,\n "a":2}', 'ERR_LOCKFILE_DUPLICATE_KEY', [2, 2]],
    ['a key twice, once escaped', '{"ms":1,"\\u006ds":2}', 'ERR_LOCKFILE_DUPLICATE_KEY', [1, 9]],
    ['a key twice, with the same value', '{"a":1,"a":1}', 'ERR_LOCKFILE_DUPLICATE_KEY', [1, 8]],
    ['the empty key twice', '{"":1,"":2}', 'ERR_LOCKFILE_DUPLICATE_KEY', [1, 7]],
    ['__proto__', '{"a":{"__proto__":{}}}', 'ERR_LOCKFILE_PROTOTYPE_KEY', [1, 7]],
    ['__proto__ escaped', '{"\\u005f_proto__":{}}', 'ERR_LOCKFILE_PROTOTYPE_KEY', [1, 2]],
    ['constructor', '{"constructor":1}', 'ERR_LOCKFILE_PROTOTYPE_KEY', [1, 2]],
    ['prototype', '{"prototype":1}', 'ERR_LOCKFILE_PROTOTYPE_KEY', [1, 2]],
    ['a level too many', nest(MAX_DEPTH + 1), 'ERR_LOCKFILE_TOO_LARGE', [1, MAX_DEPTH + 1]],
    ['a million levels', '['.repeat(1_000_000), 'ERR_LOCKFILE_TOO_LARGE', [1, MAX_DEPTH + 1]],
  ];
  for (const [why, text, code, [line, column]] of refused) {
    test(`refuses ${why}`, () => {
      assert.throws(
        () => parse(text),
        (thrown) => {
          assert.ok(thrown instanceof LocksealError);
          assert.equal(thrown.code, code);
          assert.deepEqual(thrown.details.position, { line, column });
          return true;
        },
      );
    });
  }

  test('refuses a member too many', () => {
    assert.throws(() => parse(`[${'0,'.repeat(MAX_MEMBERS)}0]`), { code: 'ERR_LOCKFILE_TOO_LARGE' });
  });

  test('refuses a value too many, spread over several arrays', () => {
    const part = `[${'0,'.repeat(MAX_MEMBERS - 1)}0]`;
    const text = `[${Array.from({ length: MAX_VALUES / MAX_MEMBERS }, () => part).join()}]`;
    assert.throws(() => parse(text), { code: 'ERR_LOCKFILE_TOO_LARGE' });
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
          assert.ok(error instanceof LocksealError);
          return;
        }
        assert.deepEqual(plain(value), JSON.parse(text));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('parseJson of JSONC', () => {
  const accepted: readonly (readonly [text: string, value: unknown])[] = [
    ['{"a":[1,2,],}', { a: [1, 2] }],
    ['// first\n{}// last', {}],
    ['{}// last\r\n', {}],
    ['/* "a": 1 // */ {"a" /**/ : /* * / */ 2}', { a: 2 }],
    ['{"a":"// no comment, /* neither */"}', { a: '// no comment, /* neither */' }],
  ];
  for (const [text, value] of accepted) {
    test(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(plain(parse(text, 'jsonc')), value));
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
    test(`refuses ${why}`, () => assert.throws(() => parse(text, 'jsonc'), { code: 'ERR_LOCKFILE_SYNTAX' }));
  }

  test('refuses duplicate keys whatever stands between them', () => {
    assert.throws(() => parse('{"a":1,/**/"a":2,}', 'jsonc'), { code: 'ERR_LOCKFILE_DUPLICATE_KEY' });
  });
});
