import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ASN1Obj } from '@sigstore/core';
import fc from 'fast-check';
import {
  bitString,
  boolean,
  explicit,
  ia5String,
  implicit,
  integer,
  namedBits,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
  utf8String,
} from '../../src/tls/der.ts';

const ABSENT = Buffer.of();
const at = (text: string): Buffer => time(new Date(text));

const written: readonly (readonly [why: string, encoding: Buffer, hex: string])[] = [
  ['true is all ones, where BER lets any bit do', boolean(true), '0101ff'],
  ['false', boolean(false), '010100'],

  ['zero is one octet, not none', integer(0n), '020100'],
  ['the largest of one octet', integer(127n), '02017f'],
  ['a high bit would make it negative', integer(128n), '02020080'],
  ['the largest below the next octet', integer(255n), '020200ff'],
  ['two octets', integer(256n), '02020100'],
  ['a high bit in the first of two', integer(0x8000n), '0203008000'],
  ['no zero in front that is not needed', integer(0x7fffn), '02027fff'],
  ['minus one', integer(-1n), '0201ff'],
  ['the least of one octet', integer(-128n), '020180'],
  ['one less needs two', integer(-129n), '0202ff7f'],
  ['a negative of two octets', integer(-256n), '0202ff00'],
  ['more than a double holds', integer(0x80000000_00000001n), '0209008000000000000001'],
  ['more than a double holds, and negative', integer(-0x80000000_00000000n), '02088000000000000000'],

  ['bits of whole octets: none is unused', bitString(Buffer.of(0xa5, 0x00)), '030300a500'],
  ['no bits', bitString(ABSENT), '030100'],
  ['digitalSignature: the first bit, seven unused', namedBits(0), '03020780'],
  ['keyCertSign: what is behind the last set bit is not there', namedBits(5), '03020204'],
  ['two bits in any order', namedBits(6, 0), '03020182'],
  ['the last bit of an octet: nothing unused', namedBits(7), '03020001'],
  ['decipherOnly: the first bit of a second octet', namedBits(8), '0303070080'],
  ['two octets with bits in both', namedBits(0, 15), '0303008001'],
  ['no bit set: no octets at all', namedBits(), '030100'],

  ['no octets', octetString(ABSENT), '0400'],
  ['octets as they are', octetString(Buffer.of(0, 0xff)), '040200ff'],

  ['the example of X.690 8.19.5: two arcs in one number above 127', objectIdentifier('2.999.3'), '0603883703'],
  ['two arcs and no more', objectIdentifier('1.2'), '06012a'],
  ['the least', objectIdentifier('0.0'), '060100'],
  ['the largest second arc below 0', objectIdentifier('0.39'), '060127'],
  ['the largest second arc below 1', objectIdentifier('1.39'), '06014f'],
  ['below 2 there is no largest: 47 is the last of one octet', objectIdentifier('2.47'), '06017f'],
  ['and 48 the first of two', objectIdentifier('2.48'), '06028100'],
  ['an arc of 127', objectIdentifier('1.2.127'), '06022a7f'],
  ['an arc of 128: two octets', objectIdentifier('1.2.128'), '06032a8100'],
  ['arcs of three octets: RSADSI', objectIdentifier('1.2.840.113549'), '06062a864886f70d'],
  ['an arc of zero', objectIdentifier('2.5.0'), '06025500'],
  ['2^64: more than a double holds', objectIdentifier('1.2.18446744073709551616'), '060b2a82808080808080808000'],
  ['ecdsa-with-SHA256 (RFC 5758)', objectIdentifier('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],

  ['no text', utf8String(''), '0c00'],
  ['text is counted in octets', utf8String('é€😀'), '0c09c3a9e282acf09f9880'],
  ['ASCII', ia5String('a.b'), '1603612e62'],

  ['the first second that UTCTime tells', at('1950-01-01T00:00:00Z'), '170d3530303130313030303030305a'],
  ['the last one of the century', at('1999-12-31T23:59:59Z'), '170d3939313233313233353935395a'],
  ['the first one of the next', at('2000-01-01T00:00:00Z'), '170d3030303130313030303030305a'],
  ['the last one', at('2049-12-31T23:59:59Z'), '170d3439313233313233353935395a'],
  ['then GeneralizedTime', at('2050-01-01T00:00:00Z'), '180f32303530303130313030303030305a'],
  ['no certificate ends later', at('9999-12-31T23:59:59Z'), '180f39393939313233313233353935395a'],
  ['no fraction of a second, nor the next one', at('2049-12-31T23:59:59.999Z'), '170d3439313233313233353935395a'],
  ['UTC, whatever the clock on the wall', at('2050-01-01T00:30:00+01:00'), '170d3439313233313233333030305a'],

  ['an empty sequence', sequence(), '3000'],
  ['members in their order', sequence(integer(2n), integer(1n)), '3006020102020101'],
  ['an empty set', setOf(), '3100'],
  ['a set in the order of encodings', setOf(integer(2n), boolean(true), integer(1n)), '31090101ff020101020102'],
  ['by the length before the contents', setOf(integer(256n), integer(255n), integer(3n)), '310b020103020200ff02020100'],

  ['around the encoding', explicit(0, integer(2n)), 'a003020102'],
  ['around a constructed one', explicit(3, sequence()), 'a3023000'],
  ['in place of a primitive tag', implicit(2, ia5String('a')), '820161'],
  ['in place of a constructed tag, which it remains', implicit(1, sequence(integer(1n))), 'a103020101'],
  ['in place of a tag without contents', implicit(7, octetString(ABSENT)), '8700'],
];

const lengths: readonly (readonly [why: string, length: number, header: string])[] = [
  ['the last of one octet', 127, '047f'],
  ['the first that says how many octets tell it', 128, '048180'],
  ['the last of one such octet', 255, '0481ff'],
  ['two', 256, '04820100'],
  ['the last of two', 65_535, '0482ffff'],
  ['three', 65_536, '0483010000'],
];

const refused: readonly (readonly [why: string, write: () => Buffer])[] = [
  ...[
    ['an OID of nothing', ''],
    ['one arc', '1'],
    ['a first arc above 2', '3.1'],
    ['40 below 0: read back it would be 1.0', '0.40'],
    ['40 below 1: read back it would be 2.0', '1.40'],
    ['a negative arc', '1.2.-1'],
    ['a fraction', '1.2.1,5'],
    ['an empty arc', '1..2'],
    ['a dot at the end', '1.2.'],
    ['a dot in front', '.1.2'],
    ['a zero in front', '1.2.01'],
    ['a zero in front of the second arc', '2.05'],
    ['hexadecimal, which BigInt reads', '1.2.0x10'],
    ['a space, which BigInt reads', '1.2. 3'],
    ['a line break at the end', '1.2.3\n'],
    ['digits of another script', '1.2.٣'],
    ['a name', 'commonName'],
  ].map(([why = '', dotted = '']): [string, () => Buffer] => [why, () => objectIdentifier(dotted)]),
  ['a year before UTCTime begins', () => at('1949-12-31T23:59:59Z')],
  ['a year of five digits', () => at('+010000-01-01T00:00:00Z')],
  ['a year before the first', () => at('-000001-01-01T00:00:00Z')],
  ['no time', () => at('yesterday')],
  ['the first half of a character', () => utf8String('a\ud83d')],
  ['the second half of a character', () => utf8String('\ude00a')],
  ['halves in the wrong order', () => utf8String('\ude00\ud83d')],
  ['a letter that is not ASCII', () => ia5String('bücher.example')],
  ['a letter that only looks like ASCII', () => ia5String('ехample.com')],
  ['the first that is not ASCII', () => ia5String('\x80')],
  ['a bit before the first', () => namedBits(-1)],
  ['nothing to put a tag on', () => implicit(0, ABSENT)],
];

/** A value, and what an independent reader finds in its encoding. */
interface Written {
  readonly encoding: Buffer;
  readonly read: (from: ASN1Obj) => void;
}

const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((octets) => Buffer.from(octets));
const arc = fc.bigInt({ min: 0n, max: 1n << 130n });
// Of a second arc above 39 the reader makes other ones: it divides all by 40.
const oid = fc
  .tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 39 }), fc.array(arc, { maxLength: 8 }))
  .map(([first, second, rest]) => [first, second, ...rest].join('.'));
const second = fc
  .integer({ min: Date.UTC(1950, 0) / 1000, max: Date.UTC(9999, 11, 31) / 1000 })
  .map((seconds) => new Date(seconds * 1000));

const primitive: fc.Arbitrary<Written> = fc.oneof(
  fc.bigInt({ min: -(1n << 200n), max: 1n << 200n }).map((value) => ({
    encoding: integer(value),
    read: (from: ASN1Obj) => assert.equal(from.toInteger(), value),
  })),
  fc.boolean().map((value) => ({
    encoding: boolean(value),
    read: (from: ASN1Obj) => assert.equal(from.toBoolean(), value),
  })),
  oid.map((value) => ({
    encoding: objectIdentifier(value),
    read: (from: ASN1Obj) => assert.equal(from.toOID(), value),
  })),
  second.map((value) => ({ encoding: time(value), read: (from: ASN1Obj) => assert.deepEqual(from.toDate(), value) })),
  bytes(300).map((value) => ({
    encoding: octetString(value),
    read: (from: ASN1Obj) => assert.ok(from.tag.isOctetString() && from.value.equals(value)),
  })),
  bytes(20).map((value) => ({
    encoding: bitString(value),
    read: (from: ASN1Obj) =>
      assert.equal(from.toBitString().join(''), [...value].map((octet) => octet.toString(2).padStart(8, '0')).join('')),
  })),
  fc.uniqueArray(fc.nat({ max: 40 })).map((set) => ({
    encoding: namedBits(...set),
    read: (from: ASN1Obj) => {
      const found = from.toBitString();
      assert.deepEqual(
        found.flatMap((bit, number) => (bit === 1 ? [number] : [])),
        set.toSorted((a, b) => a - b),
      );
      assert.notEqual(found.at(-1), 0, 'the last bit is one that is set');
    },
  })),
  fc.string({ unit: 'binary' }).map((value) => ({
    encoding: utf8String(value),
    read: (from: ASN1Obj) => assert.equal(from.value.toString('utf8'), value),
  })),
);

const { value: anything } = fc.letrec<{ value: Written; constructed: Written }>((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, primitive, tie('constructed')),
  constructed: fc
    .tuple(fc.constantFrom(sequence, explicit), fc.array(tie('value'), { maxLength: 5 }))
    .map(([around, members]) => ({
      encoding:
        around === sequence
          ? sequence(...members.map(({ encoding }) => encoding))
          : explicit(3, sequence(...members.map(({ encoding }) => encoding))),
      read: (from: ASN1Obj) => {
        if (around === explicit) assert.ok(from.tag.isContextSpecific(3));
        const { subs } = around === sequence ? from : (from.subs[0] ?? assert.fail('there is nothing in the tag'));
        assert.equal(subs.length, members.length);
        for (const [at, sub] of subs.entries()) members[at]?.read(sub);
      },
    })),
}));

describe('DER', () => {
  for (const [why, encoding, hex] of written) {
    test(`of ${hex}: ${why}`, () => assert.equal(encoding.toString('hex'), hex));
  }

  for (const [why, length, header] of lengths) {
    test(`a length of ${length}: ${why}`, () => {
      const octets = Buffer.alloc(length, 0x5a);
      assert.deepEqual(octetString(octets), Buffer.concat([Buffer.from(header, 'hex'), octets]));
    });
  }

  test('a length behind another tag is the same one', () => {
    const inner = octetString(Buffer.alloc(200));
    assert.deepEqual(implicit(7, inner).subarray(1), inner.subarray(1));
  });

  for (const [why, write] of refused) {
    test(`is not written of ${why}`, () => assert.throws(write, RangeError));
  }

  test('is read by another reader as what was written', () => {
    fc.assert(
      fc.property(anything, ({ encoding, read }) => {
        const object = ASN1Obj.parseBuffer(Buffer.from(encoding));
        read(object);
        assert.ok(object.toDER().equals(encoding), 'that reader writes the same');
      }),
    );
  });

  test('puts the members of a set in one order, whichever they came in', () => {
    fc.assert(
      fc.property(fc.array(primitive, { maxLength: 6 }), (members) => {
        const encodings = members.map(({ encoding }) => encoding);
        const object = ASN1Obj.parseBuffer(Buffer.from(setOf(...encodings)));
        assert.deepEqual(
          object.subs.map((sub) => sub.toDER().toString('hex')),
          encodings.map((encoding) => encoding.toString('hex')).sort(),
        );
      }),
    );
  });
});
