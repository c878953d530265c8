import { parseArgs } from 'node:util';
import { decodeEnforceArgs, ENFORCE_OPTIONS } from './approval/enforce-options.ts';
import { runEnforce } from './approval/run-enforce.ts';
import type { RawArgs } from './args.ts';
import type { Console } from './io/console.ts';

/**
 * Runs `lockseal enforce` without loading the other commands and their argument parser, which would take longer than
 * the decision. What this does not understand (help, a misspelt option) is left to the whole command line.
 * @param args without the command's name
 * @returns the exit code, or undefined where the whole command line has to answer
 */
export async function enforceQuickly(args: readonly string[], console: Console): Promise<number | undefined> {
  const raw = parse(args);
  return raw === undefined ? undefined : runEnforce(decodeEnforceArgs(raw, console), console);
}

function parse(args: readonly string[]): RawArgs | undefined {
  const options = Object.fromEntries(
    Object.entries(ENFORCE_OPTIONS).map(([name, { type }]) => [name, { type, multiple: type === 'string' }]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    if (positionals.length > 1) return undefined;
    const raw: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(values)) raw[name] = only(value);
    if (positionals[0] !== undefined) raw['target'] = positionals[0];
    return raw;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** A text given once is a text; given twice it stays a list, which decoding refuses. */
function only(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value;
}
