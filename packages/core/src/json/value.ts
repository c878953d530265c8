import { scanJson, type JsonRules } from './scan.ts';
import { kindOfKey, type JsonTape } from './tape.ts';

/** A JSON value as read: objects keep their own class, so that no key can reach a JavaScript prototype. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** From how many values inside an object on its members are looked up in a table. */
const MANY = 48;

/**
 * The value of a strict JSON text (see `scanJson`).
 * @throws StrictJsonError
 */
export function parseJsonText(text: string, rules: JsonRules): JsonValue {
  return valueAt(scanJson(text, rules), 0);
}

/** An object of unique keys, with the place of each. Its members are made when they are asked for. */
export class JsonObject {
  readonly #tape: JsonTape;
  readonly #value: number;
  /** Key -> record; made at the first question to a large object. */
  #table: ReadonlyMap<string, number> | undefined;
  /** The kinds of its keys; 0 before the first question. Most questions are for keys that are absent. */
  #kinds = 0;

  constructor(tape: JsonTape, value: number) {
    this.#tape = tape;
    this.#value = value;
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  get(key: string): JsonValue | undefined {
    const member = this.#find(key);
    return member === undefined ? undefined : valueAt(this.#tape, member);
  }

  /** All members, in the order of the text. */
  get members(): ReadonlyMap<string, JsonValue> {
    const members = new Map<string, JsonValue>();
    this.forEach((key, value) => members.set(key, value));
    return members;
  }

  /** Offsets of the keys in the text, in the order of `members`. */
  get offsets(): readonly number[] {
    const offsets: number[] = [];
    this.forEach((_key, _value, offset) => offsets.push(offset));
    return offsets;
  }

  /** The keys in the order of the text. */
  keys(): readonly string[] {
    const keys: string[] = [];
    this.forEach((key) => keys.push(key));
    return keys;
  }

  keysExcept(known: ReadonlySet<string>): readonly string[] {
    const tape = this.#tape;
    const end = tape.next(this.#value);
    const keys: string[] = [];
    for (let member = this.#value + 1; member < end; member = tape.next(member)) {
      const key = tape.key(member);
      if (!known.has(key)) keys.push(key);
    }
    return keys;
  }

  /** Calls back with each member and the offset of its key, in the order of the text. */
  forEach(callback: (key: string, value: JsonValue, offset: number) => void): void {
    const tape = this.#tape;
    const end = tape.next(this.#value);
    for (let member = this.#value + 1; member < end; member = tape.next(member)) {
      callback(tape.key(member), valueAt(tape, member), tape.keyStart(member));
    }
  }

  /** Offset of a key in the text, in UTF-16 code units. */
  offsetOf(key: string): number | undefined {
    const member = this.#find(key);
    return member === undefined ? undefined : this.#tape.keyStart(member);
  }

  #find(key: string): number | undefined {
    const tape = this.#tape;
    const end = tape.next(this.#value);
    if (end - this.#value > MANY) return (this.#table ??= tableOf(tape, this.#value)).get(key);
    if (this.#kinds === 0) this.#kinds = tape.kindsOfKeys(this.#value);
    if ((this.#kinds & kindOfKey(key.length, key.charCodeAt(0))) === 0) return undefined;
    const member = tape.find(this.#value, key);
    return member < 0 ? undefined : member;
  }
}

function tableOf(tape: JsonTape, object: number): ReadonlyMap<string, number> {
  const table = new Map<string, number>();
  const end = tape.next(object);
  for (let member = object + 1; member < end; member = tape.next(member)) table.set(tape.key(member), member);
  return table;
}

/** The value of one record. */
function valueAt(tape: JsonTape, value: number): JsonValue {
  const start = tape.start(value);
  switch (tape.text.charAt(start)) {
    case '"':
      return tape.string(start, tape.end(value));
    case '{':
      return new JsonObject(tape, value);
    case '[':
      return itemsOf(tape, value);
    case 't':
      return true;
    case 'f':
      return false;
    case 'n':
      return null;
    default:
      return Number(tape.text.slice(start, tape.end(value)));
  }
}

function itemsOf(tape: JsonTape, array: number): readonly JsonValue[] {
  const items: JsonValue[] = [];
  const end = tape.next(array);
  for (let item = array + 1; item < end; item = tape.next(item)) items.push(valueAt(tape, item));
  return items;
}

/** `Array.isArray` without its `any`. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The type of a value as messages name it. */
export function typeOfJson(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (value instanceof JsonObject) return 'an object';
  if (typeof value === 'object') return 'an array';
  return `a ${typeof value}`;
}
