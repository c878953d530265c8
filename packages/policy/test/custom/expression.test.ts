// What an expression may be: typed, bounded, and free of what has no bound.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isExpressionFault, parseExpression, type ExpressionFault } from '../../src/custom/expression.ts';

function faultOf(text: string): ExpressionFault | undefined {
  const parsed = parseExpression(text);
  return isExpressionFault(parsed) ? parsed : undefined;
}

describe('an expression is taken', () => {
  for (const [why, text] of [
    ['true or false', 'true'],
    ['a fact', 'pkg.direct'],
    ['every kind of fact', 'pkg.direct && evidence.signature && identity.ref == "" && change.kind == "" && path == []'],
    ['a loop in a loop', 'path.all(x, path.exists(y, x == y))'],
    ['loops beside each other', 'path.all(x, x != "") && path.exists(x, x == "") && path.exists_one(x, x == "a")'],
    ['a name that only looks like a function', 'pkg.name == "matches"'],
    ['functions on texts', 'pkg.name.startsWith("a") || pkg.name.endsWith("b") || pkg.name.contains("c")'],
    ['2000 characters', `true${' '.repeat(1996)}`],
  ] as const) {
    test(why, () => assert.equal(faultOf(text), undefined));
  }
});

describe('an expression is refused', () => {
  const cases: readonly (readonly [why: string, text: string, fault: RegExp, offset: number])[] = [
    ['2001 characters', `true${' '.repeat(1997)}`, /^is longer than 2000 characters$/, 0],
    ['a text', 'pkg.name', /^comes to string, not to true or false$/, 0],
    ['a number', 'evidence.ageDays', /^comes to int, not to true or false$/, 0],
    ['a list', 'path', /^comes to list<string>, not to true or false$/, 0],
    ['no such variable', 'true && nobody', /^Unknown variable: nobody$/, 8],
    ['no such fact', 'true && pkg.nobody == ""', /^No such key: nobody$/, 12],
    ['types that have no order', 'true && pkg.name < 3', /^no such overload: string < int$/, 8],
    ['half an expression', 'pkg.direct &&', /Unexpected token: EOF/, 13],
    ['nothing', '', /EOF/, 0],
    ['a regular expression', 'true && pkg.name.matches("a")', /^uses matches\(\), whose time has no bound; use /, 8],
    ['a regular expression in a loop', 'path.all(x, x.matches("a"))', /^uses matches\(\)/, 12],
    ['a regular expression as a function', 'matches(pkg.name, "a")', /matches/, 0],
    [
      'three loops in each other',
      'path.all(x, path.exists(y, path.exists_one(z, z == x)))',
      /^has more than 2 loops in each other$/,
      27,
    ],
    [
      'three loops in each other, that make lists',
      'path.map(x, path.filter(y, path.all(z, z == x))) == []',
      /^has more than 2 loops in each other$/,
      27,
    ],
    ['depth', `${'('.repeat(40)}true${')'.repeat(40)} && ${'!'.repeat(40)}true`, /depth/i, 0],
    ['length in parts', `${'true && '.repeat(200)}true`, /node/i, 0],
  ];
  for (const [why, text, fault, offset] of cases) {
    test(`for ${why}`, () => {
      const found = faultOf(text);
      assert.match(found?.fault ?? '', fault);
      if (offset > 0) assert.equal(found?.offset, offset);
    });
  }
});

describe('histories', () => {
  for (const [text, needs] of [
    ['pkg.direct', false],
    ['change.kind == "added"', true],
    ['evidence.ageDays > 3', true],
    ['pkg.name == "exchange"', false],
    ['pkg.name == "changes"', false],
    ['"ageDaysOf" == pkg.name', false],
  ] as const) {
    test(`are ${needs ? 'needed' : 'not needed'} for ${text}`, () => {
      const parsed = parseExpression(text);
      assert.ok(!isExpressionFault(parsed));
      assert.deepEqual([parsed.text, parsed.needsHistory], [text, needs]);
    });
  }
});
