// What the formats for people say of a comparison alike, in words; every untrusted text in it is sanitized.
import {
  DESIGN_REASONS,
  TRUST_SIGNS,
  type PackageChange,
  type SideFacts,
  type TarballDelta,
  type TrustDiff,
  type TrustSign,
  type TrustWeight,
} from '@lockseal/core';
import { pathText } from '../items.ts';
import { count } from '../layout.ts';
import { sanitize } from '../sanitize.ts';
import { scriptText } from './script-text.ts';

export type Field = readonly [label: string, text: string];

const DAY = 86_400_000;
/** Names in one list; the JSON has all. */
const MAX_NAMES = 8;

/** `3 changes in trust in 7 changed packages; 1290 unchanged`. */
export function summaryText({ changes, quiet, removed, unchanged }: TrustDiff): string {
  const trust = changes.filter(({ signs }) => signs.length > 0).length;
  const undecided = changes.filter(isUndecided).length;
  const all = changes.length + quiet.length + removed.length;
  const open = undecided === 0 ? '' : `, ${undecided} undecided`;
  return `${count(trust, 'change')} in trust${open}; ${count(all, 'package')} changed, ${unchanged} did not`;
}

export function isUndecided({ before, after }: PackageChange): boolean {
  return after !== undefined && (after.undecided ?? before?.undecided) !== undefined;
}

/** The weight of its gravest sign; what could not be told may be anything. */
export function weightOf(change: PackageChange): TrustWeight {
  const [first] = change.signs;
  const weight = first === undefined ? 'minor' : TRUST_SIGNS[first.sign].weight;
  return weight === 'minor' && isUndecided(change) ? 'notable' : weight;
}

/** Sanitized; the root project has no other name than its path. */
export function nameText({ name }: PackageChange): string {
  return name === '.' ? 'the project' : sanitize(name);
}

/** `1.0.0 -> 1.1.0`, `new: 1.0.0`. */
export function versionText({ kind, before, after }: PackageChange, arrow: string): string {
  const [old, now] = [versionOf(before), versionOf(after)];
  switch (kind) {
    case 'added':
      return `new: ${now}`;
    case 'removed':
      return `removed: ${old}`;
    case 'redirected':
    case 'unbound':
      return now;
    case 'swapped':
      return old === now ? `${now}, swapped` : `${old} ${arrow} ${now}`;
    case 'up':
    case 'down':
      return `${old} ${arrow} ${now}`;
  }
}

function versionOf(side: SideFacts | undefined): string {
  if (side?.source === 'project') return 'its dependencies';
  return sanitize(side?.version ?? side?.source ?? '');
}

/** What a sign says beside its title. */
export function signText({ before, after }: TrustSign, arrow: string): string | undefined {
  const [old, now] = [before, after].map((text) =>
    text === undefined || text === '' ? undefined : sanitize(dateOf(text)),
  );
  if (old !== undefined && now !== undefined) return `${old} ${arrow} ${now}`;
  return now ?? old;
}

/** Of a time the day is enough. */
function dateOf(text: string): string {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? text.slice(0, 10) : text;
}

/** The facts behind a change, as far as they are known. */
export function fieldsOf(
  change: PackageChange,
  { arrow, now }: { readonly arrow: string; readonly now: string },
): readonly Field[] {
  const { before, after, path, brings, scripts, tarball, code } = change;
  const pair = (of: (side: SideFacts) => string | undefined): string | undefined =>
    pairText(before && of(before), after && of(after), arrow);
  const fields: readonly (readonly [label: string, text: string | undefined])[] = [
    ['path', pathText(path)],
    ['evidence', pair(({ grade }) => grade)],
    ['builder', pair(builderText)],
    ['publisher', pair(({ publisher }) => publisher && sanitize(publisher))],
    ['published', after && publishedText(after, now)],
    ['size', sizeText(before, after, arrow)],
    ['files', filesText(tarball)],
    ...scripts.map((script): [string, string] => ['script', `${sanitize(script.name)}: ${scriptText(script)}`]),
    ...codeFields(code),
    ['brings', brings.length === 0 ? undefined : listText(brings)],
    ['undecided', undecidedText(change)],
  ];
  return fields.flatMap(([label, text]): Field[] => (text === undefined || text === '' ? [] : [[label, text]]));
}

function pairText(before: string | undefined, after: string | undefined, arrow: string): string | undefined {
  if (after === undefined) return before;
  return before === undefined || before === after ? after : `${before} ${arrow} ${after}`;
}

/** Who built it; said, too, where the registry has evidence and no provenance among it. */
function builderText({ builder, grade }: SideFacts): string | undefined {
  if (builder === undefined) return grade === 'signed' || grade === 'unsigned' ? 'no provenance' : undefined;
  const { repository, issuer, workflow } = builder;
  const by = workflow === undefined ? '' : `, ${sanitize(workflow)}`;
  return `${sanitize(repository ?? issuer)}${by}`;
}

function publishedText({ publishedAt }: SideFacts, now: string): string | undefined {
  if (publishedAt === undefined) return undefined;
  const days = Math.floor((Date.parse(now) - Date.parse(publishedAt)) / DAY);
  const date = sanitize(publishedAt.slice(0, 10));
  return Number.isFinite(days) && days >= 0 ? `${date}, ${count(days, 'day')} old` : date;
}

function sizeText(before: SideFacts | undefined, after: SideFacts | undefined, arrow: string): string | undefined {
  const text = (side: SideFacts | undefined): string | undefined =>
    side?.contents && `${bytesText(side.contents.unpackedSize)} in ${count(side.contents.files, 'file')}`;
  return pairText(text(before), text(after), arrow);
}

/** `1.5 MB`. */
function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function filesText(delta: TarballDelta | undefined): string | undefined {
  if (delta?.status !== 'compared') return undefined;
  const { added, removed, changed } = delta;
  const names = added.length === 0 ? '' : `: ${listText(added.map(({ path }) => path))}`;
  return `${removed.length} removed, ${changed.length} changed, ${added.length} added${names}`;
}

function codeFields(code: PackageChange['code']): readonly Field[] {
  if (code === undefined) return [];
  if (code.status === 'unknown') return [['code', `not compared: ${sanitize(code.reason)}`]];
  const { newModules, unparsed } = code;
  return [
    ...newModules.map(({ module, paths }): Field => ['code', `now uses ${sanitize(module)} in ${listText(paths)}`]),
    ...unparsed
      .slice(0, 3)
      .map((file): Field => ['code', `${sanitize(file.path)} was not parsed: ${sanitize(file.unparsed ?? '')}`]),
    ...(unparsed.length > 3 ? [['code', `and ${count(unparsed.length - 3, 'more file')} not parsed`] as const] : []),
  ];
}

function undecidedText({ before, after }: PackageChange): string | undefined {
  const open = after?.undecided ?? before?.undecided;
  if (after === undefined || open === undefined) return undefined;
  const which = after.undecided === undefined ? 'the version before: ' : '';
  return `${which}${open.check}: ${sanitize(open.reason, 300)} (${open.error})`;
}

/** Names, sanitized; the rest is counted. */
export function listText(names: readonly string[], most: number = MAX_NAMES): string {
  const shown = names.slice(0, most).map((name) => sanitize(name));
  return [...shown, ...(names.length > most ? [`and ${names.length - most} more`] : [])].join(', ');
}

/** Why formats differ, and what is concerned. */
export function designTexts({
  byDesign,
}: TrustDiff): readonly { readonly title: string; readonly packages: readonly string[] }[] {
  return byDesign.map(({ reason, packages }) => ({ title: DESIGN_REASONS[reason], packages }));
}
