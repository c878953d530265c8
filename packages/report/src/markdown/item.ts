import type { WaivedFinding } from '@lockseal/core';
import { placeOf, type Item } from '../items.ts';
import { sanitize } from '../sanitize.ts';
import { exceptionText } from '../words.ts';
import { codeSpan, prose } from './inert.ts';

/** Fields that are sentences; the others are names, digests and addresses. */
const SENTENCES: ReadonlySet<string> = new Set(['detail', 'check', 'reason']);

/** A list item: what, where and why, and its fields below. */
export function itemMarkdown(item: Item, lockfile: string): string {
  const { code, subject, title, fields, fix } = item;
  return [
    `- ${codeSpan(code)} ${codeSpan(subject)} at ${codeSpan(placeOf(lockfile, item))}<br>${prose(title)}\n`,
    ...fields.map(([label, text]) => `  - ${label}: ${SENTENCES.has(label) ? prose(text) : codeSpan(text)}\n`),
    `  - fix: ${prose(fix)}\n`,
  ].join('');
}

/** A list item: the finding that an exception hid, and the exception. */
export function waivedMarkdown(waived: WaivedFinding): string {
  const { code, subject } = waived.finding;
  return `- ${codeSpan(code)} ${codeSpan(sanitize(subject))}: ${prose(exceptionText(waived))}\n`;
}
