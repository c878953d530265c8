import { LocksealError } from '@lockseal/core';
import { SANDBOX_MODES, type SandboxMode } from '@lockseal/gate';
import type { Argv } from 'yargs';
import { choiceOption, flagOption, listOption, type RawArgs } from '../args.ts';
import { decodeGateArgs, withGateOptions, type GateArgs } from '../gate/options.ts';
import type { Console } from '../io/console.ts';

/** What the user lets a package manager leave out. */
const KINDS = ['dev', 'optional', 'peer'] as const;

export interface InstallArgs {
  readonly gate: GateArgs;
  /** The user's own command; undefined: the frozen mode of the lockfile's package manager. */
  readonly command: readonly [string, ...string[]] | undefined;
  /** Compare the disk, install nothing. */
  readonly checkOnly: boolean;
  readonly sandbox: SandboxMode;
  readonly runScripts: boolean;
  readonly omitted: ReadonlySet<(typeof KINDS)[number]>;
  /** Variables that are passed on although they look like credentials. */
  readonly keptVariables: ReadonlySet<string>;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Declares the options of `lockseal install`. */
export function withInstallOptions(program: Argv): Argv {
  const flag = (describe: string) => ({ type: 'boolean', describe }) as const;
  const text = (describe: string) => ({ type: 'string', requiresArg: true, describe }) as const;
  return withGateOptions(program)
    .option('check-installed', flag('Install nothing: compare what is on disk with what was approved'))
    .option('sandbox', text(`One of ${SANDBOX_MODES.join(', ')} (default auto): what holds approved install scripts`))
    .option('no-scripts', flag('Run no install script, not even approved ones'))
    .option('omit', text(`One of ${KINDS.join(', ')}: dependencies that need not be on disk; may be repeated`))
    .option('keep-env', text('Variable to pass on although it looks like a credential; may be repeated'))
    .option('json', flag('Print the report as JSON; what the command prints goes to standard error'))
    .option('quiet', flag('Print no report when all is good'));
}

/** @throws LocksealError ERR_USAGE */
export function decodeInstallArgs(raw: RawArgs, console: Console): InstallArgs {
  const command = decodeCommand(raw['--']);
  const checkOnly = flagOption(raw, 'check-installed');
  if (checkOnly && command !== undefined) {
    throw new LocksealError('ERR_USAGE', '--check-installed runs no command.', { hint: 'Leave one of them out.' });
  }
  return {
    gate: decodeGateArgs(raw, console),
    command,
    checkOnly,
    sandbox: choiceOption(raw, 'sandbox', SANDBOX_MODES) ?? 'auto',
    runScripts: !flagOption(raw, 'no-scripts'),
    omitted: new Set(listOption(raw, 'omit').flatMap((kind) => choiceOption({ omit: kind }, 'omit', KINDS) ?? [])),
    keptVariables: new Set(listOption(raw, 'keep-env')),
    json: flagOption(raw, 'json'),
    quiet: flagOption(raw, 'quiet'),
  };
}

/** What stood after `--`: see `splitCommand`. */
function decodeCommand(given: unknown): InstallArgs['command'] {
  if (!Array.isArray(given)) return undefined;
  const [program, ...args] = given as readonly string[];
  if (program !== undefined && program !== '') return [program, ...args];
  throw new LocksealError('ERR_USAGE', 'There is no command after `--`.', {
    hint: 'Such as `lockseal install -- make`.',
  });
}
