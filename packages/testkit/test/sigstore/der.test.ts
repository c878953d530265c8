import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ASN1Obj } from '@sigstore/core';
import fc from 'fast-check';
import { generalizedTime, integer, octets, oid, time, tlv } from '../../src/sigstore/der.ts';

const parse = (der: Uint8Array): ASN1Obj => ASN1Obj.parseBuffer(Buffer.from(der));

test('lengths are minimal and read back, over all length forms', () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536, 70_000]) {
    const read = parse(octets(Buffer.alloc(length, 0xff)));
    assert.equal(read.value.length, length);
  }
});

test('integers read back', () => {
  fc.assert(fc.property(fc.maxSafeNat(), (value) => parse(integer(value)).toInteger() === BigInt(value)));
});

test('object identifiers read back', () => {
  const arcs = fc.array(fc.nat({ max: 2 ** 31 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.nat({ max: 2 }), fc.nat({ max: 39 }), arcs, (first, second, rest) => {
      const dotted = [first, second, ...rest].join('.');
      return parse(oid(dotted)).toOID() === dotted;
    }),
  );
});

for (const [text, tag] of [
  ['2023-04-19T10:11:12.120Z', 0x17],
  ['2049-12-31T23:59:59.000Z', 0x17],
  ['2050-01-01T00:00:00.999Z', 0x18],
] as const) {
  test(`a time is cut to whole seconds: ${text}`, () => {
    const whole = new Date(`${text.slice(0, 19)}Z`);
    assert.equal(time(new Date(text))[0], tag);
    assert.deepEqual(parse(time(new Date(text))).toDate(), whole);
    assert.deepEqual(parse(generalizedTime(new Date(text))).toDate(), whole);
  });
}

test('a tag-length-value is no longer than it must be', () => {
  assert.deepEqual(tlv(0x04, Buffer.of(1, 2)), Buffer.of(0x04, 2, 1, 2));
});
