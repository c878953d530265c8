import { enforceQuickly } from './enforce-quickly.ts';
import { EXIT } from './exit-codes.ts';
import type { Console } from './io/console.ts';
import { readVersion } from './io/version.ts';
import { reportError } from './report-error.ts';

/**
 * Runs one command line.
 * @returns the exit code: 0 good, 1 findings at error level, 2 wrong usage or configuration, 3 could not decide, 4 a fault of ours
 */
export async function main(args: readonly string[], console: Console): Promise<number> {
  try {
    return await run(args, console);
  } catch (thrown) {
    return reportError(thrown, console);
  }
}

/** `enforce` runs before every installation, so it does not wait for the code of the other commands. */
async function run([command, ...args]: readonly string[], console: Console): Promise<number> {
  // Asked by scripts before anything else; loading every command for it would take ten times as long.
  if (command === '--version' && args.length === 0) {
    console.stdout.write(`${await readVersion()}\n`);
    return EXIT.good;
  }
  const decided = command === 'enforce' ? await enforceQuickly(args, console) : undefined;
  if (decided !== undefined) return decided;
  const { runCommandLine } = await import('./command-line.ts');
  return runCommandLine(command === undefined ? [] : [command, ...args], console);
}
