import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { advanceProgress, plainStyle, startProgress } from '@lockseal/report';

const view = { style: plainStyle(), columns: 80 };
const started = startProgress('Checking packages', 412, 1000);

const lines: readonly (readonly [why: string, done: number, now: number, columns: number, line: string])[] = [
  ['nothing done, nothing to estimate from', 0, 1000, 80, 'Checking packages ....................   0/412'],
  ['too early to estimate', 103, 2000, 80, 'Checking packages #####............... 103/412'],
  ['a quarter after 4 s', 103, 5000, 80, 'Checking packages #####............... 103/412, 26/s, about 12.0 s left'],
  [
    'slower than ten a second',
    9,
    5000,
    80,
    'Checking packages ....................   9/412, 2.3/s, about 3 min 0 s left',
  ],
  ['done', 412, 9400, 80, 'Checking packages #################### 412/412 in 8.4 s'],
  ['no room for the estimate', 103, 5000, 50, 'Checking packages #####............... 103/412'],
  ['no room for the bar', 103, 5000, 40, 'Checking packages 103/412'],
  ['no room for the label', 103, 5000, 10, '103/412'],
  ['no room at all', 103, 5000, 7, ''],
];

describe('progress', () => {
  for (const [why, done, now, columns, line] of lines) {
    test(why, () => assert.equal(advanceProgress(started, { done }, now, { ...view, columns }).line, line));
  }

  test('draws at most every 80 ms, and always the end', () => {
    const first = advanceProgress(started, { done: 1 }, 1000, view);
    const second = advanceProgress(first.progress, { done: 2 }, 1079, view);
    const third = advanceProgress(second.progress, { done: 3 }, 1080, view);
    const last = advanceProgress(third.progress, { done: 412 }, 1081, view);
    assert.equal(second.line, undefined);
    assert.match(third.line ?? '', / 3\/412/);
    assert.match(last.line ?? '', /412\/412/);
  });

  test('a total may become known later', () => {
    const { line } = advanceProgress(startProgress('Reading', 0, 0), { done: 1, total: 4 }, 100, view);
    assert.equal(line, 'Reading #####............... 1/4');
  });

  test('no step leaves the line or the bounds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer(), fc.integer(), fc.nat(), fc.nat(300), (...given) => {
        const [label, done, total, now, columns] = given;
        const { line = '' } = advanceProgress(startProgress(label, total, 0), { done }, now, { ...view, columns });
        assert.ok(line.length <= Math.max(columns - 1, 0));
        assert.doesNotMatch(line, /(?! )[\p{C}\p{Z}]/u);
      }),
    );
  });
});
