import { canonicalize, parseStrictJson, type Json } from '@lockseal/core';

/** Text within base64 within text… deeper than that is left as it is: each level could swell by a third. */
const MAX_LEVELS = 4;
/** Shorter strings are cheaper as they are. */
const MIN_LENGTH = 16;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * A Sigstore bundle holds the same certificate and names two or three times, each time in base64 of another phase, in
 * which no compressor finds them again. So base64 of UTF-8 text is written as `{"base64": text}`, and where that text
 * is canonical JSON, as `{"base64": {"json": value}}`; both may nest.
 * @returns undefined where the value has members that would be mistaken for these
 */
export function unwrap(value: Json): Json | undefined {
  const unwrapped = unwrapValue(value, 0);
  try {
    return canonicalize(rewrap(unwrapped)) === canonicalize(value) ? unwrapped : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function unwrapValue(value: Json, level: number): Json {
  if (typeof value === 'string') return unwrapString(value, level);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((item) => unwrapValue(item, level));
  return mapMembers(value, (member) => unwrapValue(member, level));
}

function unwrapString(text: string, level: number): Json {
  const inner = level < MAX_LEVELS ? textInBase64(text) : undefined;
  return inner === undefined ? text : { base64: unwrapText(inner, level + 1) };
}

function unwrapText(text: string, level: number): Json {
  const value = canonicalValue(text);
  return value === undefined ? unwrapString(text, level) : { json: unwrapValue(value, level) };
}

/** The text that a string is the base64 of, if there is exactly one way back. */
function textInBase64(text: string): string | undefined {
  if (text.length < MIN_LENGTH || text.length % 4 !== 0 || !BASE64.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  const inner = bytes.toString('utf8');
  return Buffer.from(inner).equals(bytes) && bytes.toString('base64') === text ? inner : undefined;
}

function canonicalValue(text: string): Json | undefined {
  if (!text.startsWith('{') && !text.startsWith('[')) return undefined;
  try {
    const value = parseStrictJson(Buffer.from(text)) as Json;
    return canonicalize(value) === text ? value : undefined;
  } catch {
    // Not JSON, or none that has a canonical form: then it is plain text.
    return undefined;
  }
}

/** The way back. @throws RangeError where base64 nests deeper than `unwrap` writes it */
export function rewrap(value: Json): Json {
  return rewrapValue(value, 0);
}

function rewrapValue(value: Json, level: number): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((item) => rewrapValue(item, level));
  const inner = onlyMember(value, 'base64');
  if (inner === undefined) return mapMembers(value, (member) => rewrapValue(member, level));
  if (level >= MAX_LEVELS) throw new RangeError(`base64 is nested more than ${MAX_LEVELS} levels deep`);
  return Buffer.from(rewrapText(inner, level + 1)).toString('base64');
}

function rewrapText(value: Json, level: number): string {
  const json = onlyMember(value, 'json');
  if (json !== undefined) return canonicalize(rewrapValue(json, level));
  const text = rewrapValue(value, level);
  if (typeof text !== 'string') throw new RangeError('base64 holds neither text nor json');
  return text;
}

function onlyMember(value: Json, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || isList(value)) return undefined;
  const [member, ...more] = Object.entries(value);
  return more.length === 0 && member?.[0] === name ? member[1] : undefined;
}

/** Members are defined one by one, since a key may be `__proto__`. */
function mapMembers(value: { readonly [key: string]: Json }, change: (member: Json) => Json): Json {
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, change(member)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
