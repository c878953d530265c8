import type { Position } from '@lockseal/core';

/** The line before the first: its children are the top-level keys. */
export const ROOT_LINE = -1;

const LF = 0x0a;
const CR = 0x0d;

/** A blank line, which belongs to no block. */
const BLANK = -1;

/**
 * Where the keys of a block-style YAML text stand. js-yaml reports no positions for what it accepts, so they are found
 * again from the indentation. They serve messages only: keys written in a way that no package manager writes (flow
 * mappings, escapes) have none.
 */
export class YamlLines {
  readonly #text: string;
  readonly #linesBefore: number;
  readonly #starts: number[] = [];
  readonly #indents: number[] = [];

  /** @param linesBefore how many lines of the file stand before `text` */
  constructor(text: string, linesBefore: number) {
    this.#text = text;
    this.#linesBefore = linesBefore;
    for (let start = 0; start < text.length;) {
      const newline = text.indexOf('\n', start);
      const end = newline < 0 ? text.length : newline;
      let at = start;
      while (text.charCodeAt(at) === 0x20) at += 1;
      this.#starts.push(start);
      this.#indents.push(at >= end || text[at] === '\r' ? BLANK : at - start);
      start = end + 1;
    }
  }

  get count(): number {
    return this.#starts.length;
  }

  /** The keys directly below the key on `line` -> their lines; the first of each. Empty for an unknown line. */
  children(line: number | undefined): ReadonlyMap<string, number> {
    const found = new Map<string, number>();
    if (line === undefined) return found;
    const outer = line === ROOT_LINE ? BLANK : (this.#indents[line] ?? BLANK);
    let own = BLANK;
    for (let at = line + 1; at < this.#indents.length; at += 1) {
      const indent = this.#indents[at] ?? BLANK;
      if (indent === BLANK) continue;
      if (indent <= outer) break;
      if (own === BLANK) own = indent;
      if (indent !== own) continue;
      const key = this.#key(at);
      if (key !== undefined && !found.has(key)) found.set(key, at);
    }
    return found;
  }

  /** The next line that begins a key beside the one on `line`; undefined at the end of the block. */
  next(line: number): number | undefined {
    const own = this.#indents[line] ?? BLANK;
    for (let at = line + 1; at < this.#indents.length; at += 1) {
      const indent = this.#indents[at] ?? BLANK;
      if (indent === BLANK || indent > own) continue;
      return indent === own ? at : undefined;
    }
    return undefined;
  }

  /** The first line below the key on `line`; undefined where the key has no block. */
  first(line: number): number | undefined {
    const outer = line === ROOT_LINE ? BLANK : (this.#indents[line] ?? BLANK);
    for (let at = line + 1; at < this.#indents.length; at += 1) {
      const indent = this.#indents[at] ?? BLANK;
      if (indent !== BLANK) return indent > outer ? at : undefined;
    }
    return undefined;
  }

  /** Whether the line begins with this key, plain or quoted. */
  startsWith(line: number, key: string): boolean {
    const start = (this.#starts[line] ?? 0) + (this.#indents[line] ?? 0);
    const code = this.#text.charCodeAt(start);
    const quote = code === 0x27 || code === 0x22 ? 1 : 0;
    const end = start + quote + key.length;
    if (!this.#text.startsWith(key, start + quote)) return false;
    return this.#text.charCodeAt(end + quote) === 0x3a && (quote === 0 || this.#text.charCodeAt(end) === code);
  }

  /** Indentation of a line in spaces; -1 for a blank one. */
  indent(line: number): number {
    return this.#indents[line] ?? BLANK;
  }

  /** The line without its indentation and line end. */
  content(line: number): string {
    const start = (this.#starts[line] ?? 0) + Math.max(this.#indents[line] ?? 0, 0);
    const next = this.#starts[line + 1];
    const end = next === undefined ? this.#text.length : next - 1;
    const content = this.#text.slice(start, end);
    const last = content.charCodeAt(content.length - 1);
    return last === LF || last === CR ? content.trimEnd() : content;
  }

  position(line: number | undefined): Position | undefined {
    if (line === undefined || line < 0) return undefined;
    return { line: line + 1 + this.#linesBefore, column: (this.#indents[line] ?? 0) + 1 };
  }

  #key(line: number): string | undefined {
    const content = this.content(line);
    // After `? ` the whole line is the key; with a colon behind it, it reads as any other.
    return content.startsWith('? ') ? keyOf(`${content.slice(2)}:`) : keyOf(content);
  }
}

/** The key that a line of block-style YAML starts with; undefined where there is none, or an escaped one. */
export function keyOf(content: string): string | undefined {
  const quote = content[0];
  if (quote === '"' || quote === "'") {
    const end = content.indexOf(quote, 1);
    const key = content.slice(1, end);
    return end < 0 || key.includes('\\') || content[end + 1] !== ':' ? undefined : key;
  }
  for (let colon = content.indexOf(':'); colon >= 0; colon = content.indexOf(':', colon + 1)) {
    const next = content[colon + 1];
    if (next === undefined || next === ' ') return content.slice(0, colon);
  }
  return undefined;
}
