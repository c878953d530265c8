import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Token } from '../../src/serve/token.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the token of a run', () => {
  const token = new Token();

  test('is 32 random bytes', () => {
    assert.equal(Buffer.from(token.text, 'base64url').length, 32);
    assert.notEqual(new Token().text, token.text);
  });

  test('is itself, and opens the proxy whoever gives it', () => {
    assert.equal(token.is(token.text), true);
    for (const user of ['lockseal', '', 'anybody'])
      assert.equal(token.isIn(basic(`${user}:${token.text}`)), true, user);
  });

  const wrong: readonly (readonly [why: string, text: string | undefined])[] = [
    ['nothing', undefined],
    ['an empty text', ''],
    ['a shorter one', token.text.slice(0, -1)],
    ['a longer one', `${token.text}A`],
    ['another one', new Token().text],
    [
      'one in another case',
      token.text.toUpperCase() === token.text ? token.text.toLowerCase() : token.text.toUpperCase(),
    ],
    ['one with a space', ` ${token.text}`],
  ];
  for (const [why, text] of wrong) {
    test(`is not ${why}`, () => {
      assert.equal(token.is(text), false);
      assert.equal(token.isIn(text === undefined ? undefined : basic(`lockseal:${text}`)), false);
    });
  }

  for (const [why, header] of [
    ['as a bearer token', `Bearer ${token.text}`],
    ['as it is', token.text],
    ['as the user', basic(`${token.text}:`)],
    ['in no base64', `Basic ${token.text}!`],
    ['in two parts', `Basic ${basic(`x:${token.text}`)}`],
  ] as const) {
    test(`does not open the proxy ${why}`, () => assert.equal(token.isIn(header), false));
  }
});
