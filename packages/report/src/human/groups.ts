import type { Finding, Level, Undecided } from '@lockseal/core';
import { findingItem, placeOf, undecidedItem, type Item } from '../items.ts';
import { count, hanging } from '../layout.ts';
import type { HumanOptions } from './options.ts';

/** So many of one code are shown in full. */
const SHOWN = 5;

interface Group {
  readonly tone: Level;
  readonly sign: string;
  readonly file: string;
  readonly items: readonly Item[];
}

const HEADINGS: Readonly<Record<Level, readonly [one: string, many: string]>> = {
  error: ['error', 'errors'],
  warn: ['warning', 'warnings'],
  note: ['note', 'notes'],
};

/** All findings of one level, grouped by code. */
export function findingLines(
  findings: readonly Finding[],
  level: Level,
  file: string,
  options: HumanOptions,
): string[] {
  const items = findings.filter((finding) => finding.level === level).map(findingItem);
  const look = { tone: level, sign: options.style.signs[level], file };
  return section(count(items.length, ...HEADINGS[level]), groupsOf(items, look), options);
}

/** What could not be decided, grouped by the reason's code. */
export function undecidedLines(undecided: readonly Undecided[], file: string, options: HumanOptions): string[] {
  const look = { tone: 'warn', sign: options.style.signs.undecided, file } as const;
  return section(`${undecided.length} undecided`, groupsOf(undecided.map(undecidedItem), look), options);
}

function groupsOf(items: readonly Item[], look: Omit<Group, 'items'>): Group[] {
  return [...Map.groupBy(items, ({ code }) => code).values()].map((alike) => ({ ...look, items: alike }));
}

function section(heading: string, groups: readonly Group[], options: HumanOptions): string[] {
  if (groups.length === 0) return [];
  return ['', options.style.paint('heading', heading), ...groups.flatMap((group) => groupLines(group, options))];
}

function groupLines({ tone, sign, file, items }: Group, options: HumanOptions): string[] {
  const { style, columns, verbose } = options;
  const { code = '', title = '' } = items[0] ?? {};
  const shown = verbose || items.length <= SHOWN ? items : items.slice(0, SHOWN);
  const common = items.length > 1 && items.every(({ fix }) => fix === items[0]?.fix) ? items[0]?.fix : undefined;
  const rest = items.length - shown.length;
  return [
    '',
    `${style.paint(tone, `${sign} ${code}`)}${items.length > 1 ? ` (${items.length})` : ''}`,
    ...hanging('  ', title, columns),
    ...(common === undefined ? [] : fieldLines('fix', common, '  ', options)),
    ...shown.flatMap((one) => itemLines(one, { file, withFix: common === undefined }, options)),
    ...(rest > 0 ? [`  and ${rest} more (use --verbose or --json)`] : []),
  ];
}

function itemLines(
  item: Item,
  { file, withFix }: { readonly file: string; readonly withFix: boolean },
  options: HumanOptions,
): string[] {
  const { style, columns } = options;
  const { subject, fields, fix } = item;
  const place = placeOf(file, item);
  const oneLine = 2 + subject.length + 2 + place.length <= columns;
  const name = style.paint('name', subject);
  const where = style.paint('faint', place);
  return [
    ...(oneLine ? [`  ${name}  ${where}`] : [`  ${name}`, `    ${where}`]),
    ...fields.flatMap(([label, text]) => fieldLines(label, text, '    ', options)),
    ...(withFix ? fieldLines('fix', fix, '    ', options) : []),
  ];
}

function fieldLines(label: string, text: string, indent: string, { style, columns }: HumanOptions): string[] {
  return hanging(`${indent}${label.padEnd(8)}  `, text, columns, (prefix) => style.paint('faint', prefix));
}
