import { invalid } from './json.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
/** Longest key that is compared, in bytes as written. */
const MAX_KEY = 4096;

/**
 * Cuts `versions[<version>]` out of a packument without holding the rest: packuments reach tens of megabytes, and
 * their parsed form several times that. It only tracks strings and nesting; the cut bytes are parsed strictly later.
 * Two entries for the version, or two `versions`, are refused: readers differ in which one they take.
 * @returns undefined where the packument does not list the version
 * @throws LocksealError ERR_RESPONSE_INVALID, also where the cut exceeds maxBytes
 */
export async function cutVersion(
  body: AsyncIterable<Uint8Array>,
  version: string,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const scanner = new PackumentScanner(version, maxBytes);
  for await (const chunk of body) scanner.write(chunk);
  return scanner.end();
}

class PackumentScanner {
  readonly #version: string;
  readonly #maxBytes: number;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Whether the string now being read is a key of an object at depth 1 or 2. */
  #key: number[] | undefined;
  #expectKey = false;
  #lastKey = '';
  #inVersions = false;
  #versionsSeen = 0;
  #cutting = false;
  #cut: Uint8Array[] = [];
  #cutSize = 0;
  #found: Buffer | undefined;
  #started = false;

  constructor(version: string, maxBytes: number) {
    this.#version = version;
    this.#maxBytes = maxBytes;
  }

  write(chunk: Uint8Array): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#inString) this.#stringByte(byte);
      else {
        const wasCutting = this.#cutting;
        const isEnd = wasCutting && this.#depth === 2 && (byte === COMMA || byte === CLOSE_BRACE);
        if (isEnd) this.#endCut(chunk.subarray(from, at));
        this.#structuralByte(byte);
        if (this.#cutting && !wasCutting) from = at + 1;
      }
    }
    if (this.#cutting) this.#keep(chunk.subarray(from));
  }

  end(): Buffer | undefined {
    if (this.#depth !== 0 || this.#inString || !this.#started) throw invalid('the packument', 'is not a JSON object');
    return this.#found;
  }

  #stringByte(byte: number): void {
    if (this.#key !== undefined && this.#key.length < MAX_KEY) this.#key.push(byte);
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#endString();
  }

  #endString(): void {
    this.#inString = false;
    if (this.#key === undefined) return;
    const text = `"${Buffer.from(this.#key).toString('utf8')}`;
    this.#key = undefined;
    this.#lastKey = decodeKey(text);
  }

  #structuralByte(byte: number): void {
    switch (byte) {
      case QUOTE:
        this.#inString = true;
        if (this.#expectKey && this.#depth <= 2) this.#key = [];
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        this.#open(byte);
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        this.#close();
        break;
      case COMMA:
        this.#expectKey = this.#depth === 1 || (this.#depth === 2 && this.#inVersions);
        break;
      case COLON:
        if (this.#expectKey) this.#afterKey();
        break;
      default:
    }
  }

  #open(byte: number): void {
    if (this.#depth === 0) {
      if (this.#started || byte !== OPEN_BRACE) throw invalid('the packument', 'is not a JSON object');
      this.#started = true;
    }
    this.#depth++;
    if (this.#depth === 2) this.#inVersions = byte === OPEN_BRACE && this.#lastKey === 'versions';
    this.#expectKey = byte === OPEN_BRACE && (this.#depth === 1 || (this.#depth === 2 && this.#inVersions));
  }

  #close(): void {
    this.#depth--;
    if (this.#depth < 0) throw invalid('the packument', 'is not a JSON object');
    if (this.#depth < 2) this.#inVersions = false;
    this.#expectKey = false;
  }

  #afterKey(): void {
    this.#expectKey = false;
    if (this.#depth === 1 && this.#lastKey === 'versions' && ++this.#versionsSeen > 1) {
      throw invalid('the packument', 'has two lists of versions');
    }
    if (this.#depth !== 2 || this.#lastKey !== this.#version) return;
    if (this.#found !== undefined) throw invalid('the packument', `lists ${this.#version} twice`);
    this.#cutting = true;
  }

  #keep(bytes: Uint8Array): void {
    this.#cutSize += bytes.length;
    if (this.#cutSize > this.#maxBytes) throw invalid(`${this.#version} in the packument`, 'is too large');
    // The chunk's memory is the stream's; a view would keep all of it.
    this.#cut.push(Uint8Array.from(bytes));
  }

  #endCut(last: Uint8Array): void {
    this.#keep(last);
    this.#found = Buffer.concat(this.#cut);
    this.#cut = [];
    this.#cutSize = 0;
    this.#cutting = false;
  }
}

/** A key as JSON has it, escapes resolved; what is not a JSON string matches nothing. */
function decodeKey(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return '';
  }
}
