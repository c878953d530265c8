import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ASN1Obj, type X509Certificate } from '@sigstore/core';
import { decodeFulcioExtensions } from '../../src/sigstore/fulcio-extensions.ts';
import { BundleRefusal } from '../../src/sigstore/refusal.ts';

/** DER of arc 1.3.6.1.4.1.57264.1 without its last number. */
const ARC = [0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01];

/** A certificate as far as the decoder looks at it: its extensions, each an OID's last number and the raw value. */
function certificate(...extensions: readonly (readonly [number, Uint8Array])[]): X509Certificate {
  const parsed = extensions.map(([number, value]) => {
    const oid = der(0x06, Buffer.from([...ARC, number]));
    return ASN1Obj.parseBuffer(Buffer.from(der(0x30, Buffer.concat([oid, der(0x04, value)]))));
  });
  return { extensions: parsed } as unknown as X509Certificate;
}

function der(tag: number, value: Uint8Array): Buffer {
  const { length } = value;
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? [length] : long)]), value]);
}

const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));
const at = (number: number): string => `1.3.6.1.4.1.57264.1.${number}`;

describe('decodeFulcioExtensions', () => {
  test('bare text up to .6, UTF8String from .8 on, of every length', () => {
    const texts = ['', 'x', 'y'.repeat(0x7f), 'y'.repeat(0x80), 'z'.repeat(0xff), 'z'.repeat(0x100), 'ü✓'];
    for (const text of texts) {
      const decoded = decodeFulcioExtensions(certificate([1, Buffer.from(text)], [8, utf8(text)], [24, utf8(text)]));
      assert.deepEqual(
        decoded,
        new Map([
          [at(1), text],
          [at(8), text],
          [at(24), text],
        ]),
      );
    }
  });

  test('.7 is no extension', () => assert.equal(decodeFulcioExtensions(certificate([7, utf8('x')])).size, 0));

  const refused: readonly { why: string; value: Uint8Array; reason: RegExp }[] = [
    { why: 'bare text where DER belongs', value: Buffer.from('push'), reason: /not a DER UTF8String/ },
    { why: 'nothing', value: Buffer.of(), reason: /not a DER UTF8String/ },
    { why: 'an IA5String', value: Buffer.from([0x16, 1, 0x78]), reason: /not a DER UTF8String/ },
    { why: 'bytes after the string', value: Buffer.from([0x0c, 1, 0x78, 0x79]), reason: /not a DER UTF8String/ },
    { why: 'a string cut short', value: Buffer.from([0x0c, 2, 0x78]), reason: /not a DER UTF8String/ },
    {
      why: 'a length in more bytes than it needs',
      value: Buffer.from([0x0c, 0x81, 1, 0x78]),
      reason: /not a DER UTF8String/,
    },
    {
      why: 'a length with a leading zero',
      value: Buffer.from([0x0c, 0x82, 0, 1, 0x78]),
      reason: /not a DER UTF8String/,
    },
    { why: 'an indefinite length', value: Buffer.from([0x0c, 0x80, 0x78, 0, 0]), reason: /not a DER UTF8String/ },
    { why: 'a length of three bytes', value: Buffer.from([0x0c, 0x83, 0, 0, 1, 0x78]), reason: /not a DER UTF8String/ },
    { why: 'invalid UTF-8', value: Buffer.from([0x0c, 2, 0xc3, 0x28]), reason: /not valid UTF-8/ },
  ];
  for (const { why, value, reason } of refused) {
    test(`refuses ${why}`, () => {
      assert.throws(
        () => decodeFulcioExtensions(certificate([20, value])),
        (thrown) => thrown instanceof BundleRefusal && thrown.fault === 'identity' && reason.test(thrown.message),
      );
    });
  }

  test('refuses an extension that occurs twice, even with the same value', () => {
    assert.throws(
      () => decodeFulcioExtensions(certificate([20, utf8('push')], [20, utf8('push')])),
      /\.20 occurs twice/,
    );
  });
});
