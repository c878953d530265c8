import type { YamlLines } from './lines.ts';
import type { YamlValue } from './load.ts';

/** Thrown to give up: the text needs a YAML parser. */
class Irregular extends Error {}

/** Blocks within blocks; lockfiles have five. */
const MAX_DEPTH = 16;

/** Plain keys and values begin with none of YAML's indicators. */
const PLAIN_START = /^[A-Za-z0-9/._^~<=+$(]/;
/** Plain, whatever stands behind it: no blank, colon or '#'. */
const SIMPLE = /^[A-Za-z0-9/._^~<=+$(][^ :#]*$/;
const ASCII = /^[\n\x20-\x7e]*$/;
const PRINTABLE = /^[\n\x20-\x7e\u{a0}-\u{d7ff}\u{e000}-\u{fefe}\u{ff00}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;
const FLOW_PAIR = /([A-Za-z]+|'[A-Za-z0-9]+'): ('[^'\\]*'|[A-Za-z0-9/.^~<=+][^,'"{}[\]]*)(?:, (?=.)|$)/y;
const FLOW_ITEM = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * The mapping that a text in the narrow style of pnpm and Yarn means: blocks of plain or simply quoted keys and values,
 * flat flow collections, `|-` scalars. undefined for any text that holds anything else, well-formed or not: js-yaml
 * reads it then, and words the errors. It is here because it takes a fifth of js-yaml's time; what it accepts it must
 * read as js-yaml does, which a property test holds.
 */
export function loadRegular(text: string, lines: YamlLines): { readonly [key: string]: YamlValue } | undefined {
  if (!ASCII.test(text) && !PRINTABLE.test(text)) return undefined;
  const reader = new RegularReader(lines);
  try {
    return reader.document();
  } catch (thrown) {
    if (thrown instanceof Irregular) return undefined;
    throw thrown;
  }
}

class RegularReader {
  readonly #lines: YamlLines;
  #at = 0;

  constructor(lines: YamlLines) {
    this.#lines = lines;
  }

  document(): { readonly [key: string]: YamlValue } {
    if (this.#skip() !== 0) throw new Irregular();
    const mapping = this.#mapping(0, 1);
    if (this.#at < this.#lines.count) throw new Irregular();
    return mapping;
  }

  /** Moves over blank lines and comments; answers the indentation of the line found, or -1 at the end. */
  #skip(): number {
    for (; this.#at < this.#lines.count; this.#at += 1) {
      const indent = this.#lines.indent(this.#at);
      if (indent < 0 || (indent === 0 && this.#lines.content(this.#at).startsWith('#'))) continue;
      return indent;
    }
    return -1;
  }

  #mapping(indent: number, depth: number): { [key: string]: YamlValue } {
    if (depth > MAX_DEPTH) throw new Irregular();
    const mapping: { [key: string]: YamlValue } = {};
    for (let found = indent; found === indent; found = this.#skip()) {
      const content = this.#lines.content(this.#at);
      this.#at += 1;
      const end = keyEnd(content);
      const key = unquoted(content.slice(0, end));
      if (Object.hasOwn(mapping, key)) throw new Irregular();
      mapping[key] = this.#value(content.slice(end + 1), indent, depth);
    }
    if (this.#skip() > indent) throw new Irregular();
    return mapping;
  }

  /** @param text what stands behind the colon */
  #value(text: string, indent: number, depth: number): YamlValue {
    if (text === '') {
      const inner = this.#skip();
      if (inner <= indent) throw new Irregular();
      const isList = this.#lines.content(this.#at).startsWith('- ');
      return isList ? this.#sequence(inner) : this.#mapping(inner, depth + 1);
    }
    const value = text.slice(1);
    if (value === '|-') return this.#literal(indent);
    if (value.startsWith('{')) return flowMapping(value);
    if (value.startsWith('[')) return flowSequence(value);
    return unquoted(value);
  }

  #sequence(indent: number): string[] {
    const items: string[] = [];
    for (let found = indent; found === indent; found = this.#skip()) {
      const content = this.#lines.content(this.#at);
      if (!content.startsWith('- ')) throw new Irregular();
      this.#at += 1;
      items.push(unquoted(content.slice(2)));
    }
    if (this.#skip() > indent) throw new Irregular();
    return items;
  }

  /** A literal block scalar whose last line end is stripped. */
  #literal(indent: number): string {
    const inner = this.#lines.indent(this.#at);
    if (inner <= indent) throw new Irregular();
    const content: string[] = [];
    for (; this.#at < this.#lines.count; this.#at += 1) {
      const own = this.#lines.indent(this.#at);
      if (own >= 0 && own < inner) break;
      const text = this.#lines.content(this.#at);
      if (own < 0 && text !== '') throw new Irregular();
      content.push(own < 0 ? '' : ' '.repeat(own - inner) + text);
    }
    return ordinary(content.join('\n').replace(/\n+$/, ''));
  }
}

/** Where the colon behind the key stands; nothing, or a space, follows it. */
function keyEnd(content: string): number {
  const quote = content[0];
  const from = quote === "'" || quote === '"' ? content.indexOf(quote, 1) + 1 : 0;
  for (let colon = content.indexOf(':', from); colon >= 0; colon = content.indexOf(':', colon + 1)) {
    if (colon + 1 === content.length || content[colon + 1] === ' ') return colon;
    if (from > 0) break;
  }
  throw new Irregular();
}

/** A plain scalar, or a quoted one without escapes; in single quotes a quote is written twice. */
function unquoted(text: string): string {
  const scalar = text.startsWith("'") || text.startsWith('"') ? withoutQuotes(text) : plain(text);
  return ordinary(scalar);
}

/** Scalars that are refused wherever they stand, however they are written: js-yaml's reader says why. */
function ordinary(scalar: string): string {
  if (scalar === '<<' || scalar === '__proto__') throw new Irregular();
  return scalar;
}

function withoutQuotes(text: string): string {
  const quote = text[0] ?? '';
  const inner = text.slice(1, -1);
  if (text.length < 2 || !text.endsWith(quote)) throw new Irregular();
  if (!inner.includes(quote) && (quote === "'" || !inner.includes('\\'))) return inner;
  if (quote === '"' || inner.replaceAll("''", '').includes("'")) throw new Irregular();
  return inner.replaceAll("''", "'");
}

function plain(text: string): string {
  if (SIMPLE.test(text)) return text;
  const isPlain = PLAIN_START.test(text) && !text.includes(': ') && !text.includes(' #');
  if (!isPlain || text.endsWith(':') || text.endsWith(' ')) throw new Irregular();
  return text;
}

function flowMapping(text: string): { [key: string]: YamlValue } {
  const mapping: { [key: string]: YamlValue } = {};
  if (text === '{}') return mapping;
  if (!text.endsWith('}')) throw new Irregular();
  const inner = text.slice(1, -1);
  FLOW_PAIR.lastIndex = 0;
  while (FLOW_PAIR.lastIndex < inner.length) {
    const [, name, value] = FLOW_PAIR.exec(inner) ?? [];
    if (name === undefined || value === undefined) throw new Irregular();
    const key = unquoted(name);
    if (Object.hasOwn(mapping, key)) throw new Irregular();
    mapping[key] = unquoted(value);
  }
  return mapping;
}

function flowSequence(text: string): string[] {
  if (text === '[]') return [];
  const items = text.slice(1, -1).split(', ');
  if (!text.endsWith(']') || !items.every((item) => FLOW_ITEM.test(item))) throw new Irregular();
  return items;
}
