import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { expandBraces, matchesGlob, matchesSegment, segmentsOf } from '../src/glob.ts';

describe('matchesGlob', () => {
  const vectors: readonly (readonly [glob: string, path: string, expected: boolean])[] = [
    ['packages/*', 'packages/a', true],
    ['packages/*', 'packages/a/b', false],
    ['packages/*', 'packages', false],
    ['packages/**', 'packages', true],
    ['packages/**', 'packages/a/b', true],
    ['**/test', 'test', true],
    ['**/test', 'a/b/test', true],
    ['**/test', 'a/btest', false],
    ['a/**/b/*', 'a/b/b/c', true],
    ['a/**/b/*', 'a/b', false],
    ['*-core', 'my-core', true],
    ['*-core', 'my-core-2', false],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['[a-z]', 'b', false],
    ['[a-z]', '[a-z]', true],
    ['a.c', 'abc', false],
    ['a{b', 'a{b', true],
    ['', 'a', false],
  ];
  for (const [glob, path, expected] of vectors) {
    test(`${glob} ${expected ? 'names' : 'does not name'} ${path}`, () => {
      assert.equal(matchesGlob(path.split('/'), segmentsOf(glob)), expected);
    });
  }

  test('says what a regular expression would say', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    const segment = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    fc.assert(
      fc.property(part, segment, (glob, name) => {
        const source = glob.replaceAll('?', '.').replaceAll(/\*+/g, '.*');
        assert.equal(matchesSegment(name, glob), new RegExp(`^${source}$`).test(name));
      }),
      { numRuns: 2000 },
    );
  });

  test('takes no longer for patterns that expressions backtrack over', { timeout: 20_000 }, () => {
    assert.equal(matchesSegment('a'.repeat(5000), `${'*a'.repeat(2000)}b`), false);
    assert.equal(matchesGlob('a/'.repeat(2000).split('/'), segmentsOf(`${'**/a/'.repeat(1000)}b`)), false);
  });
});

describe('expandBraces', () => {
  const vectors: readonly (readonly [text: string, expected: readonly string[] | undefined])[] = [
    ['a', ['a']],
    ['a/{b,c}', ['a/b', 'a/c']],
    ['{a,b}{c,d}', ['ac', 'ad', 'bc', 'bd']],
    ['{a,}', ['a', '']],
    ['{a,{b,c}}', ['a', 'b', 'a', 'c']],
    ['a{b', ['a{b']],
    ['a}b{', ['a}b{']],
    ['{a,b,c,d,e}', undefined],
    ['{a}'.repeat(5000), undefined],
    ['{a,b}'.repeat(64), undefined],
    ['a'.repeat(20_000), undefined],
  ];
  for (const [text, expected] of vectors) {
    test(`${text.slice(0, 30)}: ${expected?.length ?? 'too many'}`, () => {
      assert.deepEqual(expandBraces(text, 4), expected);
    });
  }
});
