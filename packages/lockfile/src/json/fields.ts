import { LocksealError, type ErrorCode, type Position } from '@lockseal/core';
import { LineIndex } from '../position.ts';
import type { LockfileText } from '../text.ts';
import { parseJson, type JsonDialect } from './parse.ts';
import { isArray, JsonObject, typeOf, type JsonValue } from './value.ts';

/** One string member of a table. */
export class StringMember {
  readonly name: string;
  readonly value: string;
  readonly #lines: LineIndex;
  readonly #offset: number;

  constructor(name: string, value: string, lines: LineIndex, offset: number) {
    this.name = name;
    this.value = value;
    this.#lines = lines;
    this.#offset = offset;
  }

  /** The place of its key; looked up on demand, since most members are only compared. */
  get position(): Position {
    return this.#lines.at(this.#offset);
  }
}

const NONE: readonly never[] = [];

/** Parses a file whose top level must be an object, unless it has been parsed already. */
export function readFields(
  source: LockfileText,
  dialect: JsonDialect,
  root: JsonValue = parseJson(source, dialect),
): Fields {
  if (root instanceof JsonObject) return new Fields(source.path, new LineIndex(source.text), root, undefined, '', 0);
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
  readonly #parent: Fields | undefined;
  /** The key under which it stands in its parent, and the offset of that key, if it has been looked up. */
  readonly #name: string;
  readonly #offset: number | undefined;

  constructor(
    file: string,
    lines: LineIndex,
    object: JsonObject,
    parent: Fields | undefined,
    name: string,
    offset: number | undefined,
  ) {
    this.#file = file;
    this.#lines = lines;
    this.#object = object;
    this.#parent = parent;
    this.#name = name;
    this.#offset = offset;
  }

  /** Where the object stands: `packages["node_modules/ms"]`; empty for the top level. Put together on demand. */
  get place(): string {
    return this.#parent === undefined ? '' : this.#parent.placeOf(this.#name);
  }

  /** The place of the key under which the object stands. */
  get position(): Position {
    return this.#lines.at(this.#at());
  }

  get names(): readonly string[] {
    return this.#object.keys();
  }

  /** The names of the members that are not in the set. */
  namesExcept(known: ReadonlySet<string>): readonly string[] {
    return this.#object.keysExcept(known);
  }

  has(name: string): boolean {
    return this.#object.has(name);
  }

  value(name: string): JsonValue | undefined {
    return this.#object.get(name);
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
    if (value === undefined) return NONE;
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
    return this.nested(name, value);
  }

  /** An object that stands somewhere inside the member `name` (in an array, say). */
  nested(name: string, value: JsonObject): Fields {
    return new Fields(this.#file, this.#lines, value, this, name, undefined);
  }

  /** All members, each of which must be an object. */
  tables(): readonly (readonly [name: string, fields: Fields])[] {
    const tables: (readonly [string, Fields])[] = [];
    this.#object.forEach((name, value, offset) => {
      if (!(value instanceof JsonObject)) throw this.wrongType(name, 'an object');
      tables.push([name, new Fields(this.#file, this.#lines, value, this, name, offset)]);
    });
    return tables;
  }

  /** All members with their places, of whatever type. */
  members(): readonly (readonly [name: string, value: JsonValue, position: Position])[] {
    const members: (readonly [string, JsonValue, Position])[] = [];
    this.#object.forEach((name, value, offset) => members.push([name, value, this.#lines.at(offset)]));
    return members;
  }

  /** The members of the object under `name`, each of which must be a string; empty where there is none. */
  stringMembers(name: string): readonly StringMember[] {
    const table = this.value(name);
    if (table === undefined) return NONE;
    if (!(table instanceof JsonObject)) throw this.wrongType(name, 'an object');
    const members: StringMember[] = [];
    table.forEach((key, value, offset) => {
      if (typeof value !== 'string') throw this.nested(name, table).wrongType(key, 'a string');
      members.push(new StringMember(key, value, this.#lines, offset));
    });
    return members;
  }

  stringMap(name: string): ReadonlyMap<string, string> {
    return new Map(this.stringMembers(name).map((member) => [member.name, member.value]));
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
    return this.#object.offsetOf(name) ?? this.#at();
  }

  #at(): number {
    if (this.#offset !== undefined || this.#parent === undefined) return this.#offset ?? 0;
    return this.#parent.#offsetOf(this.#name);
  }
}
