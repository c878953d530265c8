import type { LocksealError } from '@lockseal/core';
import type { LockfileText } from '../text.ts';
import { duplicateKeyError, excessError, prototypeKeyError, syntaxError } from './errors.ts';
import { JsonObject, type JsonValue } from './value.ts';

/** Deepest nesting. The trees of npm 6 take two levels for each node_modules; all other formats stay below ten. */
export const MAX_DEPTH: number = 64;
/** Most members of one object or array. */
export const MAX_MEMBERS: number = 1_000_000;
/** Most values in one file: real lockfiles have one in 40 to 50 bytes, and 64 MiB of them 1.6 million. */
export const MAX_VALUES: number = 2_000_000;

/** Keys that JavaScript objects give a meaning of their own; readers that copy entries into objects trip over them. */
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** `jsonc` allows comments and trailing commas, as bun.lock does; everything else is the same. */
export type JsonDialect = 'json' | 'jsonc';

/**
 * Strict JSON (RFC 8259). What `JSON.parse` accepts is accepted with the same values, save for what lockfile readers
 * are known to disagree about: duplicate keys (compared after unescaping), prototype keys, halves of surrogate pairs
 * (they have no UTF-8, hence no digest), and excess of depth or size.
 * @throws LocksealError ERR_LOCKFILE_SYNTAX, ERR_LOCKFILE_DUPLICATE_KEY, ERR_LOCKFILE_PROTOTYPE_KEY or
 *   ERR_LOCKFILE_TOO_LARGE, with the position
 */
export function parseJson(source: LockfileText, dialect: JsonDialect): JsonValue {
  return new Parser(source, dialect).document();
}

const SPACE = 0x20;
const QUOTE = 0x22;
const ASTERISK = 0x2a;
const COMMA = 0x2c;
const MINUS = 0x2d;
const SLASH = 0x2f;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const LITERALS: readonly (readonly [text: string, value: boolean | null])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

class Parser {
  readonly #source: LockfileText;
  readonly #text: string;
  readonly #lenient: boolean;
  readonly #plainRun = /[ !#-[\]-\uffff]*/y;
  readonly #numberToken = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
  readonly #escapeToken = /\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/y;
  readonly #blankRun = /[ \t\r\n]+/y;
  #at = 0;
  #depth = 0;
  #values = 0;

  constructor(source: LockfileText, dialect: JsonDialect) {
    this.#source = source;
    this.#text = source.text;
    this.#lenient = dialect === 'jsonc';
  }

  document(): JsonValue {
    this.#skip();
    const value = this.#value();
    this.#skip();
    if (this.#at < this.#text.length) throw this.#unexpected('the end of the file');
    return value;
  }

  #value(): JsonValue {
    this.#values += 1;
    if (this.#values > MAX_VALUES) throw this.#excess(`at most ${MAX_VALUES} values`);
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE) return this.#string();
    if (code === OPEN_BRACE) return this.#nested(() => this.#object());
    if (code === OPEN_BRACKET) return this.#nested(() => this.#array());
    if (code === MINUS || (code >= ZERO && code <= NINE)) return this.#number();
    return this.#literal();
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#excess(`at most ${MAX_DEPTH} levels`);
    this.#at += 1;
    const value = read();
    this.#at += 1;
    this.#depth -= 1;
    return value;
  }

  #object(): JsonObject {
    const members = new Map<string, JsonValue>();
    const offsets: number[] = [];
    while (this.#more(CLOSE_BRACE, offsets.length)) {
      const offset = this.#at;
      if (this.#text.charCodeAt(offset) !== QUOTE) throw this.#unexpected('a key');
      const key = this.#string();
      if (PROTOTYPE_KEYS.has(key)) throw prototypeKeyError(this.#source, offset, key);
      this.#skip();
      if (this.#text.charCodeAt(this.#at) !== COLON) throw this.#unexpected("':'");
      this.#at += 1;
      this.#skip();
      members.set(key, this.#value());
      offsets.push(offset);
      if (members.size < offsets.length) throw duplicateKeyError(this.#source, offset, key);
    }
    return new JsonObject(members, offsets);
  }

  #array(): JsonValue[] {
    const items: JsonValue[] = [];
    while (this.#more(CLOSE_BRACKET, items.length)) items.push(this.#value());
    return items;
  }

  /** Goes to the next member of an object or array, over the comma; false at its end. */
  #more(close: number, count: number): boolean {
    this.#skip();
    if (this.#text.charCodeAt(this.#at) === close) return false;
    if (count === 0) return true;
    if (count >= MAX_MEMBERS) throw this.#excess(`at most ${MAX_MEMBERS} members`);
    if (this.#text.charCodeAt(this.#at) !== COMMA) throw this.#unexpected(`',' or '${String.fromCharCode(close)}'`);
    this.#at += 1;
    this.#skip();
    if (this.#text.charCodeAt(this.#at) !== close) return true;
    if (this.#lenient) return false;
    throw this.#unexpected('a member after the comma');
  }

  #string(): string {
    const start = this.#at + 1;
    this.#plainRun.lastIndex = start;
    this.#plainRun.test(this.#text);
    const end = this.#plainRun.lastIndex;
    const code = this.#text.charCodeAt(end);
    this.#at = end + 1;
    if (code === QUOTE) return this.#text.slice(start, end);
    if (code === BACKSLASH) return this.#escapedString(start, end);
    this.#at = end;
    throw this.#unexpected('the end of the string');
  }

  /** The end of the string is found by its grammar; the escapes are then left to JSON.parse. */
  #escapedString(start: number, firstEscape: number): string {
    this.#at = firstEscape;
    while (this.#text.charCodeAt(this.#at) === BACKSLASH) {
      this.#escapeToken.lastIndex = this.#at;
      if (!this.#escapeToken.test(this.#text)) throw this.#unexpected('an escape sequence');
      this.#plainRun.lastIndex = this.#escapeToken.lastIndex;
      this.#plainRun.test(this.#text);
      this.#at = this.#plainRun.lastIndex;
    }
    if (this.#text.charCodeAt(this.#at) !== QUOTE) throw this.#unexpected('the end of the string');
    this.#at += 1;
    const value: unknown = JSON.parse(this.#text.slice(start - 1, this.#at));
    if (typeof value === 'string' && value.isWellFormed()) return value;
    this.#at = firstEscape;
    throw this.#unexpected('no half of a surrogate pair');
  }

  #number(): number {
    this.#numberToken.lastIndex = this.#at;
    const match = this.#numberToken.exec(this.#text);
    if (match === null) throw this.#unexpected('a number');
    this.#at = this.#numberToken.lastIndex;
    return Number(match[0]);
  }

  #literal(): boolean | null {
    for (const [text, value] of LITERALS) {
      if (!this.#text.startsWith(text, this.#at)) continue;
      this.#at += text.length;
      return value;
    }
    throw this.#unexpected('a value');
  }

  /** White space, and comments where the dialect has them. */
  #skip(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === SLASH && this.#lenient) this.#comment();
      else if (code <= SPACE && this.#isBlank()) this.#at = this.#blankRun.lastIndex;
      else return;
    }
  }

  #isBlank(): boolean {
    this.#blankRun.lastIndex = this.#at;
    return this.#blankRun.test(this.#text);
  }

  #comment(): void {
    const kind = this.#text.charCodeAt(this.#at + 1);
    if (kind === SLASH) this.#lineComment();
    else if (kind === ASTERISK) this.#blockComment();
    else throw this.#unexpected('a comment');
  }

  #blockComment(): void {
    const end = this.#text.indexOf('*/', this.#at + 2);
    if (end < 0) throw this.#unexpected('the end of the comment');
    this.#at = end + 2;
  }

  /** To JavaScript a lone CR, U+2028 and U+2029 end a line too: what follows them would be hidden from one reader. */
  #lineComment(): void {
    const lf = this.#text.indexOf('\n', this.#at);
    const end = lf < 0 ? this.#text.length : lf;
    const odd = this.#text.slice(this.#at, end).search(/\r(?!$)|[\u2028\u2029]/);
    if (odd >= 0) {
      this.#at += odd;
      throw this.#unexpected('LF or CR LF at the end of the comment');
    }
    this.#at = end;
  }

  #unexpected(expected: string): LocksealError {
    return syntaxError(this.#source, this.#at, expected);
  }

  #excess(expected: string): LocksealError {
    return excessError(this.#source, this.#at, expected);
  }
}
