import { scanJson, type JsonRules } from './json/scan.ts';

/** `JSON.parse` makes own members of prototype keys; what reads them (JsonNode) looks at own members alone. */
const RULES: JsonRules = { comments: false, prototypeKeys: true };

/**
 * JSON from untrusted bytes as plain values: valid UTF-8 without a byte order mark, and strict as `scanJson` has it,
 * save that prototype keys are allowed.
 * @throws SyntaxError naming what is wrong
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  const value: unknown = JSON.parse(text);
  scanJson(text, RULES);
  return value;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SyntaxError('not valid UTF-8', { cause });
  }
}
