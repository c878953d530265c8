import { diffWordsWithSpace } from 'diff';
import type { ScriptChange } from '@lockseal/core';
import { sanitize } from '../sanitize.ts';

/** Longest script that is compared word by word; nobody reads longer ones here. */
const MAX_TEXT = 2000;
const MAX_EDITS = 400;
const MARKS = /\[-|-\]|\{\+|\+\}/;

/**
 * What changed in an install script, as `git diff --word-diff` writes it: `node [-a-]{+b+}.js`. Where the script itself
 * holds such marks, or is too long, it stands there before and after. Sanitized.
 */
export function scriptText({ before, after }: Pick<ScriptChange, 'before' | 'after'>): string {
  if (before === undefined) return `{+${shown(after ?? '')}+}`;
  if (after === undefined) return `[-${shown(before)}-]`;
  const words = wordDiff(before, after);
  return words ?? `[-${shown(before)}-] {+${shown(after)}+}`;
}

function wordDiff(before: string, after: string): string | undefined {
  if (Math.max(before.length, after.length) > MAX_TEXT || MARKS.test(before + after)) return undefined;
  const parts = diffWordsWithSpace(before, after, { maxEditLength: MAX_EDITS });
  const text = parts?.map(({ value, added, removed }) => (added ? `{+${value}+}` : removed ? `[-${value}-]` : value));
  return text && sanitize(text.join(''), MAX_TEXT * 2);
}

function shown(text: string): string {
  return sanitize(text, 500);
}
