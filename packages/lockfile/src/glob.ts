// The globs that npm, pnpm, Yarn and bun have in common: `*`, `?`, `**` as a whole segment, and `{a,b}`. Regular
// expressions could be made to backtrack for ever by whoever writes both patterns and paths; this matcher cannot.

/** A pattern as its segments; '**' is one by itself. */
export type Glob = readonly string[];

/** Longest pattern that is expanded, in UTF-16 code units. */
const MAX_TEXT = 16_384;
/** The first pair that holds no other. */
const BRACES = /\{([^{}]*)\}/;

/** `a/{b,c}` as `a/b` and `a/c`; undefined where the braces stand for more than `most` patterns. */
export function expandBraces(text: string, most: number): readonly string[] | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const expanded: string[] = [];
  const open = [text];
  for (let steps = 0, next = open.pop(); next !== undefined; steps += 1, next = open.pop()) {
    if (steps > 2 * most) return undefined;
    const match = BRACES.exec(next);
    if (match === null) expanded.push(next);
    else open.push(...alternatives(match, next).toReversed());
  }
  return expanded.length > most ? undefined : expanded;
}

function alternatives({ 0: whole, 1: inside = '', index }: RegExpExecArray, text: string): readonly string[] {
  const before = text.slice(0, index);
  const after = text.slice(index + whole.length);
  return inside.split(',').map((alternative) => before + alternative + after);
}

export function segmentsOf(text: string): Glob {
  return text.split('/').filter((segment) => segment !== '' && segment !== '.');
}

/** `**` stands for any number of segments, none included; the time is bound by the product of both lengths. */
export function matchesGlob(path: readonly string[], glob: Glob): boolean {
  return matches(path, glob, '**', matchesSegment);
}

export function matchesSegment(segment: string, part: string): boolean {
  return segment === part || matches(Array.from(segment), Array.from(part), '*', isSameCharacter);
}

function isSameCharacter(character: string, part: string): boolean {
  return part === '?' || part === character;
}

/**
 * Matches a sequence against a pattern in which `any` stands for any run of items. Going back to the last such run only
 * is enough: whatever an earlier one could give away, the later one can take.
 */
function matches(
  items: readonly string[],
  parts: readonly string[],
  any: string,
  same: (item: string, part: string) => boolean,
): boolean {
  let item = 0;
  let part = 0;
  let retryItem = -1;
  let retryPart = -1;
  while (item < items.length) {
    const expected = parts[part];
    if (expected === any) {
      retryPart = part;
      retryItem = item;
      part += 1;
    } else if (expected !== undefined && same(items[item] ?? '', expected)) {
      item += 1;
      part += 1;
    } else if (retryPart >= 0) {
      retryItem += 1;
      item = retryItem;
      part = retryPart + 1;
    } else return false;
  }
  return parts.slice(part).every((rest) => rest === any);
}
