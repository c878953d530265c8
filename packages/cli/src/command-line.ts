import { LocksealError } from '@lockseal/core';
import yargs, { type Argv } from 'yargs';
import { COMMANDS } from './commands.ts';
import { EXIT } from './exit-codes.ts';
import type { Console } from './io/console.ts';
import { readVersion } from './io/version.ts';

/** Runs any command, by yargs. @returns the exit code @throws LocksealError */
export async function runCommandLine(args: readonly string[], console: Console): Promise<number> {
  let exitCode: number = EXIT.good;
  const parser = COMMANDS.reduce(
    (program, { command, describe, load }) =>
      program.command({
        command,
        describe,
        builder: async (declared) => (await load()).builder(declared),
        handler: async (raw) => {
          exitCode = await (await load()).run(raw, console);
        },
      }),
    configure(yargs(), await readVersion()),
  );
  const shown = await parse(parser, args);
  if (shown !== '') console.stdout.write(`${shown}\n`);
  return exitCode;
}

/** yargs as we use it: no surprises in values (see args.ts), errors thrown instead of printed. */
function configure(program: Argv, version: string): Argv {
  return program
    .scriptName('lockseal')
    .locale('en')
    .usage('$0 <command>\n\nProves, approves and enforces what a JavaScript lockfile locks.')
    .parserConfiguration({ 'boolean-negation': false, 'dot-notation': false, 'camel-case-expansion': false })
    .version(version)
    .help()
    .alias('help', 'h')
    .strict()
    .recommendCommands()
    .demandCommand(1, 'Name a command: `lockseal verify` checks the lockfile in this folder.')
    .wrap(100)
    .exitProcess(false)
    .fail((message, error) => {
      // Some of its complaints about usage come as errors of its own.
      if (error !== undefined && error.name !== 'YError') throw error;
      throw new LocksealError('ERR_USAGE', message ?? error?.message, { hint: 'See `lockseal --help`.' });
    });
}

/** Help and version texts are handed over, not printed, so that one place writes to the terminal. */
async function parse(program: Argv, args: readonly string[]): Promise<string> {
  let shown = '';
  await program.parseAsync([...args], {}, (_error: unknown, _argv: unknown, output: string) => {
    shown = output;
  });
  return shown;
}
