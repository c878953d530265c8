import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ASN1Obj } from '@sigstore/core';
import fc from 'fast-check';
import { parseDer, thaw } from '../../src/sigstore/der-tree.ts';

type Plain = readonly [tag: number, value: string, subs: readonly Plain[]];

function plain({ tag, value, subs }: ASN1Obj): Plain {
  return [tag.toDER(), value.toString('hex'), subs.map(plain)];
}

const parseStock = (bytes: Buffer<ArrayBuffer>): ASN1Obj => ASN1Obj.parseBuffer(bytes);

function attempt(parse: (bytes: Buffer<ArrayBuffer>) => ASN1Obj, bytes: Buffer<ArrayBuffer>): Plain | 'refused' {
  try {
    return plain(parse(bytes));
  } catch {
    return 'refused';
  }
}

function hex(text: string): Buffer<ArrayBuffer> {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

const nested = (depth: number, inner: string): string => {
  let text = inner;
  for (let level = 0; level < depth; level += 1) {
    const length = text.length / 2;
    const digits = length.toString(16).padStart(length < 0x100 ? 2 : 4, '0');
    text = `30${length < 0x80 ? '' : `8${digits.length / 2}`}${digits}${text}`;
  }
  return text;
};

const vectors = [
  { hex: '30 00', is: 'read', why: 'an empty sequence' },
  { hex: '02 01 05', is: 'read', why: 'an integer' },
  { hex: '30 06 02 01 05 04 01 ff', is: 'read', why: 'an octet string that holds no DER is bytes' },
  { hex: '04 03 02 01 05', is: 'read', why: 'an octet string that holds DER is opened, as extensions need it' },
  { hex: '04 04 02 01 05 00', is: 'read', why: 'an octet string that holds DER and more is bytes' },
  {
    hex: '04 04 04 05 01 02',
    is: 'read',
    why: 'what looks like an element but is longer than its octet string is bytes',
  },
  { hex: '24 03 04 01 05', is: 'read', why: 'a constructed octet string is its parts' },
  { hex: `04 81 80 ${'05'.repeat(128)}`, is: 'read', why: 'a length of two bytes where it takes two' },
  { hex: nested(100, '0500'), is: 'read', why: 'as deep as the library goes' },
  { hex: nested(101, '0500'), is: 'refused', why: 'deeper' },
  { hex: '', is: 'refused', why: 'nothing' },
  { hex: '30', is: 'refused', why: 'a tag alone' },
  { hex: '30 02 02', is: 'refused', why: 'a length beyond the end' },
  { hex: '30 00 00', is: 'refused', why: 'trailing bytes' },
  { hex: '30 81 00', is: 'refused', why: 'a zero length in two bytes' },
  { hex: '04 81 01 05', is: 'refused', why: 'a short length in two bytes: BER, not DER' },
  { hex: `04 82 00 80 ${'05'.repeat(128)}`, is: 'refused', why: 'a length with a leading zero' },
  { hex: '30 80 02 01 05 00 00', is: 'refused', why: 'indefinite length: BER, not DER' },
  { hex: '04 87 01 00 00 00 00 00 00', is: 'refused', why: 'a length of seven bytes' },
  { hex: '30 03 02 02 05', is: 'refused', why: 'a part that is longer than the whole' },
  { hex: '30 04 02 02 05 06 00', is: 'refused', why: 'a part that ends in what follows' },
  { hex: '1f 81 01 00', is: 'refused', why: 'a tag of more than one byte' },
  { hex: '00 00', is: 'refused', why: 'the tag that ends indefinite lengths' },
] as const;

for (const vector of vectors) {
  test(`DER is read as the library reads it: ${vector.why}`, () => {
    const bytes = hex(vector.hex);
    const expected = attempt(parseStock, bytes);
    assert.deepEqual(attempt(parseDer, bytes), expected);
    assert.equal(expected === 'refused' ? 'refused' : 'read', vector.is);
  });
}

test('whatever the bytes, the tree is the one that the library makes, and encodes to those bytes', () => {
  const tag = fc.constantFrom(0x02, 0x04, 0x30, 0x31, 0x24, 0xa0, 0xa3, 0x1f, 0x00, 0x05, 0x86);
  const length = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 8, 12, 0x7f, 0x80, 0x81, 0x82, 0x87);
  const bytes = fc.array(fc.oneof(tag, length, fc.nat({ max: 0xff })), { maxLength: 40 });
  fc.assert(
    fc.property(bytes, (list) => {
      const der = Buffer.from(list);
      const ours = attempt(parseDer, der);
      assert.deepEqual(ours, attempt(parseStock, der));
      if (ours !== 'refused') assert.deepEqual(parseDer(der).toDER(), der);
    }),
    { numRuns: 3000 },
  );
});

test('a tree cannot be altered, a thawed copy of a node can, and encodes what it then holds', () => {
  const tree = parseDer(hex('30 06 02 01 05 02 01 07'));
  assert.throws(() => tree.subs.pop(), TypeError);
  const copy = thaw(tree);
  copy.subs.pop();
  assert.deepEqual(copy.toDER(), hex('30 03 02 01 05'));
  assert.deepEqual(tree.toDER(), hex('30 06 02 01 05 02 01 07'));
});

test('a thawed copy is encoded as the library encodes it, whatever its list holds then', () => {
  const stock = ({ tag, value, subs }: ASN1Obj): ASN1Obj => new ASN1Obj(tag, value, subs.map(stock));
  const lengths = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000];
  for (const length of lengths) {
    const element = parseStock(Buffer.concat([hex('30 03 02 01 05')]));
    const node = thaw(element);
    node.subs.push(new ASN1Obj(parseStock(hex('04 00')).tag, Buffer.alloc(length, 7), []));
    assert.ok(node.toDER().equals(stock(node).toDER()), `${length} bytes`);
    node.subs.splice(0, 2);
    assert.ok(node.toDER().equals(stock(node).toDER()), 'emptied, it is encoded by its value');
  }
});

test('every tag is read or refused as the library does', () => {
  for (let tag = 0; tag < 0x100; tag += 1) {
    const bytes = Buffer.from([tag, 0]);
    assert.deepEqual(attempt(parseDer, bytes), attempt(parseStock, bytes), tag.toString(16));
  }
});
