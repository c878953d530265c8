import { itemsOf, itemText, type Item } from '../items.ts';
import type { Report } from '../model.ts';
import { sanitize } from '../sanitize.ts';
import { verdictText } from '../words.ts';
import { annotationLines, type Annotation, type Command } from './workflow-command.ts';

const COMMANDS: Readonly<Record<Item['level'], Command>> = {
  error: 'error',
  undecided: 'error',
  warn: 'warning',
  note: 'notice',
};

/**
 * The report as GitHub workflow commands, which become annotations at lines of the lockfile; then the verdict as a line
 * of the log. Of each kind no more than GitHub shows, the last of them telling of the rest.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function renderGithub(report: Report): string {
  const byCommand = Map.groupBy(itemsOf(report), ({ level }) => COMMANDS[level]);
  const lines = (['error', 'warning', 'notice'] as const).flatMap((command) => {
    const warnings = command === 'warning' ? report.warnings.map((text) => ({ text: sanitize(text, 500) })) : [];
    const items = (byCommand.get(command) ?? []).map((item) => annotation(item, report));
    return annotationLines(command, [...warnings, ...items]);
  });
  return `${[...lines, verdictText(report)].join('\n')}\n`;
}

function annotation(item: Item, { verification }: Report): Annotation {
  const { code, position } = item;
  const properties = {
    file: sanitize(item.file ?? verification.lockfile.path, 1000),
    line: position?.line ?? 1,
    col: position?.column,
    title: `lockseal: ${code}`,
  };
  return { text: itemText(item), properties };
}
