// How a step speaks to the runner: the log, outputs, the summary.
import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import type { Runner } from './runner.ts';

export type Log = (line: string) => void;

/** Text that is ours, as an annotation. */
export function annotate(log: Log, level: 'error' | 'notice' | 'warning', text: string): void {
  const escaped = text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  log(`::${level} title=lockseal::${escaped}`);
}

/** Text in which others have a say: no line of it is taken for a command. */
export function quote(log: Log, text: string): void {
  const token = randomUUID();
  log(`::stop-commands::${token}`);
  log(text.trimEnd());
  log(`::${token}::`);
}

/** Sets outputs of the step. Values are ours, of one line. */
export async function setOutputs({ outputFile }: Runner, outputs: Readonly<Record<string, string>>): Promise<void> {
  if (outputFile === undefined) return;
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value.replaceAll(/[\r\n]/g, ' ')}\n`);
  await appendFile(outputFile, lines.join(''));
}

/** Adds text to the summary of the step as it is: an indented block, in which nothing is markup. */
export async function summarize({ summaryFile }: Runner, heading: string, text: string): Promise<void> {
  if (summaryFile === undefined) return;
  await appendFile(summaryFile, `## ${heading}\n\n${indented(text)}\n`);
}

/** Adds Markdown in which lockseal has made all untrusted text inert. */
export async function summarizeMarkdown({ summaryFile }: Runner, markdown: string): Promise<void> {
  if (summaryFile !== undefined) await appendFile(summaryFile, `${markdown}\n`);
}

/** Markdown for text of which no character is markup. */
export function indented(text: string): string {
  const lines = text.trimEnd().split('\n');
  return `${lines.map((line) => (line === '' ? '' : `    ${line}`)).join('\n')}\n`;
}
