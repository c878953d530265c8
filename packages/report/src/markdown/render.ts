import { GRADES } from '@lockseal/core';
import { itemsOf, type Item } from '../items.ts';
import { count } from '../layout.ts';
import type { Report } from '../model.ts';
import { sanitize } from '../sanitize.ts';
import { edgesText, entriesText, formatText, GRADE_MEANINGS, policyFacts, trustTexts, verdictText } from '../words.ts';
import { codeSpan, prose } from './inert.ts';
import { itemsMarkdown, waivedMarkdown } from './item.ts';
import { fitSections, sizeOf, type Section } from './sections.ts';

/** The longest comment that GitHub takes, in characters; ours has no more bytes than that. */
const MAX_COMMENT = 65_536;

/**
 * The report as a comment on a pull request, in GitHub Flavored Markdown: the verdict, the grades and the errors in
 * sight, everything else folded. What does not fit is counted. Same report, same bytes.
 */
export function renderMarkdown(report: Report): string {
  const head = `${[`### lockseal: ${verdictText(report)}`, ...warnings(report), ...gradeTable(report)].join('\n\n')}\n`;
  const tail = `\n${fold('What was verified, and on whose word', aboutLines(report)).join('\n')}\n`;
  const room = MAX_COMMENT - sizeOf(head) - sizeOf(tail);
  return head + fitSections(sectionsOf(report), room) + tail;
}

/** Of a run's warnings so many are shown; each says something about the run, not about a package. */
const MAX_WARNINGS = 10;

function warnings({ warnings: texts }: Report): string[] {
  const rest = texts.length - MAX_WARNINGS;
  return [
    ...texts.slice(0, MAX_WARNINGS).map((text) => `> ${prose(sanitize(text))}`),
    ...(rest > 0 ? [`> and ${count(rest, 'more warning')} about the run`] : []),
  ];
}

function gradeTable({ verification: { counts } }: Report): string[] {
  const rows = GRADES.map((grade) => `| ${grade} | ${counts.grades[grade]} | ${GRADE_MEANINGS[grade]} |`);
  return [['| grade | entries | meaning |', '|---|--:|---|', ...rows].join('\n')];
}

function sectionsOf(report: Report): Section[] {
  const items = itemsOf(report);
  const { path } = report.verification.lockfile;
  const of = (level: Item['level']): string[] =>
    itemsMarkdown(
      items.filter((item) => item.level === level),
      path,
    );
  const [errors, undecided, warns, notes] = [of('error'), of('undecided'), of('warn'), of('note')];
  const waived = (report.waived ?? []).map(waivedMarkdown);
  const sections: Section[] = [
    { heading: count(errors.length, 'error'), open: true, items: errors },
    { heading: `${undecided.length} undecided`, open: report.verdict === 'undecided', items: undecided },
    { heading: count(warns.length, 'warning'), open: false, items: warns },
    { heading: count(notes.length, 'note'), open: false, items: notes },
    { heading: `${count(waived.length, 'finding')} waived`, open: false, items: waived },
  ];
  return sections.filter((section) => section.items.length > 0);
}

function aboutLines(report: Report): string[] {
  const { verification } = report;
  const { path, sha256 } = verification.lockfile;
  const lines = [
    `lockfile: ${codeSpan(sanitize(path))}`,
    `format: ${prose(formatText(verification))}`,
    `digest: ${codeSpan(`sha256:${sha256}`)}`,
    `entries: ${entriesText(verification)}`,
    `edges: ${edgesText(verification)}`,
    ...policyFacts(report).map(([label, text]) => `${label}: ${prose(text)}`),
    ...trustTexts(verification)
      .slice(0, MAX_WARNINGS)
      .map((text) => `trust: ${prose(text)}`),
  ];
  return lines.map((line) => `- ${line}`);
}

function fold(summary: string, lines: readonly string[]): string[] {
  return [`<details><summary>${summary}</summary>`, '', ...lines, '', '</details>'];
}
