import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { didYouMean, nearest } from '../../src/document/suggest.ts';

const RULES = ['release-age', 'source', 'trust', 'evidence', 'a'];

const cases: readonly (readonly [text: string, near: string | undefined, why: string])[] = [
  ['source', 'source', 'the same'],
  ['SOURCE', 'source', 'letters of another case are no edits'],
  ['sourc', 'source', 'a letter too few'],
  ['sources', 'source', 'a letter too many'],
  ['sourse', 'source', 'another letter'],
  ['souecr', 'source', 'two other letters, a third of six'],
  ['osurce', 'source', 'two letters, moved'],
  ['secruo', undefined, 'more than a third of the letters differ'],
  ['tust', 'trust', 'of four letters one may differ'],
  ['tus', undefined, 'of three letters not two'],
  ['b', 'a', 'of one letter one may differ'],
  ['', 'a', 'of none one'],
  ['bc', undefined, 'of two letters not two'],
  ['relase-age', 'release-age', 'in a long text'],
  ['releas-eage', 'release-age', 'a sign that moved'],
  ['dormant-revived', undefined, 'another word'],
];

describe('the nearest name', () => {
  for (const [text, near, why] of cases) {
    test(`to ${JSON.stringify(text)} is ${near ?? 'none'}: ${why}`, () => assert.equal(nearest(text, RULES), near));
  }

  test('is the one with the fewest edits, whatever the order', () => {
    assert.equal(nearest('abcdef', ['abcdxx', 'abcdex', 'abxdxf']), 'abcdex');
    assert.equal(nearest('abcdef', ['abcdex', 'abcdxx']), 'abcdex');
    assert.equal(nearest('abcdef', ['abcdex', 'abcdey']), 'abcdex', 'of two that are as near the first');
  });

  test('is not looked for in texts that nobody misspells: they may be as long as a file', () => {
    const name = 'x'.repeat(64);
    assert.equal(nearest(name, [name]), name);
    assert.equal(nearest(`${name}x`, [`${name}x`]), undefined);
  });

  test('to a name with one letter changed, added or gone is that name', () => {
    const name = fc.stringMatching(/^[a-z]{4,20}$/);
    fc.assert(
      fc.property(name, fc.nat(), (text, at) => {
        const index = at % text.length;
        for (const letters of ['', '0', `${text[index] ?? ''}0`]) {
          assert.equal(nearest(text.slice(0, index) + letters + text.slice(index + 1), [text]), text);
        }
      }),
    );
  });
});

test('a hint names the nearest one, or all that there are', () => {
  assert.equal(didYouMean('sourc', RULES), 'Did you mean `source`?');
  assert.equal(didYouMean('nothing like it', RULES), 'It takes release-age, source, trust, evidence, a.');
});
