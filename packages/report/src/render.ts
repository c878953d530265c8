import { renderGithub } from './github/annotations.ts';
import { renderGitlab } from './gitlab/render.ts';
import { renderHtml } from './html/render.ts';
import type { HumanOptions } from './human/options.ts';
import { renderHuman } from './human/render.ts';
import { renderJson } from './json/render.ts';
import { renderJunit } from './junit/render.ts';
import { renderMarkdown } from './markdown/render.ts';
import type { Report } from './model.ts';
import { renderSarif } from './sarif/render.ts';

const RENDERERS = {
  human: renderHuman,
  json: renderJson,
  sarif: renderSarif,
  markdown: renderMarkdown,
  github: renderGithub,
  gitlab: renderGitlab,
  junit: renderJunit,
  html: renderHtml,
} as const satisfies Readonly<Record<string, (report: Report, options: Partial<HumanOptions>) => string>>;

/** docs/reports.md tells of each. */
export type ReportFormat = keyof typeof RENDERERS;

export const REPORT_FORMATS: readonly ReportFormat[] = Object.keys(RENDERERS) as ReportFormat[];

/** The report in one of the formats; the options concern the human one alone. */
export function renderReport(report: Report, format: ReportFormat, options: Partial<HumanOptions> = {}): string {
  return RENDERERS[format](report, options);
}
