import { createHash } from 'node:crypto';
import type { Item } from './items.ts';

/**
 * One fingerprint an item: 32 hex digits of sha256 over its key. The second and further items of the same key get
 * their number, so that a fingerprint is unique within a report.
 */
export function fingerprints(items: readonly Item[]): readonly string[] {
  const seen = new Map<string, number>();
  return items.map(({ key }) => {
    const number = (seen.get(key) ?? 0) + 1;
    seen.set(key, number);
    const text = number === 1 ? key : `${key} ${number}`;
    return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32);
  });
}
