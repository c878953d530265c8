import { verify } from './commands/verify.ts';
import { describeCommand } from './help/describe.ts';
import type { Console } from './io/console.ts';
import { parseQuickly } from './quick-args.ts';

/**
 * Runs `lockseal verify` without yargs, with the options that the command declares to it.
 * @param args without the command's name
 * @returns the exit code, or undefined where the whole command line has to answer
 */
export async function verifyQuickly(args: readonly string[], console: Console): Promise<number | undefined> {
  const { options } = describeCommand('verify [target]', '', verify.builder);
  const raw = parseQuickly(args, options);
  return raw === undefined ? undefined : verify.run(raw, console);
}
