import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isPatternFault, parsePackagePattern, type PackagePattern } from '@lockseal/policy';
import { indexPatterns } from '../src/pattern-index.ts';

const patternOf = (text: string): PackagePattern => {
  const parsed = parsePackagePattern(text);
  return isPatternFault(parsed) ? assert.fail(`${text} ${parsed.fault}`) : parsed;
};
const NAMES = ['a', 'b', 'ab', '@s/a', '@s/b', '@t/a', '@st/a'];
const PATTERNS = ['**', '*', 'a', 'a*', '*b', 'b@^2.0.0', '@s/*', '@s/a', '@*/a', '@s*/a', '@t/a@1', '@s/*@^1.0.0'];

describe('an index of patterns', () => {
  test('finds what asking every pattern finds, in the order of the list', () => {
    const values = fc.array(fc.array(fc.constantFrom(...PATTERNS), { maxLength: 3 }), { maxLength: 8 });
    const versions = fc.constantFrom('1.0.0', '2.1.0', undefined);
    fc.assert(
      fc.property(values, fc.constantFrom(...NAMES), versions, (texts, name, version) => {
        const all = texts.map((each) => ({ patterns: each.map(patternOf) }));
        const expected = all.filter(({ patterns }) => patterns.some((pattern) => pattern.matches(name, version)));
        assert.deepEqual(indexPatterns(all, ({ patterns }) => patterns)(name, version), expected);
      }),
      { numRuns: 1000 },
    );
  });

  test('asks no pattern that is about another name', () => {
    const asked: string[] = [];
    const spied = ['a', 'b', '@s/a', '@s/*', '@t/*', '*', '**'].map((text): PackagePattern => {
      const pattern = patternOf(text);
      return { ...pattern, matches: (name, version) => asked.push(text) > 0 && pattern.matches(name, version) };
    });
    const find = indexPatterns(spied, (pattern) => [pattern]);
    assert.deepEqual(
      find('@s/a', '1.0.0').map(({ text }) => text),
      ['@s/a', '@s/*', '**'],
    );
    assert.deepEqual(asked.toSorted(), ['*', '**', '@s/*', '@s/a']);
  });
});
