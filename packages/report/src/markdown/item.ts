import type { WaivedFinding } from '@lockseal/core';
import { placeOf, type Item } from '../items.ts';
import { sanitize } from '../sanitize.ts';
import { exceptionText } from '../words.ts';
import { codeSpan, prose } from './inert.ts';

/** Fields that are sentences; the others are names, digests and addresses. */
const SENTENCES: ReadonlySet<string> = new Set(['detail', 'check', 'reason']);

/**
 * List items: what, where and why, and the fields below. What a code means is told once, and so is a fix as long as it
 * stays the same.
 */
export function itemsMarkdown(items: readonly Item[], lockfile: string): string[] {
  const first = new Map<string, Item>();
  return items.map((item) => {
    const earlier = first.get(item.code);
    if (earlier === undefined) first.set(item.code, item);
    return itemMarkdown(item, lockfile, earlier);
  });
}

function itemMarkdown(item: Item, lockfile: string, earlier: Item | undefined): string {
  const { code, subject, title, fields, fix } = item;
  const meaning = earlier === undefined ? `<br>${prose(title)}` : '';
  return [
    `- ${codeSpan(code)} ${codeSpan(subject)} at ${codeSpan(placeOf(lockfile, item))}${meaning}\n`,
    ...fields.map(([label, text]) => `  - ${label}: ${SENTENCES.has(label) ? prose(text) : codeSpan(text)}\n`),
    ...(fix === earlier?.fix ? [] : [`  - fix: ${prose(fix)}\n`]),
  ].join('');
}

/** A list item: the finding that an exception hid, and the exception. */
export function waivedMarkdown(waived: WaivedFinding): string {
  const { code, subject } = waived.finding;
  return `- ${codeSpan(code)} ${codeSpan(sanitize(subject))}: ${prose(exceptionText(waived))}\n`;
}
