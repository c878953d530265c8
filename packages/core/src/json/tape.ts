/**
 * Where the values of one JSON text stand, without the values: one record each, in the order of the text, so that
 * what lies inside a value comes right after it. A record is a row of one array of integers: a document of a hundred
 * thousand values is one object to the garbage collector, and what nobody asks for is never made.
 */
export class JsonTape {
  readonly text: string;
  /** Offset of the opening quote -> the string meant, for the strings that hold escapes. */
  readonly #escaped = new Map<number, string>();
  /** Keys met lately, by a few of their characters. A string met again has its hash, and takes no room. */
  readonly #keys: string[] = Array.from({ length: KEYS }, () => '');
  #rows: Int32Array;
  #length = 0;

  constructor(text: string) {
    this.text = text;
    this.#rows = new Int32Array(ROW * ((text.length >> 5) + 16));
  }

  /** How many values there are; the record that the next `open` makes. */
  get length(): number {
    return this.#length;
  }

  /** Begins a value at `start`, under the key between the two offsets (quotes included), if it is a member. */
  open(keyStart: number, keyEnd: number, start: number): number {
    const at = this.#length * ROW;
    if (at === this.#rows.length) this.#grow();
    const rows = this.#rows;
    rows[at + KEY_START] = keyStart;
    rows[at + KEY_END] = keyEnd;
    rows[at + START] = start;
    return this.#length++;
  }

  /** Ends a value before the offset `end`. What was opened since lies inside it. */
  close(value: number, end: number): void {
    this.#rows[value * ROW + END] = end;
    this.#rows[value * ROW + NEXT] = this.#length;
  }

  /** Remembers what the string at `start` means. */
  escape(start: number, meaning: string): void {
    this.#escaped.set(start, meaning);
  }

  start(value: number): number {
    return this.#rows[value * ROW + START] ?? 0;
  }

  end(value: number): number {
    return this.#rows[value * ROW + END] ?? 0;
  }

  /** The record after a value and all that lies inside it: its next sibling, or what comes after its parent. */
  next(value: number): number {
    return this.#rows[value * ROW + NEXT] ?? 0;
  }

  /** Offset of the key of a member. */
  keyStart(member: number): number {
    return this.#rows[member * ROW + KEY_START] ?? 0;
  }

  keyEnd(member: number): number {
    return this.#rows[member * ROW + KEY_END] ?? 0;
  }

  key(member: number): string {
    const start = this.keyStart(member);
    const end = this.keyEnd(member);
    if (this.#escaped.size > 0 && this.#escaped.has(start)) return this.string(start, end);
    const { text } = this;
    const slot = (end - start + 31 * text.charCodeAt(start + 1) + 17 * text.charCodeAt(end - 2)) & (KEYS - 1);
    const known = this.#keys[slot] ?? '';
    if (known.length === end - start - 2 && text.startsWith(known, start + 1)) return known;
    return (this.#keys[slot] = text.slice(start + 1, end - 1));
  }

  /** The member of an object with this key; -1 if there is none. Linear in the number of its members. */
  find(object: number, key: string): number {
    const rows = this.#rows;
    const length = key.length + 2;
    const end = this.next(object);
    for (let member = object + 1; member < end; member = rows[member * ROW + NEXT] ?? end) {
      const start = rows[member * ROW + KEY_START] ?? 0;
      if (this.#escaped.size > 0 && this.#escaped.has(start)) {
        if (this.#escaped.get(start) === key) return member;
      } else if ((rows[member * ROW + KEY_END] ?? 0) - start === length && this.text.startsWith(key, start + 1)) {
        return member;
      }
    }
    return -1;
  }

  /** The kinds of the keys of an object; every kind where a key is empty or holds escapes. */
  kindsOfKeys(object: number): number {
    const end = this.next(object);
    let kinds = 0;
    for (let member = object + 1; member < end; member = this.next(member)) {
      const start = this.keyStart(member);
      const length = this.keyEnd(member) - start - 2;
      if (length === 0 || (this.#escaped.size > 0 && this.#escaped.has(start))) return -1;
      kinds |= kindOfKey(length, this.text.charCodeAt(start + 1));
    }
    return kinds;
  }

  /** The string between two offsets, quotes included. */
  string(start: number, end: number): string {
    const meaning = this.#escaped.size === 0 ? undefined : this.#escaped.get(start);
    return meaning ?? this.text.slice(start + 1, end - 1);
  }

  #grow(): void {
    const rows = new Int32Array(this.#rows.length * 2);
    rows.set(this.#rows);
    this.#rows = rows;
  }
}

/** One of 32 bits for a key, by its length and first character. */
export function kindOfKey(length: number, first: number): number {
  return 1 << (length + first);
}

/** A power of two. */
const KEYS = 1024;

/** Columns of a row. */
const KEY_START = 0;
const KEY_END = 1;
const START = 2;
const END = 3;
const NEXT = 4;
const ROW = 5;
