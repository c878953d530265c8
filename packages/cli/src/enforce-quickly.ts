import { decodeEnforceArgs, ENFORCE_OPTIONS } from './approval/enforce-options.ts';
import { runEnforce } from './approval/run-enforce.ts';
import type { Console } from './io/console.ts';
import { parseQuickly } from './quick-args.ts';

/**
 * Runs `lockseal enforce` without loading the other commands and yargs.
 * @param args without the command's name
 * @returns the exit code, or undefined where the whole command line has to answer
 */
export async function enforceQuickly(args: readonly string[], console: Console): Promise<number | undefined> {
  const options = Object.entries(ENFORCE_OPTIONS).map(([name, { type }]) => ({ name, takesValue: type === 'string' }));
  const raw = parseQuickly(args, options);
  return raw === undefined ? undefined : runEnforce(decodeEnforceArgs(raw, console), console);
}
