// Untrusted text in GitHub Flavored Markdown. It is put into code spans alone: nothing in one is a link, a mention,
// HTML, an emoji or mathematics, and nothing but its own fence ends it. https://github.github.com/gfm/#code-spans

/** Enough to recognise a digest or an address by. */
const MAX = 300;

/** One word, or a command between backticks with its spaces. */
const WORD = /(?:`[^`]{1,100}`|[^ ])+/g;
const COMMAND = /^`([^`]+)`([.,;:)]?)$/;
/** Letters with a hyphen or apostrophe inside, in brackets or quotes: neither Markdown nor GitHub finds more in it. */
const PLAIN = /^["'(]{0,2}[A-Za-z]+(?:['-][A-Za-z]+)*["')]{0,2}[.,;:?!]?$/;
/** With a stop or a closing bracket it could begin a list. */
const NUMBER = /^\(?\d{1,6},?$/;
/** Quotes, brackets and stops around a word; none of them begins anything before or after a code span. */
const EDGES = /^(["'(]{0,2})(.+?)(["')]{0,2}[.,;:]?)$/s;
/** GitHub may take it for a commit. */
const COMMIT = /^[0-9a-f]{7,}$/i;

/** Sanitized text (which is one line, without spaces at its ends) as one code span. */
export function codeSpan(text: string): string {
  if (text === '') return '(empty)';
  const shown = text.length > MAX ? `${text.slice(0, MAX).toWellFormed()}...` : text;
  const longest = Math.max(0, ...Array.from(shown.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Sanitized sentences, of our words and untrusted ones: every word that is not plain becomes a code span. */
export function prose(text: string): string {
  return Array.from(text.matchAll(WORD), ([word]) => inertWord(word)).join(' ');
}

function inertWord(word: string): string {
  const command = COMMAND.exec(word);
  if (command !== null) return `${codeSpan((command[1] ?? '').trim())}${command[2]}`;
  if (NUMBER.test(word) || (PLAIN.test(word) && !COMMIT.test(word))) return word;
  const [, before = '', core = '', after = ''] = EDGES.exec(word) ?? [];
  return `${before}${codeSpan(core)}${after}`;
}
