import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isPatternFault, parsePackagePattern, type PackagePattern } from '../src/package-pattern.ts';

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

  test('a name without a star matches itself and nothing else', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,20}$/).filter((text) => text !== 'node_modules');
    fc.assert(
      fc.property(name, name, (a, b) => {
        assert.equal(parsed(a).matchesName(b), a === b);
      }),
    );
  });
});
