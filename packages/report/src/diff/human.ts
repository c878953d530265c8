import { TRUST_SIGNS, type PackageChange, type TrustDiff, type TrustWeight } from '@lockseal/core';
import type { HumanOptions } from '../human/options.ts';
import { count, duration, hanging } from '../layout.ts';
import { sanitize } from '../sanitize.ts';
import { plainStyle, type Tone } from '../style.ts';
import type { DiffReport } from './model.ts';
import {
  designTexts,
  fieldsOf,
  isUndecided,
  listText,
  nameText,
  signText,
  summaryText,
  versionText,
  weightOf,
} from './words.ts';

const ARROW = '->';
/** So many changes are shown in full; the rest with their signs alone. */
const SHOWN = 20;
/** And so many at all; the rest is counted. */
const LISTED = 100;
const TONES: Readonly<Record<TrustWeight, Tone & ('error' | 'warn' | 'note')>> = {
  grave: 'error',
  notable: 'warn',
  minor: 'note',
};

/** The comparison for a reader at a terminal: what changed in trust, the gravest first, and one line for the rest. */
export function renderDiffHuman(report: DiffReport, given: Partial<HumanOptions> = {}): string {
  const columns = Math.min(Math.max(Math.floor(given.columns ?? 80) || 80, 40), 160);
  const options: HumanOptions = { style: plainStyle(), verbose: false, ...given, columns };
  const { diff } = report;
  const lines = [
    options.style.paint('heading', sanitize(diff.after.origin)),
    ...hanging('against  ', sanitize(diff.before.origin), columns, (prefix) => options.style.paint('faint', prefix)),
    ...report.warnings.flatMap((text) => warningLines(text, options)),
    ...changesLines(diff, options),
    ...restLines(diff, options),
    '',
    ...verdictLines(report, options),
  ];
  return `${lines.join('\n')}\n`;
}

function warningLines(text: string, { style, columns }: HumanOptions): string[] {
  return hanging(`${style.signs.warn} `, sanitize(text, 500), columns).map((line) => style.paint('warn', line));
}

function changesLines(diff: TrustDiff, options: HumanOptions): string[] {
  const { changes } = diff;
  const listed = options.verbose ? changes : changes.slice(0, LISTED);
  const rest = changes.length - listed.length;
  return [
    ...listed.flatMap((change, index) => changeLines(change, diff, index < SHOWN || options.verbose, options)),
    ...(rest > 0 ? ['', `and ${rest} more (use --verbose or --json)`] : []),
  ];
}

function changeLines(change: PackageChange, diff: TrustDiff, inFull: boolean, options: HumanOptions): string[] {
  const { style } = options;
  const tone = TONES[weightOf(change)];
  const sign = change.signs.length === 0 && isUndecided(change) ? style.signs.undecided : style.signs[tone];
  const head = `${style.paint(tone, `${sign} ${nameText(change)}`)}  ${versionText(change, ARROW)}`;
  const facts = inFull ? fieldsOf(change, { arrow: ARROW, now: diff.comparedAt }) : [];
  return [
    '',
    head,
    ...change.signs.flatMap((one) => signLines(one, options)),
    ...facts.flatMap((fact) => field(fact, options)),
  ];
}

function signLines(sign: PackageChange['signs'][number], { style, columns }: HumanOptions): string[] {
  const { title, weight } = TRUST_SIGNS[sign.sign];
  const said = signText(sign, ARROW);
  const text = `${title}${said === undefined ? '' : `: ${said}`}`;
  return hanging(`  ${sign.sign}  `, text, columns, (prefix) => style.paint(TONES[weight], prefix)).map((line, index) =>
    index === 0 ? line : `    ${line.trimStart()}`,
  );
}

function field([label, text]: readonly [string, string], { style, columns }: HumanOptions): string[] {
  return hanging(`    ${label.padEnd(9)}  `, text, columns, (prefix) => style.paint('faint', prefix));
}

function restLines(diff: TrustDiff, options: HumanOptions): string[] {
  const { style, columns, verbose } = options;
  const most = verbose ? Infinity : 8;
  const quiet = diff.quiet.map((change) => `${change.name} ${versionText(change, ARROW)}`);
  const removed = diff.removed.map(({ before }) => before?.spec ?? '');
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['changed, but not in trust', quiet],
    ['removed', removed],
  ];
  const told = lists.flatMap(([what, names]) =>
    names.length === 0 ? [] : hanging(`${names.length} ${what}: `, listText(names, most), columns),
  );
  const design = designTexts(diff).flatMap(({ title, packages }) => [
    ...hanging(`${style.signs.note} `, `${count(packages.length, 'package')} by design: ${title}`, columns),
    ...hanging('  ', listText(packages, most), columns),
  ]);
  return [...(told.length === 0 ? [] : ['', ...told]), ...(design.length === 0 ? [] : ['', ...design])];
}

function verdictLines({ diff, verdict, failOn, durationMs }: DiffReport, { style, columns }: HumanOptions): string[] {
  const tone = { informed: 'good', failed: 'error', undecided: 'warn' } as const;
  const sign = { informed: 'good', failed: 'error', undecided: 'undecided' } as const;
  const why = verdict === 'failed' ? ` Fails on ${failOn.join(', ')}.` : '';
  const text = `${capitalise(summaryText(diff))} (${duration(durationMs)}).${why}`;
  return hanging(`${style.signs[sign[verdict]]} `, text, columns).map((line) => style.paint(tone[verdict], line));
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
