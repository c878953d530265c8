import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { HistoryVersion, PackageHistory } from '@lockseal/core';
import { earlierThan, selectPrevious } from '../../src/history/select-previous.ts';

/** `1.0.0+` announces provenance. Oldest first. */
function historyOf(versions: readonly string[]): PackageHistory {
  return {
    versions: versions.map((text): HistoryVersion => {
      const announcesProvenance = text.endsWith('+');
      const version = text.replace('+', '');
      return { version, publishedAt: undefined, publisher: undefined, announcesProvenance, integrity: undefined };
    }),
  };
}

interface Case {
  readonly why: string;
  readonly versions: readonly string[];
  readonly version: string;
  readonly locked?: readonly string[];
  /** `locked 1.0.0` or `line 1.0.0`. */
  readonly found: string | undefined;
}

const cases: readonly Case[] = [
  { why: 'the first version has none', versions: ['1.0.0'], version: '1.0.0', found: undefined },
  { why: 'the one before', versions: ['1.0.0', '1.1.0', '1.2.0'], version: '1.2.0', found: 'line 1.1.0' },
  { why: 'not one published after', versions: ['1.0.0', '1.1.0', '1.0.1'], version: '1.1.0', found: 'line 1.0.0' },
  { why: 'of its own major version', versions: ['1.0.0', '2.0.0', '1.0.1'], version: '1.0.1', found: 'line 1.0.0' },
  {
    why: 'below 1.0 of its own minor version',
    versions: ['0.29.0', '0.30.0', '1.0.0', '0.30.1'],
    version: '0.30.1',
    found: 'line 0.30.0',
  },
  { why: 'a line that begins with it has none', versions: ['0.29.0', '0.30.0'], version: '0.30.0', found: undefined },
  { why: 'a new major version has none', versions: ['1.0.0+', '2.0.0'], version: '2.0.0', found: undefined },
  {
    why: 'with provenance before the last one without: one was forgotten, the line has it',
    versions: ['1.0.0+', '1.1.0', '1.2.0'],
    version: '1.2.0',
    found: 'line 1.0.0',
  },
  { why: 'the last with provenance', versions: ['1.0.0+', '1.1.0+', '1.2.0'], version: '1.2.0', found: 'line 1.1.0' },
  {
    why: 'axios 0.30.4: a line that never had provenance is not held to another that has',
    versions: ['0.30.3', '1.13.5+', '0.30.4'],
    version: '0.30.4',
    found: 'line 0.30.3',
  },
  {
    why: 'what is locked, whatever the line',
    versions: ['0.9.0', '1.0.0', '1.1.0'],
    version: '1.1.0',
    locked: ['0.9.0'],
    found: 'locked 0.9.0',
  },
  {
    why: 'of several locked that of its line',
    versions: ['1.0.0', '2.0.0', '1.1.0'],
    version: '1.1.0',
    locked: ['2.0.0', '1.0.0'],
    found: 'locked 1.0.0',
  },
  {
    why: 'of several of its line the highest',
    versions: ['1.0.0', '1.2.0', '1.10.0', '1.11.0'],
    version: '1.11.0',
    locked: ['1.10.0', '1.2.0', '1.0.0'],
    found: 'locked 1.10.0',
  },
  {
    why: 'of several of no line of its own the highest',
    versions: ['1.0.0', '2.0.0', '3.0.0'],
    version: '3.0.0',
    locked: ['1.0.0', '2.0.0'],
    found: 'locked 2.0.0',
  },
  {
    why: 'back to an older version: with the newer that was locked',
    versions: ['1.0.0', '1.1.0'],
    version: '1.0.0',
    locked: ['1.1.0'],
    found: 'locked 1.1.0',
  },
  { why: 'never with itself', versions: ['1.0.0', '1.1.0'], version: '1.1.0', locked: ['1.1.0'], found: undefined },
  {
    why: 'a locked version that the registry has no more is nothing to compare with',
    versions: ['1.0.0', '1.1.0'],
    version: '1.1.0',
    locked: ['0.5.0'],
    found: undefined,
  },
  { why: 'a version that is none of SemVer is its own line', versions: ['x', 'y'], version: 'y', found: undefined },
  {
    why: 'one that the registry does not list: all are before it',
    versions: ['1.0.0', '1.1.0'],
    version: '1.2.0',
    found: 'line 1.1.0',
  },
];

describe('the version that one is compared with', () => {
  for (const { why, versions, version, locked = [], found } of cases) {
    test(why, () => {
      const chosen = selectPrevious(historyOf(versions), version, locked);
      assert.equal(chosen && `${chosen.relation} ${chosen.version.version}`, found);
    });
  }

  test('is never the version itself, and one of the list', () => {
    const versions = fc.uniqueArray(
      fc.constantFrom('0.1.0', '0.1.1', '0.2.0', '1.0.0+', '1.1.0', '2.0.0+', '2.0.1-rc.1'),
    );
    fc.assert(
      fc.property(versions, fc.constantFrom('1.0.0', '2.0.1-rc.1', '0.1.1'), versions, (all, version, locked) => {
        const history = historyOf(all);
        const chosen = selectPrevious(
          history,
          version,
          historyOf(locked).versions.map((each) => each.version),
        );
        if (chosen === undefined) return;
        assert.notEqual(chosen.version.version, version);
        assert.ok(history.versions.includes(chosen.version));
      }),
    );
  });
});

describe('earlier versions', () => {
  test('are those that the list has before', () => {
    const versions = (version: string): string[] =>
      earlierThan(historyOf(['1.0.0', '2.0.0', '1.0.1']), version).map((each) => each.version);
    assert.deepEqual(versions('2.0.0'), ['1.0.0']);
    assert.deepEqual(versions('1.0.0'), []);
    assert.deepEqual(versions('9.9.9'), ['1.0.0', '2.0.0', '1.0.1']);
  });
});
