import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseLocation } from '../../src/npm/location.ts';

describe('parseLocation', () => {
  const accepted: readonly (readonly [key: string, type: string, owner: string | undefined, name: string])[] = [
    ['node_modules/ms', 'installed', '', 'ms'],
    ['node_modules/@s/n', 'installed', '', '@s/n'],
    ['node_modules/a/node_modules/b', 'installed', 'node_modules/a', 'b'],
    ['node_modules/@s/a/node_modules/@s/b', 'installed', 'node_modules/@s/a', '@s/b'],
    ['packages/x/node_modules/b', 'installed', 'packages/x', 'b'],
    ['packages/x', 'local', undefined, 'x'],
    ['packages/@s/x', 'local', undefined, '@s/x'],
    ['../beside', 'local', undefined, 'beside'],
    ['../beside/node_modules/b', 'installed', '../beside', 'b'],
    ['node_modules/a/vendor/b', 'local', undefined, 'b'],
  ];
  for (const [key, type, owner, name] of accepted) {
    test(`takes ${key} apart`, () => {
      assert.deepEqual(parseLocation(key), { type, key, name, ...(owner === undefined ? {} : { owner }) });
    });
  }

  const refused: readonly (readonly [why: string, key: string])[] = [
    ['a leading dot', './node_modules/ms'],
    ['an empty segment', 'node_modules//ms'],
    ['a trailing slash', 'node_modules/ms/'],
    ['an absolute path', '/node_modules/ms'],
    ['a way up and down again', 'node_modules/x/../ms'],
    ['a way up from the end', 'packages/..'],
    ['a dot inside', 'packages/./x'],
    ['a dot alone', '.'],
    ['a backslash, a separator on Windows', 'node_modules\\ms'],
    ['a drive', 'C:/node_modules/ms'],
    ['a name that npm cannot have published', 'node_modules/.hidden'],
    ['a scope without a name', 'node_modules/@s/'],
    ['white space in a name', 'node_modules/m s'],
    ['a look-alike in a name', 'node_modules/m\u0455'],
    ['more directories than any tree has', `${'a/'.repeat(256)}b`],
  ];
  for (const [why, key] of refused) {
    test(`refuses ${why}`, () => assert.equal(parseLocation(key), undefined));
  }
});
