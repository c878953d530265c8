/**
 * DER, the one encoding of ASN.1 that is signed (X.690 §8 as §10 and §11 narrow it down): the types that certificates
 * are made of. Writing alone: what comes from elsewhere is read by Node. Every function returns a whole encoding (tag,
 * length, contents), and throws RangeError for what its type cannot hold.
 */

/** §8.9: of its members in their order. */
export function sequence(...members: readonly Uint8Array[]): Buffer {
  return encode(0x30, Buffer.concat(members));
}

/** SET OF, §11.6: its members stand in the order of their encodings. */
export function setOf(...members: readonly Uint8Array[]): Buffer {
  return encode(0x31, Buffer.concat(members.toSorted((a, b) => Buffer.compare(a, b))));
}

/** §11.1: true is all ones. */
export function boolean(value: boolean): Buffer {
  return encode(0x01, [value ? 0xff : 0]);
}

/** §8.3: two's complement, in as few octets as it fits into. */
export function integer(value: bigint): Buffer {
  let bits = 8;
  while (BigInt.asIntN(bits, value) !== value) bits += 8;
  const hex = BigInt.asUintN(bits, value).toString(16);
  return encode(0x02, Buffer.from(hex.padStart(bits / 4, '0'), 'hex'));
}

/** §8.6 of whole octets, which keys and signatures are. */
export function bitString(octets: Uint8Array): Buffer {
  return encode(0x03, [0, ...octets]);
}

/** BIT STRING whose bits have names, §11.2.2: it ends with the last bit that is set. @param set numbers, 0 is the first bit */
export function namedBits(...set: readonly number[]): Buffer {
  const length = Math.max(-1, ...set) + 1;
  const octets = Buffer.alloc(Math.ceil(length / 8));
  for (const bit of set) octets.writeUInt8(octets.readUInt8(bit >> 3) | (0x80 >> (bit & 7)), bit >> 3);
  return encode(0x03, [octets.length * 8 - length, ...octets]);
}

/** §8.7. */
export function octetString(octets: Uint8Array): Buffer {
  return encode(0x04, octets);
}

/** §8.19. @param dotted such as 2.5.4.3 */
export function objectIdentifier(dotted: string): Buffer {
  if (!/^([01]\.[1-3]?\d|2\.(0|[1-9]\d*))(\.(0|[1-9]\d*))*$/.test(dotted)) throw new RangeError(`${dotted} is no OID`);
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  return encode(0x06, [first * 40n + second, ...rest].flatMap(subidentifier));
}

/** §8.23, in UTF-8. */
export function utf8String(text: string): Buffer {
  if (/\p{Surrogate}/u.test(text)) throw new RangeError('half a character has no UTF-8');
  return encode(0x0c, Buffer.from(text, 'utf8'));
}

/** §8.23, in ASCII, which RFC 5280 wants names of hosts in. */
export function ia5String(text: string): Buffer {
  if (!/^\p{ASCII}*$/u.test(text)) throw new RangeError(`${JSON.stringify(text)} is not ASCII`);
  return encode(0x16, Buffer.from(text, 'ascii'));
}

/** Time of RFC 5280 §4.1.2.5, in whole seconds: UTCTime while two digits can tell the year, then GeneralizedTime. */
export function time(date: Date): Buffer {
  const year = date.getUTCFullYear();
  if (!(year >= 1950 && year <= 9999)) throw new RangeError(`certificates cannot tell the year ${year}`);
  const digits = date.toISOString().slice(0, 19).replaceAll(/\D/g, '');
  return year < 2050 ? encode(0x17, Buffer.from(`${digits.slice(2)}Z`)) : encode(0x18, Buffer.from(`${digits}Z`));
}

/** Those that X.509 uses; below 31 a tag fits into one octet (§8.1.2.2). */
type ContextTag = 0 | 1 | 2 | 3 | 7;

/** `[number] EXPLICIT`, §8.14.2: around the encoding. */
export function explicit(number: ContextTag, encoding: Uint8Array): Buffer {
  return encode(0xa0 | number, encoding);
}

/** `[number] IMPLICIT`, §8.14.3: in place of the encoding's tag, primitive or constructed as that was. */
export function implicit(number: ContextTag, encoding: Buffer): Buffer {
  const constructed = encoding.readUInt8(0) & 0x20;
  return Buffer.concat([Buffer.of(0x80 | constructed | number), encoding.subarray(1)]);
}

/** §10.1: the length in as few octets as it fits into. */
function encode(tag: number, contents: Uint8Array | readonly number[]): Buffer {
  const length = base(256, BigInt(contents.length));
  const lengthOctets = contents.length < 0x80 ? length : [0x80 | length.length, ...length];
  return Buffer.concat([Buffer.of(tag, ...lengthOctets), Buffer.from(contents)]);
}

/** §8.19.2: the first bit of an octet says whether more follow. */
function subidentifier(arc: bigint): number[] {
  const octets = base(128, arc);
  return octets.map((octet, at) => (at < octets.length - 1 ? 0x80 | octet : octet));
}

/** The digits of a number, most significant first. */
function base(radix: 128 | 256, value: bigint): number[] {
  const last = Number(value % BigInt(radix));
  const rest = value / BigInt(radix);
  return rest === 0n ? [last] : [...base(radix, rest), last];
}
