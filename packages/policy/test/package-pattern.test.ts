import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EVERY_PACKAGE, isPatternFault, parsePackagePattern, type PackagePattern } from '../src/package-pattern.ts';

function parsed(text: string): PackagePattern {
  const pattern = parsePackagePattern(text);
  return isPatternFault(pattern) ? assert.fail(`${text} ${pattern.fault}`) : pattern;
}

const matches: readonly (readonly [pattern: string, name: string, version: string | undefined, expected: boolean])[] = [
  ['tool', 'tool', '1.0.0', true],
  ['tool', 'tools', '1.0.0', false],
  ['tool', 'Tool', '1.0.0', false],
  ['tool', '@acme/tool', '1.0.0', false],
  ['tool', 'tool', undefined, true],
  ['*', 'tool', '1.0.0', true],
  ['*', '@acme/tool', '1.0.0', false],
  ['**', '@acme/tool', '1.0.0', true],
  ['@acme/*', '@acme/tool', '1.0.0', true],
  ['@acme/*', '@acme-evil/tool', '1.0.0', false],
  ['@acme/*', '@acme', '1.0.0', false],
  ['@acme/tool-*', '@acme/tool-box', '1.0.0', true],
  ['@*/core', '@acme/core', '1.0.0', true],
  ['*.js', 'chart.js', '1.0.0', true],
  ['*.js', 'chartxjs', '1.0.0', false],
  ['lodash.*', 'lodash-merge', '1.0.0', false],
  ['tool@1.2.3', 'tool', '1.2.3', true],
  ['tool@1.2.3', 'tool', '1.2.4', false],
  ['tool@^1.2.0', 'tool', '1.9.0', true],
  ['tool@^1.2.0', 'tool', '2.0.0', false],
  ['tool@^1.2.0', 'tool', '1.3.0-beta.1', true],
  ['tool@^1.2.0', 'tool', undefined, false],
  ['tool@>=1 <2', 'tool', '1.5.0', true],
  ['@acme/*@1', '@acme/tool', '1.5.0', true],
  ['@acme/*@1', '@acme/tool', '2.5.0', false],
  ['**@0.x', 'tool', '0.3.0', true],
  ['ab*ba', 'abba', '1.0.0', true],
  ['ab*ba', 'abxba', '1.0.0', true],
  ['ab*ba', 'aba', '1.0.0', false],
  ['a*b*c', 'abc', '1.0.0', true],
  ['a*b*c', 'axbxc', '1.0.0', true],
  ['a*b*c', 'abxbc', '1.0.0', true],
  ['a*b*c', 'axxc', '1.0.0', false],
  ['a*b*c', 'acb', '1.0.0', false],
  ['a*bc*c', 'abc', '1.0.0', false],
  ['a*bc*c', 'abcc', '1.0.0', true],
  ['a*bb*b*c', 'abbbc', '1.0.0', true],
  ['a*bb*b*c', 'abbc', '1.0.0', false],
  ['*b*', 'b', '1.0.0', true],
  ['*b*', 'abc', '1.0.0', true],
  ['*b*', 'ac', '1.0.0', false],
  ['@a*/b*', '@ac/bd', '1.0.0', true],
  ['@a*/b*', '@ac/d', '1.0.0', false],
  ['@a*/b*', '@c/bd', '1.0.0', false],
];

describe('a package pattern', () => {
  for (const [pattern, name, version, expected] of matches) {
    test(`${pattern} ${expected ? 'matches' : 'does not match'} ${name}@${version ?? '(none)'}`, () => {
      assert.equal(parsed(pattern).matches(name, version), expected);
    });
  }

  for (const text of [
    '',
    ' ',
    'lo dash',
    '@acme',
    '@acme/',
    '@/tool',
    'tool@',
    'tool@latest',
    'tool@1.2.3@2',
    '***',
    'a**',
    'tool/../x',
    'a/b',
    'node_modules',
    '[ab]',
    '{a,b}',
    'tool?',
    'x'.repeat(600),
  ]) {
    test(`${JSON.stringify(text.slice(0, 20))} is refused`, () => {
      const pattern = parsePackagePattern(text);
      assert.ok(isPatternFault(pattern));
      assert.ok(pattern.hint.length > 0);
    });
  }

  const shapes: readonly (readonly [text: string, name: string | undefined, scope: string | undefined])[] = [
    ['tool', 'tool', undefined],
    ['@acme/tool', '@acme/tool', undefined],
    ['@acme/tool@^1.0.0', '@acme/tool', undefined],
    ['@acme/*', undefined, '@acme'],
    ['@acme/*@1', undefined, '@acme'],
    ['@acm*/tool', undefined, undefined],
    ['*', undefined, undefined],
    ['**', undefined, undefined],
  ];
  for (const [text, name, scope] of shapes) {
    test(`${text} is about ${name ?? (scope === undefined ? 'any name' : `the scope ${scope}`)}`, () => {
      const pattern = parsed(text);
      assert.deepEqual([pattern.text, pattern.name, pattern.scope], [text, name, scope]);
    });
  }

  test('has at most 512 characters: nobody writes more, and ranges are parsed', () => {
    const range = (length: number): string => `tool@${'1 || '.repeat(200)}`.slice(0, length - 1).concat('1');
    const long = 'is too long';
    const faultOf = (text: string): string | undefined => {
      const pattern = parsePackagePattern(text);
      return isPatternFault(pattern) ? pattern.fault : undefined;
    };
    assert.notEqual(faultOf(range(512)), long);
    assert.equal(faultOf(range(513)), long);
  });

  test('every package is matched by the one for all, whatever it is called', () => {
    for (const pattern of [EVERY_PACKAGE, parsed('**')]) {
      for (const name of ['tool', '@acme/tool', '']) {
        assert.deepEqual([pattern.matchesName(name), pattern.matches(name, undefined)], [true, true]);
      }
    }
  });

  // A reference that tries everything; ours tries nothing twice.
  test('a glob matches what the regular expression of it matches', () => {
    const glob = fc.stringMatching(/^[ab]{0,2}(?:\*[ab]{1,2}){0,3}\*?$/).filter((text) => text !== '');
    const name = fc.stringMatching(/^[ab]{1,8}$/);
    fc.assert(
      fc.property(glob, name, (text, other) => {
        const reference = new RegExp(`^${text.replaceAll('*', '[^/]*')}$`);
        assert.equal(parsed(text).matchesName(other), reference.test(other));
      }),
      { numRuns: 500 },
    );
  });

  test('a name without a star matches itself and nothing else', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,20}$/).filter((text) => text !== 'node_modules');
    fc.assert(
      fc.property(name, name, (a, b) => {
        assert.equal(parsed(a).matchesName(b), a === b);
      }),
    );
  });
});
