import { EXIT } from './exit-codes.ts';
import type { Console } from './io/console.ts';
import { readVersion } from './io/version.ts';

/**
 * Runs one command line.
 * @returns the exit code: 0 good, 1 findings at error level, 2 wrong usage or configuration, 3 could not decide, 4 a fault of ours
 */
export async function main(args: readonly string[], console: Console): Promise<number> {
  try {
    return await run(args, console);
  } catch (thrown) {
    const { reportError } = await import('./report-error.ts');
    return reportError(thrown, console);
  }
}

/** Everything is loaded when it is needed: most of what a short run costs is loading code. */
async function run([command, ...args]: readonly string[], console: Console): Promise<number> {
  // Asked by scripts before anything else.
  if (command === '--version' && args.length === 0) {
    console.stdout.write(`${await readVersion()}\n`);
    return EXIT.good;
  }
  // What runs at every installation and every build does not wait for yargs and the code of the other commands.
  if (command === 'enforce') {
    const { enforceQuickly } = await import('./enforce-quickly.ts');
    const decided = await enforceQuickly(args, console);
    if (decided !== undefined) return decided;
  }
  if (command === 'verify') {
    const { verifyQuickly } = await import('./verify-quickly.ts');
    const verified = await verifyQuickly(args, console);
    if (verified !== undefined) return verified;
  }
  if (command === 'install') {
    const { installQuickly } = await import('./install-quickly.ts');
    const installed = await installQuickly(args, console);
    if (installed !== undefined) return installed;
  }
  const { runCommandLine } = await import('./command-line.ts');
  return runCommandLine(command === undefined ? [] : [command, ...args], console);
}
