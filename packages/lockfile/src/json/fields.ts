import { LocksealError, type ErrorCode, type Position } from '@lockseal/core';
import { LineIndex } from '../position.ts';
import type { LockfileText } from '../text.ts';
import { parseJson, type JsonDialect } from './parse.ts';
import { isArray, JsonObject, typeOf, type JsonValue } from './value.ts';

/** One string member of a table, with the place of its key. */
export interface StringMember {
  readonly name: string;
  readonly value: string;
  readonly position: Position;
}

/** Parses a file whose top level must be an object. */
export function readFields(source: LockfileText, dialect: JsonDialect): Fields {
  const root = parseJson(source, dialect);
  if (root instanceof JsonObject)
    return new Fields(
      source.path,
      new LineIndex(source.text),
      root,
      () => '',
      () => 0,
    );
  throw new LocksealError('ERR_LOCKFILE_FIELD', `${source.path} is no lockfile`, {
    file: source.path,
    position: { line: 1, column: 1 },
    expected: 'an object',
    found: typeOf(root),
  });
}

/**
 * One JSON object, read by type: a member of another type than the one asked for is an ERR_LOCKFILE_FIELD that names
 * the place, what was expected and what was found. An absent member is undefined, false or empty; null is not absent.
 */
export class Fields {
  readonly #file: string;
  readonly #lines: LineIndex;
  readonly #object: JsonObject;
  readonly #place: () => string;
  /** Of the key under which it stands; found on demand, since looking for it takes time linear in its siblings. */
  readonly #offset: () => number;

  constructor(file: string, lines: LineIndex, object: JsonObject, place: () => string, offset: () => number) {
    this.#file = file;
    this.#lines = lines;
    this.#object = object;
    this.#place = place;
    this.#offset = offset;
  }

  /** Where the object stands: `packages["node_modules/ms"]`; empty for the top level. Put together on demand. */
  get place(): string {
    return this.#place();
  }

  /** The place of the key under which the object stands. */
  get position(): Position {
    return this.#lines.at(this.#offset());
  }

  get names(): Iterable<string> {
    return this.#object.members.keys();
  }

  has(name: string): boolean {
    return this.#object.members.has(name);
  }

  value(name: string): JsonValue | undefined {
    return this.#object.members.get(name);
  }

  string(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.wrongType(name, 'a string');
  }

  boolean(name: string): boolean {
    const value = this.value(name);
    if (value === undefined || typeof value === 'boolean') return value ?? false;
    throw this.wrongType(name, 'a boolean');
  }

  /** An array of strings; a lone string counts as an array of one where `lone` says so (os, cpu, libc). */
  strings(name: string, lone: 'lone' | 'array' = 'array'): readonly string[] {
    const value = this.value(name);
    if (value === undefined) return [];
    if (typeof value === 'string' && lone === 'lone') return [value];
    if (isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw this.wrongType(name, 'an array of strings');
  }

  array(name: string): readonly JsonValue[] {
    const value = this.value(name);
    if (value === undefined) return [];
    if (isArray(value)) return value;
    throw this.wrongType(name, 'an array');
  }

  table(name: string): Fields | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (!(value instanceof JsonObject)) throw this.wrongType(name, 'an object');
    return this.#child(name, value, () => this.#offsetOf(name));
  }

  /** An object that stands somewhere inside the member `name` (in an array, say). */
  nested(name: string, value: JsonObject): Fields {
    return this.#child(name, value, () => this.#offsetOf(name));
  }

  /** All members, each of which must be an object. */
  *tables(): Generator<readonly [name: string, fields: Fields]> {
    let index = 0;
    for (const [name, value] of this.#object.members) {
      if (!(value instanceof JsonObject)) throw this.wrongType(name, 'an object');
      const offset = this.#object.offsets[index] ?? 0;
      yield [name, this.#child(name, value, () => offset)];
      index += 1;
    }
  }

  /** All members with their places, of whatever type. */
  *members(): Generator<readonly [name: string, value: JsonValue, position: Position]> {
    let index = 0;
    for (const [name, value] of this.#object.members) {
      yield [name, value, this.#lines.at(this.#object.offsets[index] ?? 0)];
      index += 1;
    }
  }

  /** The members of the object under `name`, each of which must be a string; empty where there is none. */
  *stringMembers(name: string): Generator<StringMember> {
    const table = this.table(name);
    if (table === undefined) return;
    for (const [key, value, position] of table.members()) {
      if (typeof value !== 'string') throw table.wrongType(key, 'a string');
      yield { name: key, value, position };
    }
  }

  stringMap(name: string): ReadonlyMap<string, string> {
    return new Map([...this.stringMembers(name)].map((member) => [member.name, member.value]));
  }

  /** An error about one member (ERR_LOCKFILE_FIELD unless told otherwise). */
  refuse(name: string, expected: string, found: string, code: ErrorCode = 'ERR_LOCKFILE_FIELD'): LocksealError {
    const place = this.placeOf(name);
    return new LocksealError(code, `${this.#file}: ${place} is not ${expected}`, {
      file: this.#file,
      position: this.#lines.at(this.#offsetOf(name)),
      expected: `${place}: ${expected}`,
      found,
    });
  }

  /** An error about the object itself: its key, say. */
  refuseSelf(expected: string, found: string, code: ErrorCode = 'ERR_LOCKFILE_FIELD'): LocksealError {
    return new LocksealError(code, `${this.#file}: ${this.place} is not ${expected}`, {
      file: this.#file,
      position: this.position,
      expected: `${this.place}: ${expected}`,
      found,
    });
  }

  wrongType(name: string, expected: string): LocksealError {
    return this.refuse(name, expected, typeOf(this.value(name)));
  }

  placeOf(name: string): string {
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${this.place}[${JSON.stringify(name)}]`;
    return this.place === '' ? name : `${this.place}.${name}`;
  }

  #offsetOf(name: string): number {
    return this.#object.offsetOf(name) ?? this.#offset();
  }

  #child(name: string, value: JsonObject, offset: () => number): Fields {
    return new Fields(this.#file, this.#lines, value, () => this.placeOf(name), offset);
  }
}
