import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canonicalize, type Json } from '@lockseal/core';
import fc from 'fast-check';
import { rewrap, unwrap } from '../../src/pack/unwrap.ts';

const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');

const ROUND_TRIPS: readonly (readonly [why: string, value: Json, expected: Json])[] = [
  ['text', base64('a text that is long enough'), { base64: 'a text that is long enough' }],
  ['canonical JSON in it', base64('{"a":1,"b":"two"}'), { base64: { json: { a: 1, b: 'two' } } }],
  ['JSON in another form stays text', base64('{"b":1, "a":2}'), { base64: '{"b":1, "a":2}' }],
  [
    'base64 within JSON within base64',
    base64(canonicalize({ key: base64('-----BEGIN KEY-----\n') })),
    { base64: { json: { key: { base64: '-----BEGIN KEY-----\n' } } } },
  ],
  ['base64 of base64', base64(base64('twice as long as it was')), { base64: { base64: 'twice as long as it was' } }],
  ['in lists and objects', [{ a: base64('text in a list!!') }], [{ a: { base64: 'text in a list!!' } }]],
  ['bytes that are no text stay', base64(Buffer.alloc(32, 0xff)), base64(Buffer.alloc(32, 0xff))],
  ['short strings stay', 'dGV4dA==', 'dGV4dA=='],
  ['stray bits stay: there would be no way back', 'dGV4dCB0aGF0IGlzIA==dGV4dB==', 'dGV4dCB0aGF0IGlzIA==dGV4dB=='],
  ['hex is base64 of bytes', 'ab'.repeat(32), 'ab'.repeat(32)],
];

describe('base64 in bundles', () => {
  for (const [why, value, expected] of ROUND_TRIPS) {
    test(`${why}`, () => {
      assert.deepEqual(unwrap(value), expected);
      assert.equal(canonicalize(rewrap(expected)), canonicalize(value));
    });
  }

  test('comes back whatever the value', () => {
    const text = fc.oneof(fc.string(), fc.string({ minLength: 12 }).map(base64), fc.json().map(base64));
    const value = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        text,
        fc.integer(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('base64', 'json', '__proto__')), tie('value'), {
          maxKeys: 3,
        }),
      ),
    })).value;
    fc.assert(
      fc.property(value, (plain) => {
        const unwrapped = unwrap(plain);
        if (unwrapped !== undefined) assert.equal(canonicalize(rewrap(unwrapped)), canonicalize(plain));
      }),
    );
  });

  const AMBIGUOUS: readonly (readonly [why: string, value: Json])[] = [
    ['a member called base64 alone in its object', { base64: 'anything' }],
    ['the same, deeper', [{ a: { base64: { json: [] } } }]],
    ['the same, of another type', { base64: 5 }],
  ];
  for (const [why, value] of AMBIGUOUS) {
    test(`are left alone where they would be mistaken: ${why}`, () => assert.equal(unwrap(value), undefined));
  }

  const REFUSED: readonly (readonly [why: string, value: Json])[] = [
    ['five levels deep', { base64: { base64: { base64: { base64: { base64: 'x' } } } } }],
    [
      'five levels deep, through JSON',
      { base64: { json: { base64: { json: { base64: { json: { base64: { json: { base64: 'x' } } } } } } } } },
    ],
    ['of a number', { base64: 1 }],
    ['of a list', { base64: [] }],
    ['of an object that is no json', { base64: { text: 'x' } }],
  ];
  for (const [why, value] of REFUSED) {
    test(`cannot be restored: ${why}`, () => assert.throws(() => rewrap(value), RangeError));
  }
});
