import { isArray } from '../json/value.ts';
import type { Fields } from '../json/fields.ts';
import type { NpmEntry } from './entry.ts';

/** Most alternatives that the braces of all patterns together may stand for. */
const MAX_PATTERNS = 1000;

/**
 * The local directories that the root's `workspaces` patterns name. As in npm a later pattern overrides an earlier
 * one, and `!` takes away. A directory that no pattern names is no workspace, whatever links to it.
 */
export function workspacesOf(root: Fields | undefined, entries: readonly NpmEntry[]): ReadonlySet<string> {
  const patterns = root === undefined ? [] : patternsOf(root);
  const local = entries.flatMap(({ location }) => (location.type === 'local' ? [location.key] : []));
  return new Set(local.filter((path) => isNamed(path, patterns)));
}

interface Pattern {
  readonly negated: boolean;
  readonly segments: readonly string[];
}

/** `workspaces` is a list of patterns, or an object with the list under `packages`. */
function patternsOf(root: Fields): readonly Pattern[] {
  const nested = typeof root.value('workspaces') === 'object' && !isArray(root.value('workspaces'));
  const texts = nested ? (root.table('workspaces')?.strings('packages') ?? []) : root.strings('workspaces');
  const patterns: Pattern[] = [];
  for (const text of texts) {
    const negated = text.startsWith('!');
    for (const plain of expandBraces(negated ? text.slice(1) : text)) {
      if (patterns.length >= MAX_PATTERNS) throw root.refuse('workspaces', `at most ${MAX_PATTERNS} patterns`, 'more');
      patterns.push({ negated, segments: plain.split('/').filter((segment) => segment !== '' && segment !== '.') });
    }
  }
  return patterns;
}

/** `a/{b,c}` as `a/b` and `a/c`; one level, lazily, since n pairs of braces stand for 2^n patterns. */
function* expandBraces(text: string): Generator<string> {
  const match = /^([^{}]*)\{([^{}]*)\}(.*)$/s.exec(text);
  if (match === null) {
    yield text;
    return;
  }
  const [, before = '', inside = '', after = ''] = match;
  for (const alternative of inside.split(',')) yield* expandBraces(before + alternative + after);
}

function isNamed(path: string, patterns: readonly Pattern[]): boolean {
  const segments = path.split('/');
  const last = patterns.findLast((pattern) => matches(segments, pattern.segments));
  return last !== undefined && !last.negated;
}

/** `**` stands for any number of segments; the greedy walk that goes back to the last `**` only is linear enough. */
function matches(path: readonly string[], pattern: readonly string[]): boolean {
  return glob(path, pattern, '**', (segment, part) => glob(Array.from(segment), Array.from(part), '*', sameCharacter));
}

function sameCharacter(character: string, part: string): boolean {
  return part === '?' || part === character;
}

/** Matches a sequence against a pattern in which `any` stands for any run of items: O(items × parts) at worst. */
function glob(
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
