import { MAX_DEPTH, MAX_VALUES, scanJson, type JsonRules } from './json/scan.ts';

/** `JSON.parse` makes own members of prototype keys; what reads them (JsonNode) looks at own members alone. */
const RULES: JsonRules = { comments: false, prototypeKeys: true };
/** So short that it cannot hold `MAX_VALUES` values: each takes a character and what parts it from the next. */
const SHORT = MAX_VALUES;

/**
 * JSON from untrusted bytes as plain values: valid UTF-8 without a byte order mark, and strict as `scanJson` has it,
 * save that prototype keys are allowed.
 * @throws SyntaxError naming what is wrong
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  const value: unknown = JSON.parse(text);
  if (!isPlainlyStrict(text, value)) scanJson(text, RULES);
  return value;
}

/**
 * Whether a text is strict beyond doubt, without a scan: `JSON.stringify` gives it again, letter by letter. It writes
 * each key once, so a text with a key twice differs. Halves of surrogate pairs it writes as escapes, so there must be
 * none. Our own statements and most bundles are written that way, and the engine does in a few milliseconds what the
 * scan, not yet compiled in a process that has just started, does in twenty.
 */
function isPlainlyStrict(text: string, value: unknown): boolean {
  if (text.length > SHORT || text.includes('\\u')) return false;
  return !(isNested(value) && isDeeper(value, MAX_DEPTH)) && JSON.stringify(value) === text;
}

/** Written for code that runs once, cold: nothing is made on the way. Parsed JSON has no members but its own. */
function isDeeper(value: object, levels: number): boolean {
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const member of value as unknown[]) if (isNested(member) && isDeeper(member, levels - 1)) return true;
    return false;
  }
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (isNested(member) && isDeeper(member, levels - 1)) return true;
  }
  return false;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SyntaxError('not valid UTF-8', { cause });
  }
}
