import { FINDING_CODES, LocksealError, toSpec, type Evidence, type Finding, type LockedPackage } from '@lockseal/core';
import { describeRule, nearest, RULE_NAMES } from '@lockseal/policy';
import { sanitize, type Report } from '@lockseal/report';
import { textOption, type RawArgs } from '../args.ts';
import { decodeEvidenceOptions } from '../evidence/options.ts';
import { EXIT } from '../exit-codes.ts';
import type { Console } from '../io/console.ts';
import { createProgressLine } from '../io/progress-line.ts';
import { explainFacts } from '../policy/explain-facts.ts';
import { judge } from '../policy/judge.ts';
import { decodeJudgingOptions } from '../policy/options.ts';
import { verifyUnderPolicy } from '../policy/verify-under-policy.ts';

const WAIVER_DAYS = 14;
const DAY = 86_400_000;

/** `lockseal policy explain <what>`: a rule in words, or all that is known of a package and what the policy says of it. */
export async function explainPolicy(raw: RawArgs, console: Console): Promise<number> {
  const what = textOption(raw, 'what');
  if (what === undefined) {
    const hint = 'lockseal policy explain debug, or release-age, or release-too-young';
    throw new LocksealError('ERR_USAGE', 'Say what to explain: a package, a rule or a finding.', { hint });
  }
  const options = { evidence: decodeEvidenceOptions(raw, console), judging: decodeJudgingOptions(raw, console) };
  const progress = createProgressLine('Verifying', console, false);
  const target = textOption(raw, 'lockfile') ?? '.';
  const { verified, opened } = await verifyUnderPolicy(target, options, console, progress.advance).finally(
    progress.clear,
  );
  const report = judge(verified, opened, { version: '', durationMs: 0 });
  const rule = describeRule(what, opened.policy);
  const entries = verified.lockfile.entries.filter((entry) => isMeant(entry, what));
  if (rule === undefined && entries.length === 0) {
    throw new LocksealError('ERR_USAGE', `${sanitize(what, 200)} is neither locked here nor a rule or finding.`, {
      hint: suggestion(what, verified.lockfile.entries),
    });
  }
  const about =
    rule === undefined ? [] : [ruleText(rule), ...findingsOf(report, rule.name, what).map(findingText(console))];
  const packages = entries.map((entry) => packageText(entry, report, console));
  console.stdout.write([about.join(''), ...packages].filter((text) => text !== '').join('\n'));
  return EXIT.good;
}

function suggestion(what: string, entries: readonly LockedPackage[]): string {
  const names = [...entries.map(({ name }) => name), ...RULE_NAMES, ...Object.keys(FINDING_CODES)];
  const meant = nearest(what, [...new Set(names)]);
  return meant === undefined
    ? 'Rules and findings are listed in docs/policy.md and docs/findings.md.'
    : `Did you mean ${sanitize(meant, 200)}?`;
}

function isMeant({ name, version }: LockedPackage, what: string): boolean {
  return name === what || toSpec(name, version) === what;
}

function findingsOf({ findings }: Report, rule: string, what: string): readonly Finding[] {
  return findings.filter((finding) => (what === rule ? finding.rule === rule : finding.code === what));
}

function ruleText(rule: NonNullable<ReturnType<typeof describeRule>>): string {
  const codes = rule.codes.map(({ code, level, title }) => `  ${level.padEnd(5)}  ${code}: ${title}\n`);
  const options = rule.options.map(({ name, describe }) => `  ${name}: ${describe}\n`);
  return [
    `${rule.name}: ${rule.describe}\n`,
    rule.isActive ? '' : 'It is off in this policy.\n',
    '\nFindings\n',
    ...codes,
    ...(options.length === 0 ? [] : ['\nOptions\n', ...options]),
  ].join('');
}

function packageText(entry: LockedPackage, report: Report, console: Console): string {
  const evidence = report.verification.evidence.find((each) => each.entry === entry.id);
  const findings = report.findings.filter((each) => each.entry === entry.id);
  const waived = (report.waived ?? []).filter(({ finding }) => finding.entry === entry.id);
  return [
    `${sanitize(toSpec(entry.name, entry.version))}\n`,
    ...(evidence === undefined ? [] : factLines(evidence, report)),
    ...findings.map(findingText(console)),
    ...waived.map(({ finding, who, reason, expires }) => {
      return `\nwaived ${finding.code}: ${sanitize(who)}, until ${expires.slice(0, 10)}: ${sanitize(reason, 300)}\n`;
    }),
    findings.length === 0 ? '\nThe policy has nothing against it.\n' : '',
  ].join('');
}

function factLines(evidence: Evidence, report: Report): readonly string[] {
  const path = report.locate?.(evidence.entry)?.path;
  const facts = explainFacts(evidence, path);
  return facts.map(([label, text]) => `  ${label.padEnd(12)}${sanitize(text, 500)}\n`);
}

/** What is wrong, and the one edit of the policy that excepts it, should somebody decide so. */
function findingText({ now }: Console): (finding: Finding) => string {
  return (finding) => {
    const { level, code, subject, rule, expected, found, detail, fix, entry } = finding;
    const rows = Object.entries({ expected, found, detail, fix, rule });
    const lines = rows.flatMap(([label, text]) =>
      text === undefined ? [] : [`  ${label.padEnd(12)}${sanitize(text, 1000)}\n`],
    );
    const expires = new Date(now() + WAIVER_DAYS * DAY).toISOString().slice(0, 10);
    const waiver = `{package: ${JSON.stringify(sanitize(subject))}, rule: ${rule ?? ''}, reason: …, who: …, expires: ${expires}}`;
    const except = entry === undefined || rule === undefined ? '' : `  ${'or except'.padEnd(12)}waivers: ${waiver}\n`;
    return `\n${level} ${code}: ${sanitize(subject)}\n${lines.join('')}${except}`;
  };
}
