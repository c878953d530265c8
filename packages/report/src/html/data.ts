import { GRADES, type EntryId, type Evidence } from '@lockseal/core';
import { itemsOf, pathText, placeOf, type Item } from '../items.ts';
import type { Report } from '../model.ts';
import { nameOf } from '../name-of.ts';
import { sanitize } from '../sanitize.ts';
import { factsOf } from './facts.ts';

/** Severities of items, worst first. */
export const LEVELS: readonly Item['level'][] = ['error', 'undecided', 'warn', 'note'];

/** What the page's script shows, as the page holds it. All texts are sanitized, and shown as text alone. */
export interface PageData {
  /** Texts that occur more than once are kept once: `facts` are indexes into it. */
  readonly texts: readonly string[];
  /** Worst first. */
  readonly packages: readonly PackageData[];
  readonly items: readonly ItemData[];
  /** Indexes of items that are about no entry. */
  readonly general: readonly number[];
}

export interface PackageData {
  readonly name: string;
  readonly entry: string;
  readonly grade: string;
  readonly kind: string;
  /** Its worst item's level; empty: none. */
  readonly level: string;
  /** Label, text, label, text… as indexes into `texts`. */
  readonly facts: readonly number[];
  /** Indexes into `items`. */
  readonly items: readonly number[];
}

export interface ItemData {
  readonly level: string;
  readonly code: string;
  readonly title: string;
  readonly subject: string;
  readonly place: string;
  readonly fields: readonly (readonly [label: string, text: string])[];
  readonly fix: string;
}

export function pageData(report: Report): PageData {
  const items = itemsOf(report);
  const file = report.verification.lockfile.path;
  const known = new Set(report.verification.evidence.map(({ entry }) => entry));
  const byEntry = Map.groupBy(items.keys(), (index) => entryOf(items[index], known));
  const { texts, indexOf } = textTable();
  const packages = report.verification.evidence.map((evidence): PackageData => {
    const own = byEntry.get(evidence.entry) ?? [];
    return {
      name: nameOf(evidence),
      entry: sanitize(evidence.entry),
      grade: evidence.grade,
      kind: evidence.class,
      level: own.map((index) => items[index]?.level ?? '')[0] ?? '',
      facts: packageFacts(evidence, report).map(indexOf),
      items: own,
    };
  });
  return {
    texts,
    packages: packages.toSorted(compare),
    items: items.map((item) => itemData(item, file)),
    general: byEntry.get(undefined) ?? [],
  };
}

function entryOf(item: Item | undefined, known: ReadonlySet<EntryId>): EntryId | undefined {
  return item?.entry !== undefined && known.has(item.entry) ? item.entry : undefined;
}

function itemData(item: Item, lockfile: string): ItemData {
  const { level, code, title, subject, fields, fix } = item;
  return { level, code, title, subject, place: placeOf(lockfile, item), fields, fix };
}

/** Label, text, label, text…; sanitized. */
function packageFacts(evidence: Evidence, { locate, verification }: Report): string[] {
  const located = locate?.(evidence.entry);
  const facts = factsOf(evidence).flatMap(([label, text]) =>
    text === undefined || text === '' ? [] : [label, sanitize(text, 500)],
  );
  const place = located?.position === undefined ? [] : ['place', placeOf(verification.lockfile.path, located)];
  const path = pathText(located?.path);
  return [...(path === undefined ? [] : ['path', path]), ...place, ...facts];
}

function textTable(): { readonly texts: string[]; readonly indexOf: (text: string) => number } {
  const texts: string[] = [];
  const indexes = new Map<string, number>();
  const indexOf = (text: string): number => {
    const index = indexes.get(text) ?? texts.push(text) - 1;
    indexes.set(text, index);
    return index;
  };
  return { texts, indexOf };
}

/** By level, then grade, worst first; then by name and entry. */
function compare(a: PackageData, b: PackageData): number {
  return (
    rank(LEVELS, a.level) - rank(LEVELS, b.level) ||
    rank(GRADES, b.grade) - rank(GRADES, a.grade) ||
    compareText(a.name, b.name) ||
    compareText(a.entry, b.entry)
  );
}

function rank(order: readonly string[], value: string): number {
  const index = order.indexOf(value);
  return index < 0 ? order.length : index;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
