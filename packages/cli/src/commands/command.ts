import type { Argv } from 'yargs';
import type { RawArgs } from '../args.ts';
import type { Console } from '../io/console.ts';

/** One command of the CLI: how it is called, how its options are declared, and what it does. */
export interface Command {
  /** yargs' spelling: `verify [target]`. */
  readonly command: string;
  readonly describe: string;
  readonly builder: (program: Argv) => Argv;
  /**
   * Decodes its arguments, then acts.
   * @returns the exit code
   * @throws LocksealError for everything that could not be decided
   */
  readonly run: (args: RawArgs, console: Console) => Promise<number>;
}
