import { GRADES, type Verification } from '@lockseal/core';
import { itemsOf, type Item } from '../items.ts';
import { count } from '../layout.ts';
import type { Report } from '../model.ts';
import { sanitize } from '../sanitize.ts';
import { edgesText, entriesText, formatText, GRADE_MEANINGS, trustTexts, verdictText } from '../words.ts';
import { codeSpan, prose } from './inert.ts';
import { fitSections, sizeOf, type Section } from './sections.ts';

/** The longest comment that GitHub takes, in characters; ours has no more bytes than that. */
const MAX_COMMENT = 65_536;

/**
 * The report as a comment on a pull request, in GitHub Flavored Markdown: the verdict, the grades and the errors in
 * sight, everything else folded. What does not fit is counted. Same report, same bytes.
 */
export function renderMarkdown(report: Report): string {
  const head = `${[`### lockseal: ${verdictText(report)}`, ...warnings(report), ...gradeTable(report)].join('\n\n')}\n`;
  const tail = `\n${fold('What was verified, and on whose word', aboutLines(report.verification)).join('\n')}\n`;
  const room = MAX_COMMENT - sizeOf(head) - sizeOf(tail);
  return head + fitSections(sectionsOf(report), report.verification.lockfile.path, room) + tail;
}

/** Of a run's warnings so many are shown; each says something about the run, not about a package. */
const MAX_WARNINGS = 10;

function warnings({ warnings: texts }: Report): string[] {
  return texts.slice(0, MAX_WARNINGS).map((text) => `> ${prose(sanitize(text))}`);
}

function gradeTable({ verification: { counts } }: Report): string[] {
  const rows = GRADES.map((grade) => `| ${grade} | ${counts.grades[grade]} | ${GRADE_MEANINGS[grade]} |`);
  return [['| grade | entries | meaning |', '|---|--:|---|', ...rows].join('\n')];
}

function sectionsOf(report: Report): Section[] {
  const items = itemsOf(report);
  const of = (level: Item['level']): Item[] => items.filter((item) => item.level === level);
  const [errors, undecided, warns, notes] = [of('error'), of('undecided'), of('warn'), of('note')];
  const sections: Section[] = [
    { heading: count(errors.length, 'error'), open: true, items: errors },
    { heading: `${undecided.length} undecided`, open: report.verdict === 'undecided', items: undecided },
    { heading: count(warns.length, 'warning'), open: false, items: warns },
    { heading: count(notes.length, 'note'), open: false, items: notes },
  ];
  return sections.filter((section) => section.items.length > 0);
}

function aboutLines(verification: Verification): string[] {
  const { path, sha256 } = verification.lockfile;
  const lines = [
    `lockfile: ${codeSpan(sanitize(path))}`,
    `format: ${prose(formatText(verification))}`,
    `digest: ${codeSpan(`sha256:${sha256}`)}`,
    `entries: ${entriesText(verification)}`,
    `edges: ${edgesText(verification)}`,
    ...trustTexts(verification)
      .slice(0, MAX_WARNINGS)
      .map((text) => `trust: ${prose(text)}`),
  ];
  return lines.map((line) => `- ${line}`);
}

function fold(summary: string, lines: readonly string[]): string[] {
  return [`<details><summary>${summary}</summary>`, '', ...lines, '', '</details>'];
}
