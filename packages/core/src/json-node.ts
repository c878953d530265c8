/** An untrusted JSON value is not of the shape that its format prescribes. `path` names the member at fault. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
  readonly path: string;
  /** A clause that follows the path. */
  readonly problem: string;
  /** Of a member that the format does not define: those that it does. */
  readonly known: readonly string[] | undefined;

  constructor(path: string, problem: string, known?: readonly string[]) {
    super(`${path === '' ? 'the document' : path} ${problem}`);
    this.path = path;
    this.problem = problem;
    this.known = known;
  }
}

/**
 * A cursor into untrusted JSON: each step checks what it steps on and throws a ShapeError that names the path.
 * As in the JSON form of Protocol Buffers, a member that is null is a member that is not there.
 */
export class JsonNode {
  readonly value: unknown;
  readonly path: string;

  constructor(value: unknown, path: string) {
    this.value = value;
    this.path = path;
  }

  /** The members of an object. */
  keys(): string[] {
    return Object.keys(this.#object());
  }

  /** Refuses members other than these. */
  only(...known: readonly string[]): this {
    const unknown = this.keys().find((key) => !known.includes(key));
    if (unknown !== undefined)
      throw new ShapeError(this.#child(unknown), 'is a member that the format does not define', known);
    return this;
  }

  optional(name: string): JsonNode | undefined {
    const object = this.#object();
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    return value === undefined || value === null ? undefined : new JsonNode(value, this.#child(name));
  }

  member(name: string): JsonNode {
    return this.optional(name) ?? fail(this.#child(name), 'is missing');
  }

  /** The elements of a list of at most `max`. */
  list(max: number): JsonNode[] {
    if (!Array.isArray(this.value)) throw new ShapeError(this.path, 'is not a list');
    if (this.value.length > max) throw new ShapeError(this.path, `has ${this.value.length} elements, more than ${max}`);
    return this.value.map((element: unknown, index) => new JsonNode(element, `${this.path}[${index}]`));
  }

  /** Text of at most `max` UTF-16 code units. */
  text(max: number): string {
    if (typeof this.value !== 'string') throw new ShapeError(this.path, 'is not a string');
    if (this.value.length > max) throw new ShapeError(this.path, `is longer than ${max} characters`);
    return this.value;
  }

  /** Bytes in canonical base64 (RFC 4648 section 4, padded, no stray bits), at least one and at most `max` of them. */
  bytes(max: number): Buffer {
    const text = this.text(Math.ceil(max / 3) * 4);
    const bytes = Buffer.from(text, 'base64');
    if (bytes.toString('base64') !== text) throw new ShapeError(this.path, 'is not canonical base64');
    if (bytes.length === 0) throw new ShapeError(this.path, 'is empty');
    return bytes;
  }

  /** A whole number from 0 to 2^53 - 1, as Protocol Buffers write int64: decimal text, or a number. */
  count(): number {
    const { value } = this;
    const number = typeof value === 'string' && /^(?:0|[1-9]\d{0,15})$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0 || Object.is(number, -0)) {
      throw new ShapeError(this.path, 'is not a whole number from 0 to 2^53 - 1');
    }
    return number;
  }

  /** An instant, RFC 3339 in UTC. */
  instant(): Date {
    const text = this.text(64);
    const date = new Date(text);
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text) || Number.isNaN(date.getTime())) {
      throw new ShapeError(this.path, 'is not a time in RFC 3339 form');
    }
    return date;
  }

  #object(): Readonly<Record<string, unknown>> {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) {
      throw new ShapeError(this.path, 'is not an object');
    }
    return this.value as Readonly<Record<string, unknown>>;
  }

  #child(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }
}

function fail(path: string, problem: string): never {
  throw new ShapeError(path, problem);
}
