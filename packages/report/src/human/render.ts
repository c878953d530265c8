import type { LockfileFormat } from '@lockseal/core';
import { duration, hanging } from '../layout.ts';
import type { Report } from '../model.ts';
import { sanitize } from '../sanitize.ts';
import { plainStyle } from '../style.ts';
import { verdictText } from '../words.ts';
import { decisionLines } from './decisions.ts';
import { findingLines, undecidedLines } from './groups.ts';
import type { HumanOptions } from './options.ts';
import { policyLines, summary } from './summary.ts';
import { waivedLines } from './waived.ts';

/** The report for a reader at a terminal: the summary, what was found by severity, and the verdict last. */
export function renderHuman(report: Report, given: Partial<HumanOptions> = {}): string {
  const options: HumanOptions = { style: plainStyle(), verbose: false, ...given, columns: columnsOf(given) };
  const file = report.verification.lockfile.path;
  const lines = [
    ...summary(report.verification, options),
    ...policyLines(report, options),
    ...warningLines(report.warnings, options),
    ...findingLines(report.findings, 'error', file, options),
    ...undecidedLines(report.undecided, file, options),
    ...findingLines(report.findings, 'warn', file, options),
    ...findingLines(report.findings, 'note', file, options),
    ...waivedLines(report.waived, options),
    ...decisionLines(report, options),
    '',
    ...verdictLines(report, options),
  ];
  return `${lines.join('\n')}\n`;
}

/** Narrower than 40 columns nothing can be read; wider than 160 the eye loses the line. */
function columnsOf({ columns = 80 }: Partial<HumanOptions>): number {
  return Math.min(Math.max(Math.floor(columns) || 80, 40), 160);
}

function warningLines(warnings: readonly string[], { style, columns }: HumanOptions): string[] {
  if (warnings.length === 0) return [];
  const lines = warnings.flatMap((text) => hanging(`${style.signs.warn} `, sanitize(text, 500), columns));
  return ['', ...lines.map((line) => style.paint('warn', line))];
}

function verdictLines(report: Report, options: HumanOptions): string[] {
  const { style, columns } = options;
  const tone = { good: 'good', findings: 'error', undecided: 'warn' } as const;
  const sign = { good: 'good', findings: 'error', undecided: 'undecided' } as const;
  const text = `${verdictText(report)} (${duration(report.durationMs)}).`;
  const lines = hanging(`${style.signs[sign[report.verdict]]} `, text, columns);
  return withNext(lines, nextText(report, options), columns).map((line) => style.paint(tone[report.verdict], line));
}

/** The command stays whole, on the last line if there is room: it is there to be copied. */
function withNext(lines: readonly string[], next: string, columns: number): string[] {
  const last = `${lines.at(-1) ?? ''} ${next}`;
  return last.length <= columns ? [...lines.slice(0, -1), last] : [...lines, `  ${next}`];
}

function nextText({ verdict, verification }: Report, { next }: HumanOptions): string {
  const { path, format } = verification.lockfile;
  const given = next === undefined ? undefined : sanitize(next, 500);
  const again = given ?? `lockseal verify ${shellWord(path)}`;
  switch (verdict) {
    case 'good':
      return `Next: ${given ?? FROZEN_INSTALL[format]}`;
    case 'findings':
      return `Mend the errors, then: ${again}`;
    case 'undecided':
      return `Too little is known. Next: ${again}`;
  }
}

/** Installs what the lockfile says and nothing else. */
const FROZEN_INSTALL: Readonly<Record<LockfileFormat, string>> = {
  npm: 'npm ci',
  pnpm: 'pnpm install --frozen-lockfile',
  'yarn-classic': 'yarn install --frozen-lockfile',
  'yarn-berry': 'yarn install --immutable',
  bun: 'bun install --frozen-lockfile',
  deno: 'deno install --frozen',
  vlt: 'vlt ci',
};

function shellWord(text: string): string {
  const shown = sanitize(text);
  return /^[\w./@+-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", String.raw`'\''`)}'`;
}
