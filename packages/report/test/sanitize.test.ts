import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { sanitize } from '@lockseal/report';

const cases: readonly { readonly why: string; readonly text: string; readonly shown: string }[] = [
  { why: 'a plain spec is untouched', text: '@scope/name@1.2.3', shown: '@scope/name@1.2.3' },
  { why: 'letters of any script are content', text: 'naïve-日本', shown: 'naïve-日本' },
  { why: 'an ANSI colour', text: '\u001B[31mred', shown: '<U+001B>[31mred' },
  {
    why: 'an OSC 8 link',
    text: '\u001B]8;;https://evil.example\u0007x',
    shown: '<U+001B>]8;;https://evil.example<U+0007>x',
  },
  { why: 'the one-byte CSI of C1', text: '\u009B2J', shown: '<U+009B>2J' },
  {
    why: 'a line break that would start a line of its own',
    text: 'a\nGood: 0 errors',
    shown: 'a<U+000A>Good: 0 errors',
  },
  { why: 'a carriage return that overwrites the line', text: 'bad\rgood', shown: 'bad<U+000D>good' },
  { why: 'a backspace', text: 'bad\b\b\bok', shown: 'bad<U+0008><U+0008><U+0008>ok' },
  { why: 'a NUL', text: 'a\0b', shown: 'a<U+0000>b' },
  { why: 'right-to-left override', text: 'gpj\u202Eexe', shown: 'gpj<U+202E>exe' },
  { why: 'an isolate', text: '\u2066a\u2069', shown: '<U+2066>a<U+2069>' },
  { why: 'the Arabic letter mark', text: 'a\u061Cb', shown: 'a<U+061C>b' },
  { why: 'a zero-width space makes two names look alike', text: 'deb\u200Bug', shown: 'deb<U+200B>ug' },
  { why: 'a variation selector', text: 'a\uFE0Fb', shown: 'a<U+FE0F>b' },
  { why: 'a tag character', text: 'a\u{E0041}', shown: 'a<U+E0041>' },
  { why: 'a no-break space is not a space', text: 'a\u00A0b', shown: 'a<U+00A0>b' },
  { why: 'spaces that layout could swallow', text: ' a  b ', shown: '<U+0020>a <U+0020>b<U+0020>' },
  { why: 'line and paragraph separators', text: 'a\u2028b\u2029', shown: 'a<U+2028>b<U+2029>' },
  { why: 'a lone surrogate', text: 'a\uD800b', shown: 'a<U+D800>b' },
  {
    why: 'combining marks that climb over other lines',
    text: `e${'\u0301'.repeat(3)}`,
    shown: 'e\u0301\u0301<U+0301>',
  },
  { why: 'a workflow command', text: '::set-output name=a::b', shown: '<U+003A>:set-output name=a::b' },
  {
    why: 'a workflow command that wrapping could bring to the start of a line',
    text: 'a ::error::b',
    shown: 'a <U+003A>:error::b',
  },
  { why: 'a workflow command of the old form', text: 'a##[error]b', shown: 'a<U+0023>#[error]b' },
];

describe('sanitize', () => {
  for (const { why, text, shown } of cases) {
    test(why, () => assert.equal(sanitize(text), shown));
  }

  test('bounds the length and says how much is left out', () => {
    assert.equal(sanitize('a'.repeat(1_000_000), 10), 'aaaaaaaaaa... (999990 more)');
  });

  test('leaves no trick in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(sanitize(text), /(?! )[\p{C}\p{Z}\p{Bidi_Control}]|(?:^|\s)::|##\[/u);
      }),
    );
  });

  test('changes nothing twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.equal(sanitize(sanitize(text, 1e6), 1e6), sanitize(text, 1e6));
      }),
    );
  });
});
