// What a comparison found, as findings; and the tables that the documentation shows.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { installedFindings, PERMITTED, type InstalledDifference, type InstalledReport } from '@lockseal/gate';
import { isForPlatform } from '../../src/installed/omitted.ts';
import { targetOf } from '../../src/installed/layout.ts';

const DIFFERENCE: InstalledDifference = {
  kind: 'changed',
  thing: 'file',
  package: 'alpha@1.0.0',
  entry: 'node_modules/alpha',
  path: ['.', 'alpha@1.0.0'],
  place: 'node_modules/alpha',
  file: 'index.js',
  expected: 'sha256:aa',
  found: 'sha256:bb',
};

function reportOf(differences: readonly InstalledDifference[], untold = 0): InstalledReport {
  const counts = { packages: 1, files: 1, filesRead: 1, bytesRead: 1, links: 0, programs: 0 };
  return { differences, untold, undecided: [], absent: [], permitted: [], counts };
}

test('one changed file is one finding, with both digests', () => {
  const [finding, ...others] = installedFindings(reportOf([DIFFERENCE]));
  assert.deepEqual(others, []);
  assert.deepEqual(
    [finding?.code, finding?.level, finding?.subject, finding?.expected, finding?.found, finding?.detail],
    ['installed-changed', 'error', 'alpha@1.0.0', 'sha256:aa', 'sha256:bb', 'In node_modules/alpha: index.js.'],
  );
  assert.deepEqual([finding?.entry, finding?.path], [DIFFERENCE.entry, DIFFERENCE.path]);
});

test('what differs in one package in one way is one finding', () => {
  const files = ['a.js', 'b.js', 'c.js', 'd.js', 'e.js', 'f.js', 'g.js'];
  const extra = files.map((file): InstalledDifference => ({ ...DIFFERENCE, kind: 'extra', file, expected: undefined }));
  const findings = installedFindings(reportOf([DIFFERENCE, ...extra]));
  assert.deepEqual(
    findings.map(({ code, found, detail }) => [code, found, detail]),
    [
      ['installed-changed', 'sha256:bb', 'In node_modules/alpha: index.js.'],
      ['installed-extra', '7 files', 'In node_modules/alpha: a.js, b.js, c.js, d.js, e.js and 2 more.'],
    ],
  );
});

test('two folders are two findings, and a folder without an approved package is named by its place', () => {
  const stranger: InstalledDifference = {
    ...DIFFERENCE,
    kind: 'extra',
    thing: 'package',
    package: undefined,
    place: 'node_modules/evil',
    file: undefined,
  };
  const findings = installedFindings(reportOf([DIFFERENCE, { ...DIFFERENCE, place: 'b' }, stranger]));
  assert.deepEqual(
    findings.map(({ subject }) => subject),
    ['alpha@1.0.0', 'alpha@1.0.0', 'node_modules/evil'],
  );
  assert.equal(findings[2]?.detail, 'node_modules/evil.');
});

test('differences that are not told are counted in the last finding', () => {
  const findings = installedFindings(reportOf([DIFFERENCE, { ...DIFFERENCE, kind: 'missing' }], 12));
  assert.doesNotMatch(findings[0]?.detail ?? '', /not told/);
  assert.match(findings[1]?.detail ?? '', /12 differences more are not told/);
});

test('no difference is no finding', () => assert.deepEqual(installedFindings(reportOf([])), []));

describe('a package is for linux on x64 if it says', () => {
  const cases: readonly (readonly [os: readonly string[], cpu: readonly string[], expected: boolean])[] = [
    [[], [], true],
    [['linux'], ['x64'], true],
    [['darwin', 'linux'], [], true],
    [['!win32'], [], true],
    [['any'], ['any'], true],
    [['!win32', '!darwin'], ['!arm64'], true],
    [['darwin'], [], false],
    [['!linux'], [], false],
    [['linux', '!linux'], [], false],
    [['linux'], ['arm64'], false],
    [['Linux'], [], false],
  ];
  for (const [os, cpu, expected] of cases) {
    test(`os ${os.join()}, cpu ${cpu.join()}: ${expected}`, () => {
      assert.equal(isForPlatform({ os, cpu }, { os: 'linux', cpu: 'x64' }), expected);
    });
  }
});

describe('a link at node_modules/a leads to', () => {
  const cases: readonly (readonly [text: string, place: string | undefined])[] = [
    ['b', 'node_modules/b'],
    ['.pnpm/b/node_modules/b', 'node_modules/.pnpm/b/node_modules/b'],
    ['../packages/lib', 'packages/lib'],
    ['../packages/lib/', 'packages/lib'],
    ['./b', 'node_modules/b'],
    ['..', ''],
    ['/project/node_modules/b', 'node_modules/b'],
    ['/project', ''],
    ['../..', undefined],
    ['../../project/node_modules/b', undefined],
    ['/projects/b', undefined],
    ['/', undefined],
    ['b/../c', undefined],
    ['.pnpm/../../../etc', undefined],
    ['b/./../c', undefined],
    ['b//../c', undefined],
  ];
  for (const [text, place] of cases) {
    test(`${text}: ${place ?? 'somewhere else'}`, () =>
      assert.equal(targetOf('node_modules/a', text, '/project'), place));
  }
});

test('docs/installed.md shows the whole table of permitted differences, and no other', () => {
  const page = path.resolve(import.meta.dirname, '../../../../docs/installed.md');
  const rows = fs
    .readFileSync(page, 'utf8')
    .split('\n')
    .flatMap((line) => /^\| `([a-z-]+)` \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$/.exec(line)?.slice(1) ?? [])
    .map((cell) => cell.trim());
  const expected = Object.entries(PERMITTED).flatMap(([id, { formats, what, why }]) => [
    id,
    formats?.join(', ') ?? 'all',
    what,
    why,
  ]);
  assert.deepEqual(rows, expected);
});
