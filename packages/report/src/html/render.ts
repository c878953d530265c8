import { createHash } from 'node:crypto';
import { GRADES } from '@lockseal/core';
import { jsonText } from '../json/text.ts';
import type { Report } from '../model.ts';
import { sanitize } from '../sanitize.ts';
import {
  edgesText,
  entriesText,
  formatText,
  GRADE_MEANINGS,
  exceptionText,
  policyFacts,
  trustTexts,
  verdictText,
} from '../words.ts';
import { clientScript } from './client.ts';
import { CSS } from './css.ts';
import { LEVELS, pageData, type PageData } from './data.ts';
import { escapeHtml } from './escape.ts';
import { overviewOf, picture, totalOf, type Overview } from './picture.ts';

/**
 * The report as one HTML file that asks for nothing: script and style are named by their hashes, and its policy allows
 * no request and no other script. Untrusted text is either escaped here or, as JSON, made text by the script.
 */
export function renderHtml(report: Report): string {
  const overview = overviewOf(report.verification.evidence);
  const data = pageData(report);
  const script = clientScript();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>lockseal: ${escapeHtml(sanitize(report.verification.lockfile.path))}</title>
<style>${CSS}</style>
</head>
<body>
${header(report)}
<main>
${overviewPart(overview)}
${warningsPart(report)}
<noscript><p>The packages are shown by a script, which this browser does not run. Use another format.</p></noscript>
<div id="page" hidden>
${generalPart(data)}
${packagesPart(overview)}
</div>
${waivedPart(report)}
${aboutPart(report)}
</main>
<script type="application/json" id="data">${island(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** https://www.w3.org/TR/CSP3/; Trusted Types turn every attempt to make markup of text into an error. */
function contentSecurityPolicy(script: string): string {
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(CSS)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** JSON in which no `<` is left: nothing in it can end the element that holds it, or open a comment. */
function island(data: PageData): string {
  return jsonText({ ...data } as never, 0)
    .trimEnd()
    .replaceAll('<', String.raw`\u003c`);
}

function header(report: Report): string {
  const { lockfile, verifiedAt } = report.verification;
  const made = `${report.tool.name} ${report.tool.version}, ${verifiedAt}`;
  return `<header>
<h1>${escapeHtml(sanitize(lockfile.path))}</h1>
<p class="verdict">${escapeHtml(verdictText(report))}</p>
<p class="faint">${escapeHtml(sanitize(made))}</p>
</header>`;
}

function overviewPart(overview: Overview): string {
  const heads = GRADES.map(
    (grade) =>
      `<th scope="col"><svg aria-hidden="true" class="key" width="12" height="12"><rect class="${grade}" width="12" height="12"/></svg> ${grade}</th>`,
  );
  const rows = overview.map(([kind, counts]) => {
    const cells = GRADES.map((grade) => `<td>${counts[grade]}</td>`);
    return `<tr><th scope="row">${kind}</th>${cells.join('')}<td>${totalOf(counts)}</td></tr>`;
  });
  const meanings = GRADES.map((grade) => `<dt>${grade}</dt><dd>${GRADE_MEANINGS[grade]}</dd>`);
  return `<section aria-labelledby="overview">
<h2 id="overview">Overview</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Entries by kind and grade">
${picture(overview)}
<table>
<thead><tr><th scope="col">kind</th>${heads.join('')}<th scope="col">all</th></tr></thead>
<tbody>${rows.join('')}</tbody>
</table>
</div>
<details><summary>What the grades mean</summary><dl>${meanings.join('')}</dl></details>
</section>`;
}

const MAX_WARNINGS = 50;

function warningsPart({ warnings }: Report): string {
  if (warnings.length === 0) return '';
  const rows = warnings.slice(0, MAX_WARNINGS).map((text) => `<li>${escapeHtml(sanitize(text, 500))}</li>`);
  const rest = warnings.length - rows.length;
  if (rest > 0) rows.push(`<li>and ${rest} more</li>`);
  return `<section aria-labelledby="warnings"><h2 id="warnings">About this run</h2><ul>${rows.join('')}</ul></section>`;
}

function generalPart({ general }: PageData): string {
  const hidden = general.length === 0 ? ' hidden' : '';
  return `<section aria-labelledby="general-name"${hidden}><h2 id="general-name">About the lockfile as a whole (${general.length})</h2><div id="general" tabindex="0" role="group" aria-labelledby="general-name"></div></section>`;
}

function packagesPart(overview: Overview): string {
  const columns = ['package', 'grade', 'kind', 'findings', 'entry'];
  const heads = columns.map((name) => `<span role="columnheader">${name}</span>`);
  return `<section aria-labelledby="packages-name">
<h2 id="packages-name">Packages</h2>
<div class="controls" role="search">
<label>Search name or entry <input type="search" id="search" autocomplete="off" spellcheck="false"></label>
${choice('grade', 'Grade', GRADES)}
${choice(
  'kind',
  'Kind',
  overview.map(([kind]) => kind),
)}
${choice('level', 'Findings', [...LEVELS, 'none'])}
<p id="count" role="status"></p>
</div>
<p id="keys" class="faint">Arrow keys move through the table, Enter shows a package, Escape leads back.</p>
<div class="both">
<div id="packages" role="grid" tabindex="0" aria-labelledby="packages-name" aria-describedby="keys" aria-colcount="${columns.length}">
<div role="rowgroup" class="head"><div role="row" class="row" aria-rowindex="1">${heads.join('')}</div></div>
<div role="rowgroup" id="rows"></div>
</div>
<section id="part" aria-labelledby="part-name" tabindex="0">
<h2 id="part-name" tabindex="-1">No package chosen</h2>
<div id="part-body"></div>
</section>
</div>
</section>`;
}

function choice(name: string, label: string, values: readonly string[]): string {
  const options = values.map((value) => `<option>${value}</option>`).join('');
  return `<label>${label} <select id="choose-${name}"><option value="">any</option>${options}</select></label>`;
}

const MAX_WAIVED = 1000;

function waivedPart({ waived = [] }: Report): string {
  if (waived.length === 0) return '';
  const rows = waived
    .slice(0, MAX_WAIVED)
    .map(
      (one) =>
        `<dt>${one.finding.code}</dt><dd>${escapeHtml(`${sanitize(one.finding.subject)}: ${exceptionText(one)}`)}</dd>`,
    );
  const rest = waived.length - rows.length;
  if (rest > 0) rows.push(`<dt>and</dt><dd>${rest} more</dd>`);
  return `<section aria-labelledby="waived"><h2 id="waived">Waived (${waived.length})</h2><dl>${rows.join('')}</dl></section>`;
}

function aboutPart(report: Report): string {
  const { verification } = report;
  const { sha256, sha512 } = verification.lockfile;
  const facts = [
    ['format', formatText(verification)],
    ['entries', entriesText(verification)],
    ['sha256', sha256],
    ['sha512', sha512],
    ['package set', verification.packageSet.sha256],
    ['edges', edgesText(verification)],
    ...policyFacts(report),
    ...trustTexts(verification).map((text) => ['trust', text]),
  ];
  const rows = facts.map(([label = '', text = '']) => `<dt>${label}</dt><dd>${escapeHtml(text)}</dd>`);
  return `<section aria-labelledby="about"><h2 id="about">What was verified, and on whose word</h2><dl>${rows.join('')}</dl></section>`;
}
