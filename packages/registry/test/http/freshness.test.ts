import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { maxAgeOf } from '../../src/http/freshness.ts';

describe('for how long an answer holds', () => {
  for (const [control, age, seconds, why] of [
    ['public, max-age=300', undefined, 300, "as npm's registry sends it"],
    ['Max-Age=60', undefined, 60, 'names of directives have no case'],
    ['max-age=300', '100', 200, 'a shared cache had it for a while'],
    ['max-age=300', '301', 0, 'a shared cache had it for too long'],
    ['max-age=31536000, immutable', undefined, 300, 'no word is taken for longer than five minutes'],
    ['s-maxage=300', undefined, 0, 'that is for shared caches'],
    [undefined, undefined, 0, 'it says nothing'],
    ['', undefined, 0, 'it says nothing'],
    ['no-cache, max-age=300', undefined, 0, 'it is to be asked again'],
    ['max-age=300, no-store', undefined, 0, 'it is not to be kept'],
    ['no-cache="set-cookie", max-age=300', undefined, 0, 'more than it needs to, and never less'],
    ['max-age=300, max-age=60', undefined, 0, 'it says two things'],
    ['max-age=-1', undefined, 0, 'no number of seconds'],
    ['max-age=1e9', undefined, 0, 'no number of seconds'],
    ['max-age="300"', undefined, 0, 'no number of seconds'],
    ['max-age=99999999999', undefined, 0, 'no number of seconds that anybody would mean'],
    ['max-age=300', 'old', 0, 'an age that is none'],
  ] as const) {
    test(`${control ?? '(none)'}${age === undefined ? '' : ` at age ${age}`}: ${seconds} s, ${why}`, () => {
      assert.equal(maxAgeOf({ 'cache-control': control, age }), seconds * 1000);
    });
  }
});
