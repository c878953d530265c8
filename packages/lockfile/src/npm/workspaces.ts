import { expandBraces, matchesGlob, segmentsOf, type Glob } from '../glob.ts';
import { isArray } from '../json/value.ts';
import type { Fields } from '../json/fields.ts';
import type { NpmEntry } from './entry.ts';

/** Most alternatives that the braces of all patterns together may stand for. */
const MAX_PATTERNS = 1000;
/** Characters of all patterns times characters of all local directories: what matching takes at worst. */
const MAX_WORK = 4_000_000_000;

/**
 * The local directories that the root's `workspaces` patterns name. As in npm a later pattern overrides an earlier
 * one, and `!` takes away. A directory that no pattern names is no workspace, whatever links to it.
 */
export function workspacesOf(root: Fields | undefined, entries: readonly NpmEntry[]): ReadonlySet<string> {
  const patterns = root === undefined ? [] : patternsOf(root);
  const local = entries.flatMap(({ location }) => (location.type === 'local' ? [location.key] : []));
  const work = lengthOf(patterns.map(({ text }) => text)) * lengthOf(local);
  if (root !== undefined && work > MAX_WORK) {
    throw root.refuse('workspaces', 'fewer or shorter patterns', 'more', 'ERR_LOCKFILE_TOO_LARGE');
  }
  return new Set(local.filter((path) => isNamed(path, patterns)));
}

interface Pattern {
  readonly text: string;
  readonly negated: boolean;
  readonly glob: Glob;
}

/** `workspaces` is a list of patterns, or an object with the list under `packages`. */
function patternsOf(root: Fields): readonly Pattern[] {
  const nested = typeof root.value('workspaces') === 'object' && !isArray(root.value('workspaces'));
  const texts = nested ? (root.table('workspaces')?.strings('packages') ?? []) : root.strings('workspaces');
  const patterns: Pattern[] = [];
  for (const text of texts) {
    const negated = text.startsWith('!');
    const plain = expandBraces(negated ? text.slice(1) : text, MAX_PATTERNS - patterns.length);
    if (plain === undefined) throw root.refuse('workspaces', `at most ${MAX_PATTERNS} patterns`, 'more');
    patterns.push(...plain.map((one) => ({ text: one, negated, glob: segmentsOf(one) })));
  }
  return patterns;
}

function isNamed(path: string, patterns: readonly Pattern[]): boolean {
  const segments = path.split('/');
  const last = patterns.findLast((pattern) => matchesGlob(segments, pattern.glob));
  return last !== undefined && !last.negated;
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}
