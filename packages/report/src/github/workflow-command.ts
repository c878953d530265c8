/** GitHub shows so many annotations of one kind a step, and drops the rest in silence. */
const MAX_OF_A_KIND = 10;

export type Command = 'error' | 'warning' | 'notice';

/** Sanitized text, and where it belongs. */
export interface Annotation {
  readonly text: string;
  readonly properties?: Readonly<Record<string, string | number | undefined>>;
}

/**
 * Workflow commands of one kind; no more than GitHub shows, the last of them telling of the rest.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function annotationLines(command: Command, all: readonly Annotation[]): readonly string[] {
  return bounded(all).map((one) => commandLine(command, one));
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
