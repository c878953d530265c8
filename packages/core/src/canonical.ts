import { canonicalize as canonicalizeJson } from 'json-canonicalize';

/** Plain JSON data; what RFC 8785 is defined for. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * RFC 8785 (JSON Canonicalization Scheme) text of plain JSON data.
 * Feed it validated data only: the library turns a Map into `{}` and keeps lone surrogates, so both are refused here.
 * @throws TypeError on a value that is not plain JSON
 */
export function canonicalize(value: Json): string {
  assertPlain(value);
  return canonicalizeJson(value);
}

function assertPlain(value: unknown): void {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('a lone surrogate has no canonical JSON');
    return;
  }
  if (value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return;
  if (Array.isArray(value)) return value.forEach(assertPlain);
  if (typeof value === 'object' && isPlainPrototype(value)) {
    for (const [key, member] of Object.entries(value)) {
      assertPlain(key);
      assertPlain(member);
    }
    return;
  }
  throw new TypeError(`${typeof value} has no canonical JSON`);
}

function isPlainPrototype(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
