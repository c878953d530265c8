import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LocksealError } from '@lockseal/core';
import { choiceOption, flagOption, listOption, numberOption, pairsOption, textOption } from '../src/args.ts';

const isUsage = (error: unknown): boolean => error instanceof LocksealError && error.code === 'ERR_USAGE';

interface Vector {
  readonly why: string;
  readonly read: () => unknown;
  /** Absent: it must be refused. */
  readonly value?: unknown;
}

/** The odd values that yargs hands over, even under `.strict()`. */
const vectors: readonly Vector[] = [
  { why: 'a text', read: () => textOption({ x: 'a' }, 'x'), value: 'a' },
  { why: 'a text that was not given', read: () => textOption({}, 'x'), value: undefined },
  { why: 'an empty text', read: () => textOption({ x: '' }, 'x') },
  { why: 'a text given twice', read: () => textOption({ x: ['a', 'b'] }, 'x') },
  { why: 'a text switched off (--no-x)', read: () => textOption({ x: false }, 'x') },
  { why: 'a text made an object (--x.y)', read: () => textOption({ x: { y: 'a' } }, 'x') },
  { why: 'a flag', read: () => flagOption({ x: true }, 'x'), value: true },
  { why: 'a flag that was not given', read: () => flagOption({}, 'x'), value: false },
  { why: 'a flag with a value', read: () => flagOption({ x: 'yes' }, 'x') },
  { why: 'a flag given twice', read: () => flagOption({ x: [true, true] }, 'x') },
  { why: 'a choice', read: () => choiceOption({ x: 'a' }, 'x', ['a', 'b']), value: 'a' },
  { why: 'no such choice', read: () => choiceOption({ x: 'A' }, 'x', ['a', 'b']) },
  { why: 'a name of an object member is no choice', read: () => choiceOption({ x: 'toString' }, 'x', ['a']) },
  { why: 'a number', read: () => numberOption({ x: '16' }, 'x', 1, 256), value: 16 },
  { why: 'a number below the least', read: () => numberOption({ x: '0' }, 'x', 1, 256) },
  { why: 'a number above the most', read: () => numberOption({ x: '257' }, 'x', 1, 256) },
  { why: 'a fraction', read: () => numberOption({ x: '1.5' }, 'x', 1, 256) },
  { why: 'a number in another notation', read: () => numberOption({ x: '1e2' }, 'x', 1, 256) },
  { why: 'a list of one', read: () => listOption({ x: 'a' }, 'x'), value: ['a'] },
  { why: 'a list of two', read: () => listOption({ x: ['a', 'b'] }, 'x'), value: ['a', 'b'] },
  { why: 'a list that was not given', read: () => listOption({}, 'x'), value: [] },
  { why: 'a list with an empty member', read: () => listOption({ x: ['a', ''] }, 'x') },
  { why: 'a pair', read: () => pairsOption({ x: 'a=b' }, 'x', ['a']), value: [['a', 'b']] },
  {
    why: 'pairs',
    read: () => pairsOption({ x: ['a=b', 'a=c=d'] }, 'x', ['a']),
    value: [
      ['a', 'b'],
      ['a', 'c=d'],
    ],
  },
  { why: 'no pair', read: () => pairsOption({}, 'x', ['a']), value: [] },
  { why: 'a pair without a value', read: () => pairsOption({ x: 'a=' }, 'x', ['a']) },
  { why: 'a pair without a name', read: () => pairsOption({ x: '=b' }, 'x', ['a']) },
  { why: 'a pair without =', read: () => pairsOption({ x: 'a' }, 'x', ['a']) },
  { why: 'a pair with another name', read: () => pairsOption({ x: 'b=b' }, 'x', ['a']) },
];

describe('options as yargs hands them over', () => {
  for (const vector of vectors) {
    test(vector.why, () => {
      if ('value' in vector) assert.deepEqual(vector.read(), vector.value);
      else assert.throws(vector.read, isUsage);
    });
  }
});
