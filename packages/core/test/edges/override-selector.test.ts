import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseOverrideSelector, type LockfileFormat } from '@lockseal/core';

const show = (key: string, format: LockfileFormat): string => {
  const { parents, target } = parseOverrideSelector(key, format);
  return [...parents, target].map(({ name, range }) => `${name}(${range ?? ''})`).join(' > ');
};

describe('parseOverrideSelector', () => {
  const vectors: readonly (readonly [format: LockfileFormat, key: string, expected: string])[] = [
    ['pnpm', 'a', 'a()'],
    ['pnpm', '@s/a', '@s/a()'],
    ['pnpm', 'a@1', 'a(1)'],
    ['pnpm', '@s/a@^1.0.0', '@s/a(^1.0.0)'],
    ['pnpm', 'a>b', 'a() > b()'],
    ['pnpm', 'a@1>b@2', 'a(1) > b(2)'],
    ['pnpm', '@s/a@1>@s/b', '@s/a(1) > @s/b()'],
    ['pnpm', 'a@>1', 'a(>1)'],
    ['pnpm', 'a@>=1 <2', 'a(>=1 <2)'],
    ['pnpm', 'a@>1>b', 'a(>1) > b()'],
    ['yarn-classic', '**/a', 'a()'],
    ['yarn-classic', 'a/**/b', 'a() > b()'],
    ['yarn-classic', '@s/a/b', '@s/a() > b()'],
    ['yarn-berry', 'a/b', 'a() > b()'],
    ['yarn-berry', 'a@npm:1.0.0', 'a(1.0.0)'],
    ['yarn-berry', '@s/a@npm:1.0.0/@s/b', '@s/a(1.0.0) > @s/b()'],
    ['bun', 'a', 'a()'],
    ['vlt', ':root > #a > #b', 'b()'],
  ];
  for (const [format, key, expected] of vectors) {
    test(`${format}: ${key}`, () => assert.equal(show(key, format), expected));
  }
});
