import { ASN1Obj } from '@sigstore/core';

/** As in the library's parser, which bounds its recursion by it. */
const MAX_DEPTH = 100;
const MAX_LENGTH_BYTES = 6;
const OCTET_STRING = 0x04;
const CONSTRUCTED = 0x20;

/** The library's class of tags, which it does not export. Parsing a tag for each byte would cost 5 ms of every start. */
const Tag = ASN1Obj.parseBuffer(Buffer.from([OCTET_STRING, 0])).tag.constructor as new (byte: number) => ASN1Obj['tag'];
/** The library's own tag objects, by the byte that encodes them; undefined where it refuses the byte. */
const TAGS: readonly (ASN1Obj['tag'] | undefined)[] = Array.from({ length: 0x100 }, (_, byte) =>
  isRefused(byte) ? undefined : new Tag(byte),
);

/** Numbers of several bytes, and the universal tag 0. Asked of the library, ten exceptions would cost 1.5 ms of every start. */
function isRefused(tag: number): boolean {
  return (tag & 0x1f) === 0x1f || (tag & ~CONSTRUCTED) === 0;
}

/**
 * A node of a DER tree that remembers the bytes it was parsed from, so that encoding it again is free. The library
 * re-encodes a certificate some ten times a verification. Cannot be altered: `thaw` makes a copy that can.
 */
export class DerNode extends ASN1Obj {
  readonly #der: Buffer;
  #oid: string | undefined;

  constructor(tag: ASN1Obj['tag'], value: Buffer, subs: ASN1Obj[], der: Buffer) {
    super(tag, value, subs);
    this.#der = der;
    Object.freeze(subs);
  }

  /** The very bytes; DER has one encoding only, and the parser takes no other. Not to be written to. */
  override toDER(): Buffer {
    return this.#der;
  }

  override toOID(): string {
    this.#oid ??= super.toOID();
    return this.#oid;
  }
}

/**
 * Parses DER into the tree that the library's own parser makes of it, an OCTET STRING that holds DER included, without
 * its one object a byte and without an exception a string that holds none. The bytes must not change afterwards.
 * @throws RangeError for bytes that the library's parser refuses
 */
export function parseDer(der: Buffer): DerNode {
  const root = parseNode(der, 0, der.length, 0);
  if (root === undefined || root.toDER().length !== der.length) throw new RangeError('not one element of DER');
  return root;
}

/** A node whose list of parts can be altered: encoding it encodes what the list holds then, as the library would. */
class ThawedNode extends ASN1Obj {
  override toDER(): Buffer {
    const parts = this.subs.length > 0 ? this.subs.map((part) => part.toDER()) : [this.value];
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    return Buffer.concat([Buffer.from([this.tag.toDER(), ...lengthBytes(length)]), ...parts]);
  }
}

/** DER's one encoding of a length (X.690 section 10.1). */
function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 0x100)) bytes.unshift(rest % 0x100);
  return [0x80 | bytes.length, ...bytes];
}

/** A copy whose list of parts can be altered. */
export function thaw(node: ASN1Obj, subs: readonly ASN1Obj[] = node.subs): ASN1Obj {
  return new ThawedNode(node.tag, node.value, [...subs]);
}

/** The element that starts at `start`; undefined where it is malformed or does not end by `end`. */
function parseNode(der: Buffer, start: number, end: number, depth: number): DerNode | undefined {
  const byte = der[start];
  const tag = byte === undefined || start >= end ? undefined : TAGS[byte];
  const content = readLength(der, start + 1, end);
  if (byte === undefined || tag === undefined || content === undefined || depth > MAX_DEPTH) return undefined;
  const subs = mayHaveParts(byte) ? parseParts(der, content.start, content.end, depth + 1) : [];
  if (subs === undefined && (byte & CONSTRUCTED) !== 0) return undefined;
  const value = der.subarray(content.start, content.end);
  return new DerNode(tag, value, subs ?? [], der.subarray(start, content.end));
}

function mayHaveParts(byte: number): boolean {
  return (byte & CONSTRUCTED) !== 0 || byte === OCTET_STRING;
}

function parseParts(der: Buffer, start: number, end: number, depth: number): DerNode[] | undefined {
  const parts: DerNode[] = [];
  for (let at = start; at < end;) {
    const part = parseNode(der, at, end, depth);
    if (part === undefined) return undefined;
    parts.push(part);
    at += part.toDER().length;
  }
  return parts;
}

/** Where the contents start and end: a length in its shortest form, of contents that end by `end`. */
function readLength(
  der: Buffer,
  at: number,
  end: number,
): { readonly start: number; readonly end: number } | undefined {
  const first = at < end ? der[at] : undefined;
  if (first === undefined) return undefined;
  const bytes = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 1 + bytes;
  if (start > end || bytes > MAX_LENGTH_BYTES || first === 0x80) return undefined;
  const length = bytes === 0 ? first : der.readUIntBE(at + 1, bytes);
  const isShortest = bytes === 0 || (length >= 0x80 && der[at + 1] !== 0);
  return isShortest && start + length <= end ? { start, end: start + length } : undefined;
}
