import {
  ERROR_CODES,
  FINDING_CODES,
  type EntryId,
  type ErrorCode,
  type Finding,
  type FindingCode,
  type Level,
  type Position,
  type Undecided,
} from '@lockseal/core';
import type { Report } from './model.ts';
import { sanitize } from './sanitize.ts';

const MAX_DETAIL = 500;
/** A dependency path longer than this is shortened in its middle. */
const MAX_STEPS = 12;

/** A finding or an undecided entry in the words that every format shows. All texts are sanitized. */
export interface Item {
  readonly level: Level | 'undecided';
  readonly code: FindingCode | ErrorCode;
  /** Our own words: what is the case. */
  readonly title: string;
  readonly subject: string;
  /** Not sanitized; never shown. */
  readonly entry: EntryId | undefined;
  /** The file that the position is in; undefined: the lockfile. Not sanitized. */
  readonly file: string | undefined;
  readonly position: Position | undefined;
  readonly fields: readonly (readonly [label: string, text: string])[];
  readonly fix: string;
  /**
   * What makes it the same finding in the next run, when lines have moved and digests have changed: its code, subject,
   * entry and edge. Not sanitized, so that two texts which look alike stay apart; never shown.
   */
  readonly key: string;
}

/** Errors first, then what could not be decided, then the rest: the order in which a reader needs them. */
export function itemsOf({ findings, undecided }: Report): readonly Item[] {
  const ofLevel = (level: Level): Item[] => findings.filter((one) => one.level === level).map(findingItem);
  return [...ofLevel('error'), ...undecided.map(undecidedItem), ...ofLevel('warn'), ...ofLevel('note')];
}

export function findingItem(finding: Finding): Item {
  const { code, level, subject, entry, position, path, dependency, expected, found, detail, fix, rule, file } = finding;
  const custom = code === 'custom-rule' ? rule : undefined;
  return {
    level,
    code,
    title: FINDING_CODES[code].title,
    subject: sanitize(subject),
    entry,
    file,
    position,
    fields: fieldsOf([
      ['edge', dependency],
      ['path', pathText(path)],
      ['expected', expected],
      ['found', found],
      ['detail', detail],
      ['rule', custom],
    ]),
    fix: sanitize(fix, MAX_DETAIL),
    key: JSON.stringify([code, subject, entry ?? null, dependency ?? null, ...(custom === undefined ? [] : [custom])]),
  };
}

export function undecidedItem({ subject, entry, position, path, check, error, reason, fix }: Undecided): Item {
  return {
    level: 'undecided',
    code: error,
    title: `Could not be decided: ${ERROR_CODES[error]}.`,
    subject: sanitize(subject),
    entry,
    file: undefined,
    position,
    fields: fieldsOf([
      ['path', pathText(path)],
      ['check', check],
      ['reason', reason],
    ]),
    fix: sanitize(fix, MAX_DETAIL),
    key: JSON.stringify([error, subject, entry, check]),
  };
}

/** `package-lock.json:12:5`, or the file alone; sanitized. */
export function placeOf(lockfile: string, { file = lockfile, position }: Placed): string {
  return position === undefined ? sanitize(file) : `${sanitize(file)}:${position.line}:${position.column}`;
}

interface Placed {
  /** undefined: the lockfile. */
  readonly file?: string | undefined;
  readonly position: Position | undefined;
}

/** The whole of an item as lines of text, for formats that know nothing finer. */
export function itemText({ subject, title, fields, fix }: Item): string {
  const facts = fields.map(([label, text]) => `${label}: ${text}`);
  return [`${subject}: ${title}`, ...facts, `fix: ${fix}`].join('\n');
}

function fieldsOf(fields: readonly (readonly [label: string, text: string | undefined])[]): Item['fields'] {
  return fields.flatMap(([label, text]) =>
    text === undefined ? [] : [[label, label === 'path' ? text : sanitize(text, MAX_DETAIL)]],
  );
}

/** From an importer to the entry, step by step; sanitized. */
export function pathText(path: readonly string[] | undefined): string | undefined {
  if (path === undefined) return undefined;
  const half = MAX_STEPS / 2;
  const rest = path.length - MAX_STEPS;
  const steps = (some: readonly string[]): string[] => some.map((step) => sanitize(step));
  if (rest <= 0) return steps(path).join(' > ');
  return [...steps(path.slice(0, half)), `(${rest} more)`, ...steps(path.slice(-half))].join(' > ');
}
