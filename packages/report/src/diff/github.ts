import { TRUST_SIGNS, type PackageChange } from '@lockseal/core';
import { annotationLines, type Annotation } from '../github/workflow-command.ts';
import { sanitize } from '../sanitize.ts';
import type { DiffReport } from './model.ts';
import { fieldsOf, isUndecided, nameText, signText, summaryText, versionText, weightOf } from './words.ts';

const ARROW = '->';

/**
 * The comparison as GitHub workflow commands, at the lines of the lockfile: what fails the run is an error, what could not
 * be decided and what is grave a warning, the rest a notice; then the summary as a line of the log.
 */
export function renderDiffGithub(report: DiffReport): string {
  const byCommand = Map.groupBy(report.diff.changes, (change) => commandOf(change, report.failOn));
  const warnings = report.warnings.map((text): Annotation => ({ text: sanitize(text, 500) }));
  const lines = (['error', 'warning', 'notice'] as const).flatMap((command) =>
    annotationLines(command, [
      ...(command === 'warning' ? warnings : []),
      ...(byCommand.get(command) ?? []).map((change) => annotation(change, report)),
    ]),
  );
  return `${[...lines, summaryText(report.diff)].join('\n')}\n`;
}

/** Whether a change is one that fails the run. */
export function failsOn({ signs }: PackageChange, failOn: readonly string[]): boolean {
  return signs.some(
    ({ sign }) => failOn.includes(sign) || failOn.includes('any') || failOn.includes(TRUST_SIGNS[sign].weight),
  );
}

function commandOf(change: PackageChange, failOn: readonly string[]): 'error' | 'warning' | 'notice' {
  if (failsOn(change, failOn)) return 'error';
  return isUndecided(change) || weightOf(change) === 'grave' ? 'warning' : 'notice';
}

function annotation(change: PackageChange, { diff }: DiffReport): Annotation {
  const { signs, after } = change;
  const said = signs.map((sign) => {
    const text = signText(sign, ARROW);
    return `${TRUST_SIGNS[sign.sign].title}${text === undefined ? '' : `: ${text}`}`;
  });
  const facts = fieldsOf(change, { arrow: ARROW, now: diff.comparedAt }).map(([label, text]) => `${label}: ${text}`);
  return {
    text: [`${nameText(change)} ${versionText(change, ARROW)}`, ...said, ...facts].join('\n'),
    properties: {
      file: sanitize(diff.after.origin, 1000),
      line: after?.position?.line ?? 1,
      col: after?.position?.column,
      title: `lockseal diff: ${signs[0]?.sign ?? 'undecided'}`,
    },
  };
}
