import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type { RawArgs } from './args.ts';

/** As much of an option's declaration as parsing needs. */
export interface QuickOption {
  readonly name: string;
  readonly takesValue: boolean;
  /** `o` of `-o`. */
  readonly alias?: string | undefined;
}

/**
 * Reads the arguments of a command by Node's own parser, as yargs hands them over: yargs takes longer to load, and to
 * lay out a help text that nobody asked for, than `enforce` takes to decide.
 * @param args without the command's name; one of them may be the `target`
 * @returns undefined where yargs has to answer: help, a misspelt option, a missing value, `--`
 */
export function parseQuickly(args: readonly string[], options: readonly QuickOption[]): RawArgs | undefined {
  if (args.includes('--')) return undefined;
  const declared = Object.fromEntries(
    options.map(({ name, takesValue, alias }): [string, ParseArgsOptionsConfig[string]] => [
      name,
      {
        type: takesValue ? 'string' : 'boolean',
        multiple: takesValue,
        ...(alias === undefined ? {} : { short: alias }),
      },
    ]),
  );
  try {
    const parsed = parseArgs({ args: [...args], options: declared, allowPositionals: true, strict: true });
    const [target, ...others] = parsed.positionals;
    if (others.length > 0) return undefined;
    const raw = new Map<string, unknown>(Object.entries(parsed.values).map(([name, value]) => [name, only(value)]));
    if (target !== undefined) raw.set('target', target);
    return Object.fromEntries(raw);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** What is given once is itself; given twice it stays a list, which decoding refuses. */
function only(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value;
}
