// What rules do where nobody says anything about them, and what has to be gathered for them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RULES } from '../../src/rules/table.ts';

/** Rules that are off until somebody turns them on. */
const OFF = [
  'baseline',
  'deprecated',
  'dormant-revived',
  'identity-drift',
  'install-scripts',
  'provenance-downgrade',
  'publisher-change',
  'release-age',
  'tarball-delta',
  'young-new-dependency',
];
const WITH_HISTORY = [
  'dormant-revived',
  'identity-drift',
  'provenance-downgrade',
  'publisher-change',
  'release-age',
  'tarball-delta',
  'young-new-dependency',
];

describe('a rule that nobody mentions', () => {
  for (const { name, isOnByDefault, needsHistory, needsContents } of RULES) {
    test(`${name} is ${OFF.includes(name) ? 'off' : 'on'}`, () => assert.equal(isOnByDefault, !OFF.includes(name)));

    test(`${name} asks for ${WITH_HISTORY.includes(name) ? '' : 'no '}lists of versions, and for no tarball but one`, () => {
      assert.equal(needsHistory === true, WITH_HISTORY.includes(name));
      assert.equal(needsContents === true, name === 'tarball-delta');
    });
  }
});
