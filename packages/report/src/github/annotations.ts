import { itemsOf, itemText, type Item } from '../items.ts';
import type { Report } from '../model.ts';
import { sanitize } from '../sanitize.ts';
import { verdictText } from '../words.ts';

/** GitHub shows so many annotations of one kind a step, and drops the rest in silence. */
const MAX_OF_A_KIND = 10;

type Command = 'error' | 'warning' | 'notice';

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
    return bounded([...warnings, ...items]).map((one) => commandLine(command, one));
  });
  return `${[...lines, verdictText(report)].join('\n')}\n`;
}

interface Annotation {
  readonly text: string;
  readonly properties?: Readonly<Record<string, string | number | undefined>>;
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

function bounded(all: readonly Annotation[]): readonly Annotation[] {
  if (all.length <= MAX_OF_A_KIND) return all;
  const shown = all.slice(0, MAX_OF_A_KIND - 1);
  return [...shown, { text: `lockseal: ${all.length - shown.length} more are in the step summary.` }];
}

function commandLine(command: Command, { text, properties = {} }: Annotation): string {
  const given = Object.entries(properties).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${escapeProperty(String(value))}`],
  );
  return `::${command}${given.length === 0 ? '' : ` ${given.join(',')}`}::${escapeData(text)}`;
}

/** As the runner's own toolkit escapes: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
