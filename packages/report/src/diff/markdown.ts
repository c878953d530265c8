import { TRUST_SIGNS, type PackageChange } from '@lockseal/core';
import { pathText } from '../items.ts';
import { count } from '../layout.ts';
import { codeSpan, prose } from '../markdown/inert.ts';
import { fitSections, sizeOf, type Section } from '../markdown/sections.ts';
import { sanitize } from '../sanitize.ts';
import type { DiffReport } from './model.ts';
import { scriptText } from './script-text.ts';
import {
  designTexts,
  fieldsOf,
  listText,
  nameText,
  signText,
  summaryText,
  versionText,
  weightOf,
  isUndecided,
} from './words.ts';

/** The longest comment that GitHub takes, in characters; ours has no more bytes than that. */
const MAX_COMMENT = 65_536;
const ARROW = '→';
const MAX_WARNINGS = 10;

/**
 * The comparison as a comment on a pull request: what changed in trust in sight, the gravest first, the facts behind it
 * and all else folded. What does not fit is counted. Same report, same bytes.
 */
export function renderDiffMarkdown(report: DiffReport): string {
  const { diff } = report;
  const head = [
    `### lockseal diff: ${summaryText(diff)}`,
    `${codeSpan(sanitize(diff.after.origin))} against ${codeSpan(sanitize(diff.before.origin))}`,
    ...report.warnings.slice(0, MAX_WARNINGS).map((text) => `> ${prose(sanitize(text))}`),
    ...(report.verdict === 'failed' ? [`This fails the run: ${report.failOn.map(codeSpan).join(', ')}.`] : []),
  ].join('\n\n');
  return `${head}\n${fitSections(sectionsOf(report), MAX_COMMENT - sizeOf(head) - 1)}`;
}

function sectionsOf({ diff }: DiffReport): readonly Section[] {
  const { changes, quiet, removed } = diff;
  const now = diff.comparedAt;
  const sections: readonly Section[] = [
    { heading: 'What changed in trust', open: true, items: changes.map(changeItem) },
    { heading: 'The facts behind it', open: false, items: changes.map((change) => factsItem(change, now)) },
    { heading: `${quiet.length} changed, but not in trust`, open: false, items: quiet.map(plainItem) },
    { heading: `${removed.length} removed`, open: false, items: removed.map(plainItem) },
    ...designTexts(diff).map(({ title, packages }) => ({
      heading: `${count(packages.length, 'package')} by the design of the formats`,
      open: false,
      items: [`${prose(title)}\n\n`, `${codeSpan(listText(packages, 50))}\n`],
    })),
  ];
  return sections.filter(({ items }) => items.length > 0);
}

function changeItem(change: PackageChange): string {
  const signs = change.signs.map((sign) => {
    const said = signText(sign, ARROW);
    return `  - ${TRUST_SIGNS[sign.sign].title}${said === undefined ? '' : `: ${codeSpan(said)}`}\n`;
  });
  const scripts = change.scripts.map(
    (each) => `  - script: ${codeSpan(`${sanitize(each.name)}: ${scriptText(each)}`)}\n`,
  );
  // What the project asks for by itself, the reader knows.
  const isIndirect = change.kind === 'added' && (change.path?.length ?? 0) > 2;
  const path = isIndirect ? [`  - path: ${codeSpan(pathText(change.path) ?? '')}\n`] : [];
  const open = isUndecided(change) ? ['  - could not be decided; see the facts\n'] : [];
  return [`- ${titleOf(change)}, ${weightOf(change)}\n`, ...signs, ...scripts, ...path, ...open].join('');
}

function titleOf(change: PackageChange): string {
  return `${codeSpan(nameText(change))} ${codeSpan(versionText(change, ARROW))}`;
}

function factsItem(change: PackageChange, now: string): string {
  const facts = fieldsOf(change, { arrow: ARROW, now });
  return [`- ${titleOf(change)}\n`, ...facts.map(([label, text]) => `  - ${label}: ${codeSpan(text)}\n`)].join('');
}

function plainItem(change: PackageChange): string {
  return `- ${titleOf(change)}\n`;
}
