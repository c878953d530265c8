/** What a pattern is made of. Characters are code points, as with JavaScript's flag `u`. */
export type PatternNode =
  | { readonly kind: 'characters'; readonly isNegated: boolean; readonly ranges: readonly Range[] }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'either'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly node: PatternNode; readonly min: number; readonly max: number };

/** First and last code point. */
type Range = readonly [number, number];

/** The text is none of the patterns that are matched in bounded time. `message` is a clause. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

const MAX_LENGTH = 1024;
const MAX_DEPTH = 32;
const MAX_COUNT = 1000;

const DIGIT: readonly Range[] = [[0x30, 0x39]];
const WORD: readonly Range[] = [...DIGIT, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
/** WhiteSpace and LineTerminator of ECMA-262. */
const SPACE: readonly Range[] = (
  [
    [0x09, 0x0d],
    [0x20, 0x20],
    [0xa0, 0xa0],
    [0x1680, 0x1680],
    [0x2000, 0x200a],
    [0x2028, 0x2029],
    [0x202f, 0x202f],
    [0x205f, 0x205f],
    [0x3000, 0x3000],
    [0xfeff, 0xfeff],
  ] as const
).map(([first, last]) => [first, last]);
const LINE_BREAK: readonly Range[] = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const CLASSES: ReadonlyMap<string, readonly Range[]> = new Map([
  ['d', DIGIT],
  ['w', WORD],
  ['s', SPACE],
]);
const SYNTAX = '^$\\.*+?()[]{}|/';
const LAST = 0x10ffff;

/**
 * Reads the part of JavaScript's regular expressions (flag `u`) that can be matched in time linear in the text: characters,
 * `.`, classes, `\d` `\w` `\s` and their opposites, groups, alternatives, `^`, `$`, and repetition. Look-around, back
 * references, names, `\b`, `\p` and code point escapes are refused.
 * @throws PatternError
 */
export function parsePattern(text: string): PatternNode {
  if (text.length > MAX_LENGTH) throw new PatternError(`is longer than ${MAX_LENGTH} characters`);
  return new Parser(text).parse();
}

class Parser {
  readonly #characters: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#characters = Array.from(text);
  }

  parse(): PatternNode {
    const node = this.#either();
    if (this.#peek() !== undefined) this.#fail(`has a ${this.#peek()} that nothing opens`);
    return node;
  }

  #either(): PatternNode {
    const nodes = [this.#sequence()];
    while (this.#take('|')) nodes.push(this.#sequence());
    return { kind: 'either', nodes };
  }

  #sequence(): PatternNode {
    const nodes: PatternNode[] = [];
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      nodes.push(this.#term());
    }
    return { kind: 'sequence', nodes };
  }

  #term(): PatternNode {
    if (this.#take('^')) return { kind: 'start' };
    if (this.#take('$')) return { kind: 'end' };
    const node = this.#atom();
    const count = this.#count();
    // Lazy or greedy: whether the whole matches is the same.
    if (count !== undefined) this.#take('?');
    return count === undefined ? node : { kind: 'repeat', node, ...count };
  }

  #atom(): PatternNode {
    if (this.#take('(')) return this.#group();
    if (this.#take('[')) return this.#class();
    if (this.#take('.')) return { kind: 'characters', isNegated: true, ranges: LINE_BREAK };
    if (this.#take('\\')) return { kind: 'characters', isNegated: false, ranges: this.#escape(SYNTAX) };
    const next = this.#next();
    if (SYNTAX.includes(next) && next !== '/') this.#fail(`has a ${next} with nothing before it`);
    return { kind: 'characters', isNegated: false, ranges: [single(next)] };
  }

  #group(): PatternNode {
    if (this.#take('?') && !this.#take(':')) this.#fail('has look-around or a named group, which has no bound in time');
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.#fail(`has groups deeper than ${MAX_DEPTH}`);
    const node = this.#either();
    if (!this.#take(')')) this.#fail('has a group that nothing closes');
    this.#depth -= 1;
    return node;
  }

  #class(): PatternNode {
    const isNegated = this.#take('^');
    const ranges: Range[] = [];
    while (!this.#take(']')) {
      const first = this.#member();
      const isRange = this.#peek() === '-' && this.#peek(1) !== ']' && this.#peek(1) !== undefined;
      if (!isRange) {
        ranges.push(...first);
        continue;
      }
      this.#next();
      const [from, ...more] = [...first, ...this.#member()];
      const [to] = more;
      if (
        from === undefined ||
        to === undefined ||
        more.length > 1 ||
        !isSingle(from) ||
        !isSingle(to) ||
        from[0] > to[0]
      )
        this.#fail('has a range that is none');
      ranges.push([from[0], to[1]]);
    }
    return { kind: 'characters', isNegated, ranges };
  }

  #member(): readonly Range[] {
    return this.#take('\\') ? this.#escape(`${SYNTAX}-`) : [single(this.#next())];
  }

  /** What follows a backslash. */
  #escape(literal: string): readonly Range[] {
    const next = this.#next();
    const known = CLASSES.get(next.toLowerCase());
    if (known !== undefined) return next === next.toLowerCase() ? known : opposite(known);
    if (!literal.includes(next)) this.#fail(`has \\${next}, which is not supported`);
    return [single(next)];
  }

  #count(): { readonly min: number; readonly max: number } | undefined {
    if (this.#take('*')) return { min: 0, max: Infinity };
    if (this.#take('+')) return { min: 1, max: Infinity };
    if (this.#take('?')) return { min: 0, max: 1 };
    if (!this.#take('{')) return undefined;
    const min = this.#number();
    const hasComma = this.#take(',');
    const max = hasComma ? (this.#peek() === '}' ? Infinity : this.#number()) : min;
    if (!this.#take('}') || min > max) this.#fail('has a repetition that is none');
    return { min, max };
  }

  #number(): number {
    let digits = '';
    for (
      let next = this.#peek();
      next !== undefined && /^[0-9]$/.test(next) && digits.length < 5;
      next = this.#peek()
    ) {
      digits += this.#next();
    }
    if (digits === '') this.#fail('has a repetition that is none');
    if (Number(digits) > MAX_COUNT) this.#fail(`repeats more than ${MAX_COUNT} times`);
    return Number(digits);
  }

  #peek(ahead = 0): string | undefined {
    return this.#characters[this.#at + ahead];
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    return true;
  }

  #next(): string {
    const next = this.#peek();
    if (next === undefined) this.#fail('ends too early');
    this.#at += 1;
    return next;
  }

  #fail(problem: string): never {
    throw new PatternError(`${problem} (character ${Math.min(this.#at, this.#characters.length) + 1})`);
  }
}

function single(character: string): Range {
  const point = character.codePointAt(0) ?? 0;
  return [point, point];
}

function isSingle([first, last]: Range): boolean {
  return first === last;
}

/** @param ranges ascending and apart */
function opposite(ranges: readonly Range[]): readonly Range[] {
  const starts = [0, ...ranges.map(([, last]) => last + 1)];
  const ends = [...ranges.map(([first]) => first - 1), LAST];
  return starts.map((start, index): Range => [start, ends[index] ?? LAST]);
}
