import { install } from './commands/install.ts';
import { describeCommand } from './help/describe.ts';
import type { Console } from './io/console.ts';
import { parseQuickly } from './quick-args.ts';

/**
 * Runs `lockseal install` without yargs, with the options that the command declares to it.
 * @param args without the command's name; after `--` a command of the user's own
 * @returns the exit code, or undefined where the whole command line has to answer
 */
export async function installQuickly(args: readonly string[], console: Console): Promise<number | undefined> {
  const { options } = describeCommand('install [target]', '', install.builder);
  const at = args.indexOf('--');
  const raw = parseQuickly(at === -1 ? args : args.slice(0, at), options);
  if (raw === undefined) return undefined;
  return install.run(at === -1 ? raw : { ...raw, '--': args.slice(at + 1) }, console);
}
