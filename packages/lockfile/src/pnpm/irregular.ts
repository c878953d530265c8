import type { Observation } from '@lockseal/core';
import { keyOf, type YamlLines } from '../yaml/lines.ts';

/** Enough to show that the file was not written by pnpm. */
const MAX_REPORTED = 20;

/** js-yaml writes keys of up to this many characters in front of a colon, longer ones after `? `. */
const MAX_IMPLICIT_KEY = 1024;

const FLOW_MAPPINGS: ReadonlySet<string> = new Set(['resolution', 'engines']);
const FLOW_SEQUENCES: ReadonlySet<string> = new Set(['os', 'cpu', 'libc', 'engines']);

/** Plain scalars that the YAML schemas differ about: numbers, dates, booleans, null. */
const AMBIGUOUS =
  /^(?:[-+]?(?:0x[\da-f_]+|0o?[0-7_]+|0b[01_]+|[\d_]*\.?[\d_]+(?:e[-+]?\d+)?|\d[\d_]*\.|\.inf)|\.nan|\d{4}-\d\d?-\d\d?.*|~|null|true|false|yes|no|on|off|[yn])$/i;

/** No number of a lockfile is longer; the pattern takes quadratic time. */
const MAX_AMBIGUOUS = 64;

/** A key that stands for itself without quotes, in every schema. */
const PLAIN = /^[A-Za-z0-9/._$][A-Za-z0-9/._$@+()~^=-]*$/;

/** The end of a line that opens a block scalar, whose content is free text. */
const BLOCK_SCALAR = /[:-] [|>][-+]?$/;

/**
 * Syntax that is good YAML but that pnpm never writes: an editor's work, or someone's who wants two readers to see two
 * lockfiles. pnpm writes blocks, flow style for a few short fields, and quotes where a plain scalar would be misread.
 */
export function findIrregularSyntax(lines: YamlLines): readonly Observation[] {
  const observations: Observation[] = [];
  for (let line = 0; line < lines.count && observations.length < MAX_REPORTED; line += 1) {
    if (lines.indent(line) < 0) continue;
    const content = lines.content(line);
    const reason = irregularity(content);
    if (reason !== undefined) {
      const found = content.slice(0, 200);
      observations.push({ code: 'irregular-syntax', position: lines.position(line), found, detail: reason });
    }
    if (BLOCK_SCALAR.test(content.slice(-4))) line = endOfBlock(lines, line);
  }
  return observations;
}

/** The last line of the block scalar that `line` opens. */
function endOfBlock(lines: YamlLines, line: number): number {
  const indent = lines.indent(line);
  let end = line;
  while (end + 1 < lines.count && (lines.indent(end + 1) < 0 || lines.indent(end + 1) > indent)) end += 1;
  return end;
}

function irregularity(content: string): string | undefined {
  if (content.includes('\r')) return 'A lone carriage return, which some readers take for a line end.';
  const first = content[0];
  if (first === '#') return undefined;
  if (first === '-' && content[1] === ' ') return irregularItem(content.slice(2));
  if (first === '?' && content[1] === ' ') {
    return content.length > MAX_IMPLICIT_KEY
      ? undefined
      : 'An explicit key that is short enough to be written plainly.';
  }
  if (first === ':' && content[1] === ' ') return undefined;
  const key = keyOf(content);
  if (key === undefined) return 'No key that pnpm would write so.';
  if (first === "'")
    return PLAIN.test(key) && !isAmbiguous(key) ? 'A quoted key that needs no quotes.' : valueOf(content, key, 2);
  if (first === '"' || first === '{' || first === '[') return 'A key in double quotes or a flow collection.';
  if (isDoubtful(first) && isAmbiguous(key))
    return 'An unquoted key that some readers take for a number, date or boolean.';
  return valueOf(content, key, 0);
}

/** Items of a list are scalars, or mappings of their own. */
function irregularItem(item: string): string | undefined {
  if (/^[{["]/.test(item)) return 'A list item that pnpm would write in another way.';
  return keyOf(item) === undefined ? undefined : irregularity(item);
}

/** @param quotes how many quotes surround the key */
function valueOf(content: string, key: string, quotes: 0 | 2): string | undefined {
  const start = key.length + quotes + 2;
  const first = content[start];
  if (first === '{') return flowReason(content.slice(start), FLOW_MAPPINGS.has(key), '}');
  if (first === '[') return flowReason(content.slice(start), FLOW_SEQUENCES.has(key), ']');
  return first === '"' && key !== 'deprecated' ? 'A value in double quotes.' : undefined;
}

function flowReason(value: string, usual: boolean, close: '}' | ']'): string | undefined {
  if (value === `{}` || value === '[]') return undefined;
  if (!usual) return 'A flow collection where pnpm writes a block.';
  return value.endsWith(close) && !value.includes('"')
    ? undefined
    : 'A flow collection that pnpm would write in another way.';
}

function isAmbiguous(key: string): boolean {
  return key.length <= MAX_AMBIGUOUS && AMBIGUOUS.test(key);
}

/** First characters of the plain keys that could be ambiguous at all. */
const DOUBTFUL: ReadonlySet<string> = new Set('-+.~0123456789ntfyoNTFYO');

function isDoubtful(first: string | undefined): boolean {
  return first !== undefined && DOUBTFUL.has(first);
}
