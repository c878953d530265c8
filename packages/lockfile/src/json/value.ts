/** A JSON value as read: objects keep their own class, so that no key can reach a JavaScript prototype. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** An object of unique keys, with the place of each. */
export class JsonObject {
  readonly members: ReadonlyMap<string, JsonValue>;
  /** Offsets of the keys in the text, in the order of `members`. */
  readonly offsets: readonly number[];

  constructor(members: ReadonlyMap<string, JsonValue>, offsets: readonly number[]) {
    this.members = members;
    this.offsets = offsets;
  }

  /** Offset of one key in the text; linear, for messages. */
  offsetOf(key: string): number | undefined {
    let index = 0;
    for (const name of this.members.keys()) {
      if (name === key) return this.offsets[index];
      index += 1;
    }
    return undefined;
  }
}

/** `Array.isArray` without its `any`. */
export function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The type of a value as messages name it. */
export function typeOf(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (value instanceof JsonObject) return 'an object';
  if (typeof value === 'object') return 'an array';
  return `a ${typeof value}`;
}
