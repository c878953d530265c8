import { StrictJsonError } from './error.ts';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const ASTERISK = 0x2a;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;

const LITERALS: readonly string[] = ['true', 'false', 'null'];

/** Goes through a text token by token; `at` is the offset of the next one. */
export class JsonTokens {
  readonly text: string;
  at = 0;
  readonly #comments: boolean;
  readonly #numberToken = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
  /** A string without escapes. */
  readonly #plainToken = /"[ !#-[\]-\uffff]*"/y;
  readonly #escapeToken = /\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/y;

  /** @param comments whether `skip` goes over comments too */
  constructor(text: string, comments: boolean) {
    this.text = text;
    this.#comments = comments;
  }

  /** The next character as a UTF-16 code unit; NaN at the end. */
  peek(): number {
    return this.text.charCodeAt(this.at);
  }

  /** Goes over a string, and returns what it means if it holds escapes. */
  string(): string | undefined {
    const start = this.at;
    this.#plainToken.lastIndex = start;
    if (this.#plainToken.test(this.text)) {
      this.at = this.#plainToken.lastIndex;
      return undefined;
    }
    const end = plainEnd(this.text, start + 1);
    this.at = end;
    if (this.peek() !== BACKSLASH) throw this.unexpected('the end of the string');
    this.#escapes();
    const meaning: unknown = JSON.parse(this.text.slice(start, this.at));
    if (typeof meaning === 'string' && meaning.isWellFormed()) return meaning;
    throw this.unexpected('no half of a surrogate pair', end);
  }

  /** From the first escape of a string to behind its end. What the escapes mean is then left to JSON.parse. */
  #escapes(): void {
    while (this.peek() === BACKSLASH) {
      this.#escapeToken.lastIndex = this.at;
      if (!this.#escapeToken.test(this.text)) throw this.unexpected('an escape sequence');
      this.at = plainEnd(this.text, this.#escapeToken.lastIndex);
    }
    if (this.peek() !== QUOTE) throw this.unexpected('the end of the string');
    this.at += 1;
  }

  number(): void {
    this.#numberToken.lastIndex = this.at;
    if (!this.#numberToken.test(this.text)) throw this.unexpected('a number');
    this.at = this.#numberToken.lastIndex;
  }

  literal(): void {
    const literal = LITERALS.find((text) => this.text.startsWith(text, this.at));
    if (literal === undefined) throw this.unexpected('a value');
    this.at += literal.length;
  }

  /** White space, and comments where they are allowed. */
  skip(): void {
    if (this.at >= this.text.length) return;
    if (this.peek() <= SPACE) this.at = blankEnd(this.text, this.at);
    while (this.#comments && this.peek() === SLASH) {
      this.#comment();
      this.at = blankEnd(this.text, this.at);
    }
  }

  #comment(): void {
    const kind = this.text.charCodeAt(this.at + 1);
    if (kind === SLASH) this.#lineComment();
    else if (kind === ASTERISK) this.#blockComment();
    else throw this.unexpected('a comment');
  }

  #blockComment(): void {
    const end = this.text.indexOf('*/', this.at + 2);
    if (end < 0) throw this.unexpected('the end of the comment');
    this.at = end + 2;
  }

  /** To JavaScript a lone CR, U+2028 and U+2029 end a line too: what follows them would be hidden from one reader. */
  #lineComment(): void {
    const end = orLength(this.text.indexOf('\n', this.at), this.text);
    const odd = this.text.slice(this.at, end).search(/\r(?!$)|[\u2028\u2029]/);
    if (odd >= 0) throw this.unexpected('LF or CR LF at the end of the comment', this.at + odd);
    this.at = end;
  }

  unexpected(expected: string, offset: number = this.at): StrictJsonError {
    const code = this.text.codePointAt(offset);
    const found = code === undefined ? 'the end of the text' : JSON.stringify(String.fromCodePoint(code));
    return new StrictJsonError('syntax', offset, expected, found);
  }
}

/** What `indexOf` found, or the end of the text. */
function orLength(offset: number, text: string): number {
  return offset < 0 ? text.length : offset;
}

/** Offset of the first character from `at` on that does not stand for itself in a string; the length if none. */
function plainEnd(text: string, at: number): number {
  for (let end = at; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code < SPACE || code === QUOTE || code === BACKSLASH) return end;
  }
  return text.length;
}

/** Offset of the first character from `at` on that is no white space; the length if there is none. */
function blankEnd(text: string, at: number): number {
  for (let end = at; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code !== SPACE && code !== LF && code !== CR && code !== TAB) return end;
  }
  return text.length;
}
