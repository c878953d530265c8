import { isAlias, isMap, isScalar, isSeq, type LineCounter, type Pair } from 'yaml';
import type { Position } from '@lockseal/core';
import type { Problem, ProblemCode } from './problem.ts';
import { didYouMean } from './suggest.ts';

const MAX_ITEMS = 10_000;
const MAX_TEXT = 4096;
const MAX_DEPTH = 32;

/** One file being read: mistakes are collected, so that all of them are told in one run. */
export interface Reading {
  readonly file: string;
  readonly lines: LineCounter;
  readonly problems: Problem[];
}

export interface Member {
  readonly key: string;
  /** The place of the key; its value is where the member's value begins. */
  readonly keyNode: PolicyNode;
  readonly node: PolicyNode;
}

/** A value, and the key under which it stands; undefined for elements of lists. */
export interface Located {
  readonly node: PolicyNode;
  readonly member: Member | undefined;
}

/**
 * A cursor into a policy file that knows the line and column of what it stands on. Nothing throws: what is wrong is
 * reported to the reading, and undefined comes back.
 */
export class PolicyNode {
  readonly #yaml: unknown;
  readonly #reading: Reading;
  readonly #offset: number;
  /** `rules.release-age.minAge`, for messages. */
  readonly path: string;

  constructor(yaml: unknown, reading: Reading, path = '', offset = 0) {
    this.#yaml = yaml;
    this.#reading = reading;
    this.path = path;
    this.#offset = offsetOf(yaml) ?? offset;
  }

  get file(): string {
    return this.#reading.file;
  }

  get position(): Position {
    const { line, col } = this.#reading.lines.linePos(this.#offset);
    return { line, column: col };
  }

  get isNull(): boolean {
    return this.#yaml === null || this.#yaml === undefined || (isScalar(this.#yaml) && this.#yaml.value === null);
  }

  get isText(): boolean {
    return isScalar(this.#yaml) && typeof this.#yaml.value === 'string';
  }

  get isMap(): boolean {
    return isMap(this.#yaml);
  }

  report(code: ProblemCode, message: string, hint?: string): undefined {
    const where = this.path === '' ? 'the file' : `\`${this.path}\``;
    const { file, problems } = this.#reading;
    problems.push({ code, file, position: this.position, message: `${where} ${message}`, hint });
    return undefined;
  }

  /** Key and value, in the order of the file. */
  members(): readonly Member[] {
    if (this.isNull) return [];
    if (!isMap(this.#yaml)) {
      this.report('wrong-type', 'must be a table of keys', 'Write `key: value`, one a line.');
      return [];
    }
    return this.#yaml.items.slice(0, MAX_ITEMS).flatMap((pair) => this.#member(pair));
  }

  #member({ key, value }: Pair): Member[] {
    const keyNode = new PolicyNode(key, this.#reading, this.path, this.#offset);
    if (!isScalar(key) || typeof key.value !== 'string') {
      keyNode.report('wrong-type', 'has a key that is no text', 'Put the key in quotes.');
      return [];
    }
    const path = this.path === '' ? key.value : `${this.path}.${key.value}`;
    const at = offsetOf(key) ?? this.#offset;
    const named = new PolicyNode(key, this.#reading, path, at);
    return [{ key: key.value, keyNode: named, node: new PolicyNode(value, this.#reading, path, at) }];
  }

  /**
   * What stands at a path, for a reader that knows paths and no places; where nothing does, the innermost value around it.
   * @param path as `path` of the values below this one
   */
  locate(path: string): Located {
    const inside = this.#children().filter(({ node }) => path === node.path || isBelow(path, node.path));
    // A key may hold the characters that paths are made of.
    const [next] = inside.toSorted((a, b) => b.node.path.length - a.node.path.length);
    if (next === undefined) return { node: this, member: undefined };
    return next.node.path === path ? next : next.node.locate(path);
  }

  #children(): readonly Located[] {
    if (isSeq(this.#yaml)) return this.list().map((node) => ({ node, member: undefined }));
    if (!isMap(this.#yaml)) return [];
    const named = this.#yaml.items.filter(({ key }) => isScalar(key) && typeof key.value === 'string');
    return named.flatMap((pair) => this.#member(pair).map((member) => ({ node: member.node, member })));
  }

  /** The members by key; those that nothing reads are reported. */
  known(...keys: readonly string[]): ReadonlyMap<string, PolicyNode> {
    const found = new Map<string, PolicyNode>();
    for (const { key, keyNode, node } of this.members()) {
      if (keys.includes(key)) found.set(key, node);
      else keyNode.report('unknown-key', 'is not a key that anything reads', didYouMean(key, keys));
    }
    return found;
  }

  list(): readonly PolicyNode[] {
    if (this.isNull) return [];
    if (!isSeq(this.#yaml)) {
      this.report('wrong-type', 'must be a list', 'Write each element on a line of its own, after `- `.');
      return [];
    }
    const { items } = this.#yaml;
    return items
      .slice(0, MAX_ITEMS)
      .map((item, index) => new PolicyNode(item, this.#reading, `${this.path}[${index}]`, this.#offset));
  }

  /** A list of texts, or one text alone. */
  texts(): readonly { readonly text: string; readonly node: PolicyNode }[] {
    const nodes = this.isText ? [this] : this.list();
    return nodes.flatMap((node) => {
      const text = node.text();
      return text === undefined ? [] : [{ text, node }];
    });
  }

  /** @param hint what to write where it is no text */
  text(hint = 'Put it in quotes.'): string | undefined {
    const value = this.#scalar();
    if (typeof value !== 'string') return this.report('wrong-type', 'must be a text', hint);
    if (value === '' || value.length > MAX_TEXT)
      return this.report('bad-value', `must have 1 to ${MAX_TEXT} characters`);
    return value;
  }

  flag(): boolean | undefined {
    const value = this.#scalar();
    return typeof value === 'boolean'
      ? value
      : this.report('wrong-type', 'must be true or false', 'Write it without quotes.');
  }

  number(least: number, most: number): number | undefined {
    const value = this.#scalar();
    if (typeof value !== 'number') return this.report('wrong-type', 'must be a number', 'Write it without quotes.');
    if (value >= least && value <= most) return value;
    return this.report('bad-value', least === most ? `must be ${least}` : `must be from ${least} to ${most}`);
  }

  /** One of these texts. */
  choice<const Choice extends string>(...choices: readonly Choice[]): Choice | undefined {
    const value = this.#scalar();
    const chosen = choices.find((choice) => choice === value);
    if (chosen !== undefined) return chosen;
    const shown = typeof value === 'string' ? value : '';
    if (value === undefined && !this.isNull)
      return this.report('wrong-type', 'must be a text', didYouMean('', choices));
    return this.report('bad-value', `does not take ${JSON.stringify(value ?? null)}`, didYouMean(shown, choices));
  }

  /** Plain data, for a reader that has no use for places. */
  plain(depth = 0): unknown {
    if (depth > MAX_DEPTH) return this.report('too-large', 'is nested too deeply');
    if (isMap(this.#yaml))
      return Object.fromEntries(this.members().map(({ key, node }) => [key, node.plain(depth + 1)]));
    if (isSeq(this.#yaml)) return this.list().map((node) => node.plain(depth + 1));
    return this.isNull ? null : this.#scalar();
  }

  #scalar(): unknown {
    return isScalar(this.#yaml) && !isAlias(this.#yaml) ? this.#yaml.value : undefined;
  }
}

function isBelow(path: string, parent: string): boolean {
  return path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`);
}

function offsetOf(yaml: unknown): number | undefined {
  const node = yaml as { readonly range?: readonly number[] | null } | null | undefined;
  return node?.range?.[0];
}
