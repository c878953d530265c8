/** A string (captured: followed by a colon, so a key), or a bracket. Exact only on text that JSON.parse accepts. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}[\]]/g;
const MAX_DEPTH = 64;

/**
 * JSON from untrusted bytes: valid UTF-8 without a byte order mark, no key twice in one object (after unescaping,
 * since parsers disagree about which one counts), at most 64 levels deep.
 * @throws SyntaxError naming what is wrong
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  const value: unknown = JSON.parse(text);
  requireUniqueKeys(text);
  return value;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SyntaxError('not valid UTF-8', { cause });
  }
}

function requireUniqueKeys(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  for (const [token, colon] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (colon !== undefined) addKey(open.at(-1), token.slice(0, -colon.length));
    if (open.length > MAX_DEPTH) throw new SyntaxError(`nested more than ${MAX_DEPTH} levels deep`);
  }
}

function addKey(keys: Set<string> | undefined, literal: string): void {
  const key = literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1);
  if (keys?.has(key) === true) throw new SyntaxError(`the key ${JSON.stringify(key)} occurs twice in one object`);
  keys?.add(key);
}
