import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LocksealError, type ErrorCode, type JsonValue } from '@lockseal/core';
import { parseJson, type JsonDialect } from '../../src/json/parse.ts';
import { decodeLockfile } from '../../src/text.ts';

const parse = (text: string, dialect: JsonDialect = 'json'): JsonValue =>
  parseJson(decodeLockfile('x.json', Buffer.from(text)), dialect);

/** The grammar itself is held by the tests of @lockseal/core; here each kind of refusal gets its code and place. */
describe('parseJson', () => {
  const refused: readonly (readonly [
    why: string,
    text: string,
    code: ErrorCode,
    at: readonly [line: number, column: number],
    message: RegExp,
  ])[] = [
    ['an empty file', '', 'ERR_LOCKFILE_SYNTAX', [1, 1], /not well-formed JSON/],
    ['a second byte order mark', '\uFEFF\uFEFF{}', 'ERR_LOCKFILE_SYNTAX', [1, 1], /not well-formed JSON/],
    ['a comment', '{\n/* */}', 'ERR_LOCKFILE_SYNTAX', [2, 1], /not well-formed JSON/],
    ['a trailing comma', '{"a":1,}', 'ERR_LOCKFILE_SYNTAX', [1, 8], /not well-formed JSON/],
    ['a key twice', '{"a":1,\r\n "a":2}', 'ERR_LOCKFILE_DUPLICATE_KEY', [2, 2], /holds the key "a" twice/],
    ['a key twice, once escaped', '{"ms":1,"\\u006ds":2}', 'ERR_LOCKFILE_DUPLICATE_KEY', [1, 9], /the key "ms" twice/],
    ['__proto__', '{"a":{"__proto__":{}}}', 'ERR_LOCKFILE_PROTOTYPE_KEY', [1, 7], /holds the key "__proto__"/],
    ['__proto__ escaped', '{"\\u005f_proto__":{}}', 'ERR_LOCKFILE_PROTOTYPE_KEY', [1, 2], /holds the key "__proto__"/],
    ['a million levels', '['.repeat(1_000_000), 'ERR_LOCKFILE_TOO_LARGE', [1, 65], /exceeds what any lockfile needs/],
  ];
  for (const [why, text, code, [line, column], message] of refused) {
    test(`refuses ${why}`, () => {
      assert.throws(
        () => parse(text),
        (thrown) => {
          assert.ok(thrown instanceof LocksealError);
          assert.equal(thrown.code, code);
          assert.match(thrown.message, message);
          assert.equal(thrown.details.file, 'x.json');
          assert.deepEqual(thrown.details.position, { line, column });
          return true;
        },
      );
    });
  }

  test('allows comments and trailing commas in the dialect of bun.lock, prototype keys in none', () => {
    assert.deepEqual(parse('[1, // one\n 2,]', 'jsonc'), [1, 2]);
    assert.throws(() => parse('{"constructor":1}', 'jsonc'), { code: 'ERR_LOCKFILE_PROTOTYPE_KEY' });
    assert.throws(() => parse('{"a":1 // x\r, "b":2\n}', 'jsonc'), { code: 'ERR_LOCKFILE_SYNTAX' });
  });
});
