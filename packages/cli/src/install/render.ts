import { FINDING_CODES, type Finding, type Json } from '@lockseal/core';
import { sanitize } from '@lockseal/report';
import { onlySignedText } from '../gate/render.ts';
import type { Console } from '../io/console.ts';
import { styleFor } from '../io/render-error.ts';
import { exitCodeOf } from './exit-code.ts';
import type { InstallReport, ScriptRun } from './report.ts';

/** Names the shape of the JSON; a change that could break a reader gets a new name. */
const INSTALL_SCHEMA = 'https://lockseal.dev/schema/install/v1';
const MAX_TEXT = 500;
/** Findings of one code that are told in full. */
const MAX_TOLD = 20;

/** For people: what was served, refused, compared and run. */
export function renderInstall(report: InstallReport, console: Console): string {
  const style = styleFor(console.stderr, console.env);
  const isGood = exitCodeOf(report) === 0;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['command', report.command === undefined ? undefined : commandText(report)],
    ['gate', servedText(report)],
    ['signed', report.signedDigests === 0 ? undefined : onlySignedText(report.signedDigests)],
    ['disk', diskText(report)],
    ['scripts', scriptsText(report)],
    ['held back', report.heldVariables.length === 0 ? undefined : `variables ${report.heldVariables.join(', ')}`],
  ];
  const lines = [
    style.paint(isGood ? 'good' : 'error', `${headText(report)}  ${sanitize(report.file, MAX_TEXT)}`),
    ...rows.flatMap(([label, text]) =>
      text === undefined ? [] : [`  ${label.padEnd(9)}  ${sanitize(text, MAX_TEXT)}`],
    ),
    ...report.warnings.map((text) => `  ${style.paint('warn', 'warning')}    ${sanitize(text, MAX_TEXT)}`),
    ...(['error', 'warn', 'note'] as const).flatMap((level) => findingLines(report.findings, level)),
    ...report.undecided.map(
      ({ subject, error, reason }) => `  undecided  ${sanitize(`${subject}: ${reason} (${error})`, MAX_TEXT)}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function headText(report: InstallReport): string {
  if (exitCodeOf(report) !== 0) return 'not good';
  // A command of the user's own may have installed elsewhere, of which nothing is known.
  if (report.disk.status === 'skipped') return 'not compared';
  return report.command === undefined ? 'as approved' : 'installed';
}

function commandText({ command = [], ended }: InstallReport): string {
  const words = command.map(shellWord).join(' ');
  if (ended === undefined) return `${words}: not started`;
  if (ended.by === 'signal') return `${words}: ended by ${ended.signal}`;
  return ended.code === 0 ? words : `${words}: exit code ${ended.code}`;
}

function shellWord(word: string): string {
  return /^[\w./@:=+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function servedText({ served, findings, ended }: InstallReport): string | undefined {
  if (ended === undefined) return undefined;
  const { tarballs, fromStore, documents, tunnels } = served;
  const refused = findings.filter(
    ({ code, level }) => level === 'error' && (code === 'gate-refused' || code === 'tarball-mismatch'),
  ).length;
  const parts = [
    `${count(tarballs, 'tarball')} served (${fromStore} from the store, ${tarballs - fromStore} fetched)`,
    ...(documents === 0 ? [] : [count(documents, 'document')]),
    ...(tunnels === 0 ? [] : [`${count(tunnels, 'connection')} to hosts that the policy names`]),
    refused === 0 ? 'nothing refused' : `${refused} refused`,
  ];
  return parts.join(', ');
}

function diskText({ disk }: InstallReport): string {
  if (disk.status === 'skipped') return `not compared: ${disk.reason}`;
  const { counts, differences, untold, undecided, absent, asFetched = [], byCommit = [] } = disk.report;
  const differing = differences.length + untold;
  const parts = [
    `${count(counts.packages, 'package')} with ${count(counts.files, 'file')} compared`,
    differing === 0 ? 'all as approved' : count(differing, 'difference'),
    ...(undecided.length === 0 ? [] : [`${undecided.length} undecided`]),
    ...(byCommit.length === 0 ? [] : [`${byCommit.length} by git compared with their commits`]),
    ...(asFetched.length === 0 ? [] : [`${asFetched.length} by git as fetched, not compared`]),
    ...(absent.length === 0 ? [] : [`${absent.length} optional or for other platforms`]),
  ];
  return parts.join(', ');
}

function scriptsText({ scripts, findings }: InstallReport): string {
  if (scripts.status === 'skipped') return `not run: ${scripts.reason}`;
  const held = findings.filter(({ code }) => code === 'script-held').length;
  const { outcomes } = scripts;
  const ran = new Set(outcomes.map(({ package: { entry } }) => entry));
  const unable = findings.filter(({ code, entry }) => code === 'script-failed' && !ran.has(entry ?? '')).length;
  if (outcomes.length + held + unable === 0) return 'there are none';
  const done = outcomes.filter(({ result }) => result.status === 'done').length;
  const parts = [
    ...(outcomes.length === 0 ? [] : [`${done} of ${count(outcomes.length, 'approved package')} run`]),
    ...(unable === 0 ? [] : [`${count(unable, 'approved package')} could not`]),
    ...(held === 0 ? [] : [`those of ${count(held, 'package')} held`]),
  ];
  return parts.join(', ');
}

function findingLines(all: readonly Finding[], level: Finding['level']): readonly string[] {
  const byCode = Map.groupBy(
    all.filter((finding) => finding.level === level),
    ({ code }) => code,
  );
  return [...byCode].flatMap(([code, findings]) => [
    `  ${level}  ${code}: ${FINDING_CODES[code].title}`,
    ...(level === 'note' && code === 'gate-refused' ? questionLines(findings) : manyFindings(findings)),
  ]);
}

/** A package manager that audits asks once for every package: that it was not answered is worth one line. */
function questionLines(findings: readonly Finding[]): readonly string[] {
  const byDetail = Map.groupBy(findings, ({ detail = '' }) => detail);
  return [...byDetail].map(
    ([detail, { length }]) => `    ${sanitize(detail, MAX_TEXT)}: ${count(length, 'question')} not answered`,
  );
}

function manyFindings(findings: readonly Finding[]): readonly string[] {
  const rest = findings.length - MAX_TOLD;
  return [
    ...findings.slice(0, MAX_TOLD).flatMap(oneFinding),
    ...(rest > 0 ? [`    and ${rest} more; --json has all`] : []),
  ];
}

function oneFinding({ subject, path, expected, found, detail, fix }: Finding): readonly string[] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['path', path?.join(' > ')],
    ['expected', expected],
    ['found', found],
    ['detail', detail],
    ['do', fix],
  ];
  return [
    `    ${sanitize(subject, MAX_TEXT)}`,
    ...rows.flatMap(([label, text]) =>
      text === undefined ? [] : [`      ${label.padEnd(8)}  ${sanitize(text, MAX_TEXT)}`],
    ),
  ];
}

/** For programs. Texts are as they are: untrusted. */
export function renderInstallJson(report: InstallReport): string {
  const { file, basis, command = null, ended = null, served, signedDigests, disk, heldVariables, warnings } = report;
  const document = {
    schema: INSTALL_SCHEMA,
    exitCode: exitCodeOf(report),
    file,
    basis,
    command,
    ended,
    served,
    signedDigests,
    disk: disk.status === 'skipped' ? disk : { status: disk.status, ...disk.report, pnp: undefined },
    scripts: scriptsJson(report.scripts),
    heldVariables,
    warnings,
    findings: report.findings.map(findingJson),
    undecided: report.undecided,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function findingJson({ code, level, subject, entry, path, expected, found, detail, fix }: Finding): Json {
  return {
    code,
    level,
    subject,
    entry: entry ?? null,
    path: path ?? null,
    expected: expected ?? null,
    found: found ?? null,
    detail: detail ?? null,
    fix,
  };
}

function scriptsJson(scripts: ScriptRun): Json {
  if (scripts.status === 'skipped') return { status: scripts.status, reason: scripts.reason };
  const packages = scripts.outcomes.map(({ package: { name, version }, result }) => ({
    name,
    version: version ?? null,
    ...result,
  }));
  return { status: scripts.status, packages };
}

function count(number: number, one: string): string {
  return `${number} ${number === 1 ? one : `${one}s`}`;
}
