import { StrictJsonError } from './error.ts';
import { JsonTape } from './tape.ts';
import { JsonTokens } from './tokens.ts';

/** Deepest nesting. The trees of npm 6 take two levels for each node_modules; all other formats stay below ten. */
export const MAX_DEPTH: number = 64;
/** Most members of one object or array. */
export const MAX_MEMBERS: number = 1_000_000;
/** Most values in one text: real lockfiles have one in 40 to 50 bytes, and 64 MiB of them 1.6 million. */
export const MAX_VALUES: number = 2_000_000;

/** Keys that JavaScript objects give a meaning of their own; readers that copy entries into objects trip over them. */
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const PROTOTYPE_KEY_LENGTHS: ReadonlySet<number> = new Set([...PROTOTYPE_KEYS].map((key) => key.length));
/** Up to so many members an object's keys are compared with each other; beyond, they go into a set. */
const FEW = 16;

/** In what texts of different origin differ. */
export interface JsonRules {
  /** Allows comments and trailing commas, as bun.lock does. */
  readonly comments: boolean;
  /** Allows `__proto__`, `constructor` and `prototype` as keys. */
  readonly prototypeKeys: boolean;
}

/**
 * Strict JSON (RFC 8259): finds the values of a text. What `JSON.parse` accepts is accepted, save for what readers
 * are known to disagree about: duplicate keys (compared after unescaping), prototype keys unless the rules allow
 * them, halves of surrogate pairs (they have no UTF-8, hence no digest), and excess of depth or size.
 * @throws StrictJsonError
 */
export function scanJson(text: string, rules: JsonRules): JsonTape {
  return new Scanner(text, rules).document();
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

class Scanner {
  readonly #rules: JsonRules;
  readonly #tokens: JsonTokens;
  readonly #tape: JsonTape;
  #depth = 0;

  constructor(text: string, rules: JsonRules) {
    this.#rules = rules;
    this.#tokens = new JsonTokens(text, rules.comments);
    this.#tape = new JsonTape(text);
  }

  document(): JsonTape {
    const tokens = this.#tokens;
    tokens.skip();
    this.#value(-1, -1);
    tokens.skip();
    if (tokens.at < tokens.text.length) throw tokens.unexpected('the end of the text');
    return this.#tape;
  }

  #value(keyStart: number, keyEnd: number): void {
    if (this.#tape.length >= MAX_VALUES) throw this.#excess(`at most ${MAX_VALUES} values`);
    const value = this.#tape.open(keyStart, keyEnd, this.#tokens.at);
    const code = this.#tokens.peek();
    if (code === QUOTE) this.#string();
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.#nested(code);
    else if (code === MINUS || (code >= ZERO && code <= NINE)) this.#tokens.number();
    else this.#tokens.literal();
    this.#tape.close(value, this.#tokens.at);
  }

  #nested(open: number): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#excess(`at most ${MAX_DEPTH} levels`);
    this.#tokens.at += 1;
    if (open === OPEN_BRACE) this.#object();
    else this.#array();
    this.#tokens.at += 1;
    this.#depth -= 1;
  }

  #array(): void {
    for (let count = 0; this.#more(CLOSE_BRACKET, count); count += 1) this.#value(-1, -1);
  }

  #object(): void {
    const tokens = this.#tokens;
    const first = this.#tape.length;
    let keys: Set<string> | undefined;
    for (let count = 0; this.#more(CLOSE_BRACE, count); count += 1) {
      const start = tokens.at;
      if (tokens.peek() !== QUOTE) throw tokens.unexpected('a key');
      const escaped = this.#string();
      const end = tokens.at;
      if (escaped || PROTOTYPE_KEY_LENGTHS.has(end - start - 2)) this.#checkPrototype(start, end);
      if (escaped || count >= FEW) keys ??= this.#keysFrom(first);
      if (keys === undefined ? this.#isKeyAmong(first, start, end) : isIn(keys, this.#tape.string(start, end))) {
        throw this.#wrongKey('duplicate-key', start, end, 'every key once');
      }
      tokens.skip();
      if (tokens.peek() !== COLON) throw tokens.unexpected("':'");
      tokens.at += 1;
      tokens.skip();
      this.#value(start, end);
    }
  }

  /** Goes over a string; true if it holds escapes. */
  #string(): boolean {
    const start = this.#tokens.at;
    const meaning = this.#tokens.string();
    if (meaning !== undefined) this.#tape.escape(start, meaning);
    return meaning !== undefined;
  }

  /** Goes to the next member of an object or array, over the comma; false at its end. */
  #more(close: number, count: number): boolean {
    const tokens = this.#tokens;
    tokens.skip();
    if (tokens.peek() === close) return false;
    if (count === 0) return true;
    if (count >= MAX_MEMBERS) throw this.#excess(`at most ${MAX_MEMBERS} members`);
    if (tokens.peek() !== COMMA) throw tokens.unexpected(`',' or '${String.fromCharCode(close)}'`);
    tokens.at += 1;
    tokens.skip();
    if (tokens.peek() !== close) return true;
    if (this.#rules.comments) return false;
    throw tokens.unexpected('a member after the comma');
  }

  #checkPrototype(start: number, end: number): void {
    if (this.#rules.prototypeKeys || !PROTOTYPE_KEYS.has(this.#tape.string(start, end))) return;
    throw this.#wrongKey('prototype-key', start, end, 'no key with a meaning to JavaScript objects');
  }

  #keysFrom(first: number): Set<string> {
    const tape = this.#tape;
    const keys = new Set<string>();
    for (let member = first; member < tape.length; member = tape.next(member)) keys.add(tape.key(member));
    return keys;
  }

  /** Whether a member from `first` on has the key between the offsets; none of these keys holds an escape. */
  #isKeyAmong(first: number, start: number, end: number): boolean {
    const tape = this.#tape;
    const { text } = tape;
    for (let member = first; member < tape.length; member = tape.next(member)) {
      const other = tape.keyStart(member);
      if (tape.keyEnd(member) - other !== end - start) continue;
      if (text.charCodeAt(other + 1) !== text.charCodeAt(start + 1)) continue;
      if (text.slice(other, tape.keyEnd(member)) === text.slice(start, end)) return true;
    }
    return false;
  }

  #wrongKey(fault: 'duplicate-key' | 'prototype-key', start: number, end: number, expected: string): StrictJsonError {
    return new StrictJsonError(fault, start, expected, JSON.stringify(this.#tape.string(start, end)));
  }

  #excess(expected: string): StrictJsonError {
    return new StrictJsonError('excess', this.#tokens.at, expected, 'more');
  }
}

/** Whether a key was in the set, in which it is from now on. */
function isIn(keys: Set<string>, key: string): boolean {
  return keys.size === keys.add(key).size;
}
