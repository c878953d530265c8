/**
 * DER (X.690) encoding of the few ASN.1 types that X.509, RFC 6962 and RFC 3161 need here. Encoding only: whatever has
 * to be parsed is parsed by `@sigstore/core`. Written here because minting thousands of certificates needs an encoder
 * that is synchronous and free of start-up cost.
 */

/** One tag-length-value. */
export function tlv(tag: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag]), length(value.length), value]);
}

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  const digits = bytes < 0x100 ? [bytes] : bytes < 0x10000 ? [bytes >> 8, bytes] : [bytes >> 16, bytes >> 8, bytes];
  return Buffer.from([0x80 | digits.length, ...digits.map((digit) => digit & 0xff)]);
}

export function sequence(...members: readonly Uint8Array[]): Buffer {
  return tlv(0x30, Buffer.concat(members));
}

/** SET OF: DER sorts its members by their encoding. */
export function setOf(...members: readonly Uint8Array[]): Buffer {
  return tlv(0x31, Buffer.concat(members.toSorted((a, b) => Buffer.compare(a, b))));
}

/** `[number] EXPLICIT`, or IMPLICIT over a constructed type when given that type's content. */
export function context(number: number, content: Uint8Array): Buffer {
  return tlv(0xa0 | number, content);
}

/** `[number] IMPLICIT` over a primitive type. */
export function contextPrimitive(number: number, content: Uint8Array): Buffer {
  return tlv(0x80 | number, content);
}

export function integer(value: number | Uint8Array): Buffer {
  const bytes = typeof value === 'number' ? Buffer.from(evenHex(value), 'hex') : value;
  const negative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return tlv(0x02, negative ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

function evenHex(value: number): string {
  const hex = value.toString(16);
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

export const TRUE: Buffer = Buffer.of(0x01, 0x01, 0xff);
export const NULL: Buffer = Buffer.of(0x05, 0x00);

export function octets(value: Uint8Array): Buffer {
  return tlv(0x04, value);
}

/** BIT STRING; `unused` is the number of padding bits in the last byte. */
export function bits(value: Uint8Array, unused = 0): Buffer {
  return tlv(0x03, Buffer.concat([Buffer.of(unused), value]));
}

export function utf8(text: string): Buffer {
  return tlv(0x0c, Buffer.from(text, 'utf8'));
}

export function printable(text: string): Buffer {
  return tlv(0x13, Buffer.from(text, 'ascii'));
}

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const digits = [arc & 0x7f];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(0x80 | (rest & 0x7f));
  return digits;
}

/** UTCTime up to 2049, GeneralizedTime from 2050 on, as RFC 5280 4.1.2.5 wants it; whole seconds. */
export function time(date: Date): Buffer {
  return date.getUTCFullYear() < 2050 ? tlv(0x17, Buffer.from(digits(date).slice(2))) : generalizedTime(date);
}

/** GeneralizedTime in whole seconds: a fraction that ends in 0 is not DER, and readers disagree on the rest. */
export function generalizedTime(date: Date): Buffer {
  return tlv(0x18, Buffer.from(digits(date)));
}

function digits(date: Date): string {
  return `${date
    .toISOString()
    .slice(0, 19)
    .replaceAll(/[^0-9]/g, '')}Z`;
}
