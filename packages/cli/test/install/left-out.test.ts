import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstalledReport } from '@lockseal/gate';
import { findingsOfOwnCommand } from '../../src/install/left-out.ts';

type Difference = InstalledReport['differences'][number];

function difference(kind: Difference['kind'], thing: Difference['thing'], place: string): Difference {
  const file = thing === 'file' ? 'index.js' : undefined;
  const rest = { entry: undefined, path: undefined, expected: undefined, found: undefined };
  return { kind, thing, place, file, package: place, ...rest };
}

function reportOf(differences: readonly Difference[], untold = 0): InstalledReport {
  const counts = { packages: 1, files: 1, filesRead: 1, bytesRead: 1, links: 0, programs: 0 };
  return { differences, untold, undecided: [], absent: [], permitted: [], counts };
}

const missing = difference('missing', 'package', 'node_modules/a');

const VECTORS = [
  { why: 'a package that is not there may have been left out', report: reportOf([missing]), told: ['note a'] },
  {
    why: 'a file that is missing in a package may not',
    report: reportOf([difference('missing', 'file', 'node_modules/b')]),
    told: ['error b'],
  },
  {
    why: 'beside one, all else is what it is',
    report: reportOf([
      missing,
      difference('missing', 'file', 'node_modules/b'),
      difference('extra', 'package', 'node_modules/c'),
      difference('changed', 'dependency', 'node_modules/d'),
    ]),
    told: ['error b', 'error c', 'error d', 'note a'],
  },
  {
    why: 'among more than is told there may be anything',
    report: reportOf([missing], 1),
    told: ['error a'],
  },
  { why: 'nothing is nothing', report: reportOf([]), told: [] },
] as const;

for (const { why, report, told } of VECTORS) {
  test(`after a command of one's own: ${why}`, () => {
    const found = findingsOfOwnCommand(report).map(({ level, subject }) => `${level} ${subject.slice(-1)}`);
    assert.deepEqual(found.toSorted(), told);
  });
}
