const MAX_LENGTH = 200;

/**
 * What a terminal, an editor or a log acts upon instead of showing: controls (C0, C1, ANSI escapes), line and
 * paragraph separators, marks of direction, zero-width and other ignorable characters, lone surrogates, unassigned and
 * private characters, spaces other than one U+0020 between two words, and combining marks from the third on.
 */
const UNSHOWN = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]|(?<=\p{M}{2})\p{M}|^ | $|(?<= ) /gu;

/** GitHub Actions takes `::command::` at the start of a line, and `##[command]` anywhere, for an order. */
const WORKFLOW_COMMAND = /(?<=^|\s):(?=:)|#(?=#\[)/g;

/**
 * Untrusted text, safe to print on one line: what is not shown as it is becomes visible as `<U+202E>`, so that two
 * different texts hardly look the same and a reader sees the trick. Of a text longer than `max` UTF-16 code units the
 * rest is only counted.
 */
export function sanitize(text: string, max: number = MAX_LENGTH): string {
  const kept = text.length > max ? text.slice(0, max) : text;
  const shown = kept.replace(UNSHOWN, escape).replace(WORKFLOW_COMMAND, escape);
  return kept === text ? shown : `${shown}... (${text.length - max} more)`;
}

function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
