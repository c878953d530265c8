import type { Argv } from 'yargs';
import type { RawArgs } from '../args.ts';
import type { Console } from '../io/console.ts';

/** One command of the CLI: how its options are declared, and what it does. Its name and summary: `../commands.ts`. */
export interface Command {
  readonly builder: (program: Argv) => Argv;
  /**
   * Decodes its arguments, then acts.
   * @returns the exit code
   * @throws LocksealError for everything that could not be decided
   */
  readonly run: (args: RawArgs, console: Console) => Promise<number>;
}
