import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { problemsOf } from '../support/load.ts';

describe('a key is told once', () => {
  const refused: readonly (readonly [why: string, text: string, place: string])[] = [
    ['at the top', 'version: 1\nversion: 1', '2:1'],
    ['in a table', 'version: 1\nrules:\n  source: off\n  source: error', '4:3'],
    ['in braces', 'version: 1\nrules: {source: off, source: error}', '2:22'],
    ['quoted or not', 'version: 1\n"version": 1', '2:1'],
    ['as a number and as its text, which others read as one', 'version: 1\nrules: {1: off, "1": off}', '2:17'],
  ];
  for (const [why, text, place] of refused) {
    test(why, async () => {
      const places = (await problemsOf(text)).map(
        ({ code, position }) => `${position.line}:${position.column} ${code}`,
      );
      assert.ok(places.includes(`${place} bad-syntax`), places.join(', '));
    });
  }

  test('the same key in two tables is no repetition', async () => {
    assert.deepEqual(
      await problemsOf('version: 1\nrules: {deprecated: {level: warn}, release-age: {level: warn}}'),
      [],
    );
  });

  test('as many keys as a policy can hold are read at once, not each against all', { timeout: 25_000 }, async () => {
    const keys = Array.from({ length: 50_000 }, (_, index) => `  k${index}: off`);
    assert.ok((await problemsOf(`version: 1\nrules:\n${keys.join('\n')}`)).length > 0);
  });
});
