import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compilePattern } from '../../src/pattern/match-pattern.ts';
import { PatternError } from '../../src/pattern/parse-pattern.ts';

/** JavaScript's own, which has to be right about what it accepts. */
const reference = (pattern: string, text: string): boolean => new RegExp(`^(?:${pattern})$`, 'u').test(text);

describe('a pattern', () => {
  const cases: readonly (readonly [pattern: string, matching: readonly string[], other: readonly string[]])[] = [
    ['', [''], ['a']],
    ['abc', ['abc'], ['', 'ab', 'abcd', 'ABC', 'xabc']],
    ['a|bc|', ['a', 'bc', ''], ['ac', 'abc', 'b']],
    ['a(b|c)*d', ['ad', 'abcbd'], ['a', 'abad']],
    ['(?:a|b)+?', ['a', 'abab'], ['', 'c']],
    ['a{2}b{1,}c{0,2}', ['aab', 'aabbcc'], ['ab', 'aabccc', 'aa']],
    ['(a?){3}', ['', 'aaa'], ['aaaa']],
    ['(a*)*', ['', 'aaaa'], ['b']],
    ['((a|)+)+', ['', 'aa'], ['b']],
    ['.', ['a', '😀', ' '], ['\n', '\r', '\u2028', '', 'ab']],
    ['[a-c-e\\]]', ['a', 'b', 'c', '-', 'e', ']'], ['d', '\\', '']],
    ['[^/]+', ['a.b', '\n'], ['a/b', '']],
    ['[-a]|[b-]', ['-', 'a', 'b'], ['c']],
    ['[]', [], ['', 'a']],
    ['[^]', ['a', '\n'], ['', 'ab']],
    ['\\d\\D\\w\\W\\s\\S', ['1a_- x'], ['aaaaaa', '1a__ x']],
    ['[\\D]', ['a', '😀'], ['1']],
    ['\\.\\/\\^\\$\\\\', ['./^$\\'], ['a/^$\\']],
    ['^a$|^b$', ['a', 'b'], ['^a$', 'ab']],
    ['a^b', [], ['ab', 'a^b']],
    ['😀{2}', ['😀😀'], ['😀']],
    ['[😀-😂]', ['😁'], ['\ud83d', '😃']],
  ];
  for (const [pattern, matching, other] of cases) {
    test(`${JSON.stringify(pattern)} matches what JavaScript says`, () => {
      const matches = compilePattern(pattern);
      for (const text of [...matching, ...other]) {
        assert.equal(matches(text), matching.includes(text), JSON.stringify(text));
        assert.equal(matches(text), reference(pattern, text), `a reference: ${JSON.stringify(text)}`);
      }
    });
  }

  const refused: readonly (readonly [why: string, pattern: string, message: RegExp])[] = [
    ['a group that is open', '(a', /nothing closes/],
    ['a group that is not open', 'a)', /nothing opens/],
    ['a class that is open', '[a', /ends too early/],
    ['a backslash at the end', 'a\\', /ends too early/],
    ['a repetition of nothing', 'a|*', /nothing before it/],
    ['a repetition of a repetition', 'a**', /nothing before it/],
    ['a repetition of an anchor', '^*', /nothing before it/],
    ['look-ahead', '(?=a)b', /look-around/],
    ['look-behind', '(?<!a)b', /look-around/],
    ['a name', '(?<n>a)', /named group/],
    ['a flag', '(?i)a', /look-around/],
    ['a back reference, which is what takes exponential time for everybody', '(a*)\\1', /\\1, which is not supported/],
    ['a word boundary', '\\ba', /\\b, which/],
    ['a property', '\\p{L}', /\\p, which/],
    ['a brace', 'a{', /repetition/],
    ['a brace that is closed only', 'a}', /nothing before it/],
    ['a repetition backwards', 'a{2,1}', /repetition/],
    ['many repetitions', 'a{1001}', /more than 1000/],
    ['repetitions of repetitions', '((a{100}){100}){100}', /written out/],
    ['repetitions of nothing', '((((){1000}){1000}){1000}){1000}', /written out/],
    ['a range backwards', '[b-a]', /range/],
    ['a range of classes', '[\\d-z]', /range/],
    ['a thousand groups', '('.repeat(1000), /deeper than 32/],
    ['a long text', 'a'.repeat(1025), /longer than 1024/],
  ];
  for (const [why, pattern, message] of refused) {
    test(`is refused: ${why}`, () => {
      assert.throws(
        () => compilePattern(pattern),
        (thrown) => thrown instanceof PatternError && message.test(thrown.message),
      );
    });
  }

  test('is never matched by a text that has no bound', () => {
    const matches = compilePattern('a*');
    assert.deepEqual([matches('a'.repeat(2048)), matches('a'.repeat(2049))], [true, false]);
  });
});

describe('patterns made at random', () => {
  const character = fc.constantFrom(
    'a',
    'b',
    '-',
    '.',
    '/',
    '\\',
    '^',
    '$',
    '|',
    '(',
    ')',
    '[',
    ']',
    '*',
    '+',
    '?',
    '{2}',
    '{1,3}',
    '(?:',
    '\\d',
    '\\.',
    '1',
    ',',
    '😀',
  );
  const pattern = fc.array(character, { maxLength: 12 }).map((parts) => parts.join(''));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.', '/', '1', '^', '\n', '😀'), maxLength: 8 });

  test('are accepted only where JavaScript accepts them, and match the same texts', () => {
    let accepted = 0;
    const property = fc.property(pattern, fc.array(text, { minLength: 4, maxLength: 4 }), (made, texts) => {
      let matches: (each: string) => boolean;
      try {
        matches = compilePattern(made);
      } catch (thrown) {
        assert.ok(thrown instanceof PatternError);
        return;
      }
      accepted += 1;
      for (const each of texts) assert.equal(matches(each), reference(made, each), JSON.stringify([made, each]));
    });
    fc.assert(property, { numRuns: 5000 });
    assert.ok(accepted > 500, `${accepted} of them were patterns`);
  });
});

describe('time', () => {
  // Each takes JavaScript's own longer than anybody waits.
  const cases: readonly (readonly [pattern: string, text: string])[] = [
    ['(a+)+b', 'a'.repeat(2048)],
    ['(a|a)*b', 'a'.repeat(2048)],
    ['(.*)*x', 'a'.repeat(2048)],
    [`${'.*a'.repeat(100)}b`, 'a'.repeat(2048)],
    [`${'a?'.repeat(100)}${'a'.repeat(100)}`, 'a'.repeat(99)],
    ['([a-z]+[0-9]*)+!', 'ab1'.repeat(680)],
    ['((a?){15}){15}b', 'a'.repeat(2048)],
  ];
  for (const [pattern, text] of cases) {
    test(`${pattern.slice(0, 30)} is done`, { timeout: 20_000 }, () =>
      assert.equal(compilePattern(pattern)(text), false),
    );
  }
});
