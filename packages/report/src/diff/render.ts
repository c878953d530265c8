import type { HumanOptions } from '../human/options.ts';
import { renderDiffGithub } from './github.ts';
import { renderDiffHuman } from './human.ts';
import { renderDiffJson } from './json.ts';
import { renderDiffMarkdown } from './markdown.ts';
import type { DiffReport } from './model.ts';

const RENDERERS = {
  human: renderDiffHuman,
  json: renderDiffJson,
  markdown: renderDiffMarkdown,
  github: renderDiffGithub,
} as const satisfies Readonly<Record<string, (report: DiffReport, options: Partial<HumanOptions>) => string>>;

/** docs/diff.md tells of each. */
export type DiffFormat = keyof typeof RENDERERS;

export const DIFF_FORMATS: readonly DiffFormat[] = Object.keys(RENDERERS) as DiffFormat[];

/** The comparison in one of the formats; the options concern the human one alone. */
export function renderDiff(report: DiffReport, format: DiffFormat, options: Partial<HumanOptions> = {}): string {
  return RENDERERS[format](report, options);
}
