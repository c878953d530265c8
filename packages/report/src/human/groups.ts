import { FINDING_CODES, ERROR_CODES, type Finding, type Level, type Position, type Undecided } from '@lockseal/core';
import { count, hanging } from '../layout.ts';
import { sanitize } from '../sanitize.ts';
import type { HumanOptions } from './options.ts';

/** So many of one code are shown in full. */
const SHOWN = 5;
const MAX_DETAIL = 500;
/** A dependency path longer than this is shortened in its middle. */
const MAX_STEPS = 12;

/** One finding or undecided entry, ready to print; every text is sanitized. */
interface Item {
  readonly subject: string;
  readonly place: string;
  readonly fields: readonly (readonly [label: string, text: string])[];
  readonly fix: string;
}

interface Group {
  readonly tone: Level;
  readonly sign: string;
  readonly code: string;
  readonly title: string;
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
  const ofLevel = findings.filter((finding) => finding.level === level);
  const groups = [...Map.groupBy(ofLevel, ({ code }) => code)].map(([code, alike]): Group => ({
    tone: level,
    sign: options.style.signs[level],
    code,
    title: FINDING_CODES[code].title,
    items: alike.map((finding) => findingItem(finding, file)),
  }));
  return section(count(ofLevel.length, ...HEADINGS[level]), groups, options);
}

/** What could not be decided, grouped by the reason's code. */
export function undecidedLines(undecided: readonly Undecided[], file: string, options: HumanOptions): string[] {
  const groups = [...Map.groupBy(undecided, ({ error }) => error)].map(([code, alike]): Group => ({
    tone: 'warn',
    sign: options.style.signs.undecided,
    code,
    title: `Could not be decided: ${ERROR_CODES[code]}.`,
    items: alike.map((entry) => undecidedItem(entry, file)),
  }));
  return section(`${undecided.length} undecided`, groups, options);
}

function findingItem(finding: Finding, file: string): Item {
  const { subject, position, path, dependency, expected, found, detail, fix } = finding;
  return item({ subject, position, fix, file }, [
    ['edge', dependency],
    ['path', path === undefined ? undefined : pathText(path)],
    ['expected', expected],
    ['found', found],
    ['detail', detail],
  ]);
}

function undecidedItem({ subject, position, path, check, reason, fix }: Undecided, file: string): Item {
  return item({ subject, position, fix, file }, [
    ['path', path === undefined ? undefined : pathText(path)],
    ['check', check],
    ['reason', reason],
  ]);
}

function item(
  about: { subject: string; position: Position | undefined; fix: string; file: string },
  fields: readonly (readonly [label: string, text: string | undefined])[],
): Item {
  const { subject, position, fix, file } = about;
  return {
    subject: sanitize(subject),
    place: position === undefined ? sanitize(file) : `${sanitize(file)}:${position.line}:${position.column}`,
    fields: fields.flatMap(([label, text]) => (text === undefined ? [] : [[label, sanitize(text, MAX_DETAIL)]])),
    fix: sanitize(fix, MAX_DETAIL),
  };
}

function pathText(path: readonly string[]): string {
  const steps = path.map((step) => sanitize(step));
  if (steps.length <= MAX_STEPS) return steps.join(' > ');
  const half = MAX_STEPS / 2;
  return [...steps.slice(0, half), `(${steps.length - MAX_STEPS} more)`, ...steps.slice(-half)].join(' > ');
}

function section(heading: string, groups: readonly Group[], options: HumanOptions): string[] {
  if (groups.length === 0) return [];
  return ['', options.style.paint('heading', heading), ...groups.flatMap((group) => groupLines(group, options))];
}

function groupLines({ tone, sign, code, title, items }: Group, options: HumanOptions): string[] {
  const { style, columns, verbose } = options;
  const shown = verbose || items.length <= SHOWN ? items : items.slice(0, SHOWN);
  const common = items.length > 1 && items.every(({ fix }) => fix === items[0]?.fix) ? items[0]?.fix : undefined;
  const rest = items.length - shown.length;
  return [
    '',
    `${style.paint(tone, `${sign} ${code}`)}${items.length > 1 ? ` (${items.length})` : ''}`,
    ...hanging('  ', title, columns),
    ...(common === undefined ? [] : fieldLines('fix', common, '  ', options)),
    ...shown.flatMap((one) => itemLines(one, common === undefined, options)),
    ...(rest > 0 ? [`  and ${rest} more (use --verbose or --json)`] : []),
  ];
}

function itemLines({ subject, place, fields, fix }: Item, withFix: boolean, options: HumanOptions): string[] {
  const { style, columns } = options;
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
