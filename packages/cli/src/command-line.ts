import { LocksealError } from '@lockseal/core';
import yargs, { type Argv } from 'yargs';
import type { RawArgs } from './args.ts';
import { COMMANDS, type CommandEntry } from './commands.ts';
import type { Command } from './commands/command.ts';
import { EXIT } from './exit-codes.ts';
import { widthOf, type Console } from './io/console.ts';
import { readVersion } from './io/version.ts';

/** Runs any command, by yargs. @returns the exit code @throws LocksealError */
export async function runCommandLine(args: readonly string[], console: Console): Promise<number> {
  let exitCode: number = EXIT.good;
  const [own, command] = splitCommand(args);
  const run: Run = async (called, raw) => {
    exitCode = await called.run(command === undefined ? raw : { ...raw, '--': command }, console);
  };
  const columns = Math.min(widthOf(console.stdout), MAX_COLUMNS);
  const parser = declare(configure(yargs(), await readVersion(), columns), COMMANDS, run);
  const shown = await parse(parser, own).catch(async (thrown: unknown) => {
    throw await withSuggestion(thrown, own);
  });
  if (shown !== '') console.stdout.write(`${shown}\n`);
  return exitCode;
}

/** What stands after `--` is a command of the user's own, where one is taken: yargs must not look into it. */
function splitCommand(args: readonly string[]): readonly [own: readonly string[], command?: readonly string[]] {
  const at = args.indexOf('--');
  const called = COMMANDS.find(({ command }) => command.split(' ')[0] === args[0]);
  const takesCommand = called !== undefined && 'takesCommand' in called && called.takesCommand;
  return at === -1 || !takesCommand ? [args] : [args.slice(0, at), args.slice(at + 1)];
}

const SEE_HELP = 'See `lockseal --help`.';

type Run = (command: Command, raw: RawArgs) => Promise<void>;

/** Lines of help longer than this are hard to read. */
const MAX_COLUMNS = 100;

function declare(program: Argv, entries: readonly CommandEntry[], run: Run): Argv {
  return entries.reduce((declared, entry) => {
    const { command, describe } = entry;
    return 'commands' in entry
      ? declared.command({
          command,
          describe,
          builder: (inner) =>
            declare(inner.demandCommand(1, `Say what: ${namesOf(entry.commands)}.`), entry.commands, run),
          handler: () => undefined,
        })
      : declared.command({
          command,
          describe,
          builder: async (inner) => (await entry.load()).builder(inner),
          handler: async (raw) => run(await entry.load(), raw),
        });
  }, program);
}

/** yargs' complaints, with what was meant: the option that is spelt nearly so, or how the command is called. */
async function withSuggestion(thrown: unknown, args: readonly string[]): Promise<unknown> {
  // Of a command whose options are declared late it throws some itself, past its own handler of failures.
  if (thrown instanceof Error && thrown.name === 'YError')
    return new LocksealError('ERR_USAGE', thrown.message, { hint: SEE_HELP });
  if (!(thrown instanceof LocksealError) || thrown.code !== 'ERR_USAGE') return thrown;
  const unknown = /^Unknown arguments?: ([^,]+)/.exec(thrown.message)?.[1];
  const isMissing = thrown.message.startsWith('Not enough non-option arguments');
  if (unknown === undefined && !isMissing) return thrown;
  const { suggestOption, usageOf } = await import('./help/suggest.ts');
  if (unknown === undefined) {
    const { usage, example } = (await usageOf(args)) ?? {};
    const hint = example === undefined ? SEE_HELP : `Such as \`${example}\`.`;
    return new LocksealError('ERR_USAGE', 'An argument is missing.', { expected: usage, hint });
  }
  const hint = await suggestOption(args, unknown);
  return new LocksealError('ERR_USAGE', thrown.message, { ...thrown.details, hint: hint ?? SEE_HELP });
}

function namesOf(entries: readonly CommandEntry[]): string {
  return entries.map(({ command }) => command.split(' ')[0]).join(', ');
}

/** yargs as we use it: no surprises in values (see args.ts), errors thrown instead of printed. */
function configure(program: Argv, version: string, columns: number): Argv {
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
    .example('$0 verify', 'what is known of every package that is locked here')
    .example('$0 enforce', 'offline: did the right people approve this lockfile?')
    .example('$0 policy --help', 'the commands of a group; each has examples')
    .wrap(columns)
    .exitProcess(false)
    .fail((message, error) => {
      // Some of its complaints about usage come as errors of its own.
      if (error !== undefined && error.name !== 'YError') throw error;
      throw new LocksealError('ERR_USAGE', message ?? error?.message, { hint: SEE_HELP });
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
