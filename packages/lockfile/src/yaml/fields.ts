import { LocksealError, type ErrorCode, type Position } from '@lockseal/core';
import { loadYaml, type YamlMapping, type YamlSource, type YamlValue } from './load.ts';
import { loadRegular } from './regular.ts';
import { ROOT_LINE, YamlLines } from './lines.ts';

/** One mapping of a YAML document, read field by field; whatever has the wrong type is refused with its position. */
export class Fields {
  readonly #path: string;
  readonly #lines: YamlLines;
  readonly #locate: () => number | undefined;
  #located: { readonly line: number | undefined } | undefined;
  readonly #mapping: YamlMapping;
  /** The line found last. Keys are mostly asked for in the order of the file. */
  #cursor: number | undefined;
  #keyLines: ReadonlyMap<string, number> | undefined;

  /** @param locate finds the line of the mapping; called when a position is asked for, because few are */
  constructor(path: string, lines: YamlLines, locate: () => number | undefined, mapping: YamlMapping) {
    this.#path = path;
    this.#lines = lines;
    this.#locate = locate;
    this.#mapping = mapping;
  }

  get keys(): readonly string[] {
    return Object.keys(this.#mapping);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#mapping, key);
  }

  /** Where a key of this mapping stands, or the mapping itself. */
  position(key?: string): Position | undefined {
    return this.#lines.position(key === undefined ? this.#line() : this.#lineOf(key));
  }

  /** A scalar, as text. */
  text(key: string): string | undefined {
    const value = this.#get(key);
    if (value === undefined || typeof value === 'string') return value;
    throw this.wrong(key, 'text', describe(value));
  }

  flag(key: string): boolean {
    const value = this.text(key);
    if (value === undefined || value === 'false') return false;
    if (value === 'true') return true;
    throw this.wrong(key, 'true or false', value);
  }

  /** A sequence of scalars; a lone scalar counts as a sequence of one. */
  list(key: string): readonly string[] {
    const value = this.#get(key);
    if (value === undefined) return [];
    if (typeof value === 'string') return [value];
    if (isSequence(value) && value.every((item) => typeof item === 'string')) return value;
    throw this.wrong(key, 'a list of texts', describe(value));
  }

  /** A mapping of texts, in the order of the file. */
  table(key: string): ReadonlyMap<string, string> {
    const child = this.child(key);
    return new Map(child?.keys.map((name) => [name, child.text(name) ?? '']));
  }

  child(key: string): Fields | undefined {
    const value = this.#get(key);
    if (value === undefined) return undefined;
    if (isMapping(value)) return new Fields(this.#path, this.#lines, () => this.#lineOf(key), value);
    throw this.wrong(key, 'a mapping', describe(value));
  }

  /** A sequence of mappings. Its items have no positions of their own. */
  items(key: string): readonly Fields[] {
    const value = this.#get(key);
    if (value === undefined) return [];
    if (!isSequence(value)) throw this.wrong(key, 'a list', describe(value));
    return value.map((item) => {
      if (isMapping(item)) return new Fields(this.#path, this.#lines, () => undefined, item);
      throw this.wrong(key, 'a list of mappings', describe(item));
    });
  }

  /** Whether the value is a scalar: some fields have two shapes. */
  isText(key: string): boolean {
    return typeof this.#get(key) === 'string';
  }

  wrong(key: string, expected: string, found: string, code: ErrorCode = 'ERR_LOCKFILE_FIELD'): LocksealError {
    return new LocksealError(code, `${this.#path}: ${key} should be ${expected}`, {
      file: this.#path,
      position: this.position(key) ?? this.position(),
      expected,
      found,
      hint: 'Restore the lockfile from the last good commit, or lock again with the package manager.',
    });
  }

  #get(key: string): YamlValue | undefined {
    return Object.hasOwn(this.#mapping, key) ? this.#mapping[key] : undefined;
  }

  #line(): number | undefined {
    this.#located ??= { line: this.#locate() };
    return this.#located.line;
  }

  #lineOf(key: string): number | undefined {
    const near = this.#keyLines === undefined ? this.#lineNearby(key) : undefined;
    if (near !== undefined) return (this.#cursor = near);
    this.#keyLines ??= this.#lines.children(this.#line());
    return this.#keyLines.get(key);
  }

  /** Looks at the next few keys after the one found last, which saves a table of all of them. */
  #lineNearby(key: string): number | undefined {
    const start = this.#line();
    if (start === undefined) return undefined;
    let at = this.#cursor === undefined ? this.#lines.first(start) : this.#lines.next(this.#cursor);
    for (let step = 0; step < NEARBY && at !== undefined; step += 1) {
      if (this.#lines.startsWith(at, key)) return at;
      at = this.#lines.next(at);
    }
    return undefined;
  }
}

const NEARBY = 8;

/**
 * A YAML document whose root is a mapping.
 * @throws LocksealError as loadYaml does, and ERR_LOCKFILE_FIELD when the root is no mapping
 */
export function readFields(source: YamlSource): { readonly fields: Fields; readonly lines: YamlLines } {
  const lines = new YamlLines(source.text, source.linesBefore);
  const value = loadRegular(source.text, lines) ?? loadYaml(source);
  if (isMapping(value)) return { fields: new Fields(source.path, lines, () => ROOT_LINE, value), lines };
  throw new LocksealError('ERR_LOCKFILE_FIELD', `${source.path} holds no mapping`, {
    file: source.path,
    position: { line: source.linesBefore + 1, column: 1 },
    expected: 'a mapping',
    found: describe(value),
  });
}

function isSequence(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}

function isMapping(value: YamlValue): value is YamlMapping {
  return value !== null && typeof value === 'object' && !isSequence(value);
}

function describe(value: YamlValue): string {
  if (value === null) return 'nothing';
  if (typeof value === 'string') return value;
  return isSequence(value) ? 'a list' : 'a mapping';
}
