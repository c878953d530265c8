import type { Argv } from 'yargs';
import type { CommandEntry } from '../commands.ts';

/** A command as it declares itself: what help, the manual page and completion are made of. */
export interface CommandDescription {
  /** `policy init`. */
  readonly name: string;
  /** yargs' spelling: `policy init [lockfile]`. */
  readonly usage: string;
  readonly describe: string;
  readonly positionals: readonly OptionDescription[];
  readonly options: readonly OptionDescription[];
  readonly examples: readonly (readonly [command: string, describe: string])[];
}

export interface OptionDescription {
  /** `policy-ref`, without dashes. */
  readonly name: string;
  readonly describe: string;
  readonly takesValue: boolean;
  /** `o` of `-o`. */
  readonly alias: string | undefined;
  /** Heading in the help: `Evidence`. */
  readonly group: string | undefined;
  /** Values that it takes, where its description says `One of a, b`; decoding holds them, not yargs (see ../args.ts). */
  readonly choices: readonly string[];
}

/** Every command, nested ones by their full name, in the order of the help. Loads them all. */
export async function describeCommands(
  entries: readonly CommandEntry[],
  prefix: string = '',
): Promise<CommandDescription[]> {
  const nested = await Promise.all(
    entries.map(async (entry) => {
      const usage = `${prefix}${entry.command}`;
      if ('commands' in entry) return describeCommands(entry.commands, `${usage} `);
      const { builder } = await entry.load();
      return [describeCommand(usage, entry.describe, builder)];
    }),
  );
  return nested.flat();
}

/** One command by what its builder declares. @param usage yargs' spelling */
export function describeCommand(usage: string, summary: string, builder: (program: Argv) => Argv): CommandDescription {
  const recorder = new Recorder();
  // The recorder has what builders call; anything else they might call is missing there, and tests would tell.
  builder(recorder as unknown as Argv);
  const { positionals, options, examples } = recorder;
  const name = usage.replaceAll(/ [[<].*$/g, '');
  return { name, usage, describe: summary, positionals, options, examples };
}

/** The part of yargs' options that we use. */
interface Declared {
  readonly describe?: string;
  readonly type?: string;
  readonly group?: string;
  readonly alias?: string;
}

/** Stands in for yargs and writes down what is declared. */
class Recorder {
  readonly positionals: OptionDescription[] = [];
  readonly options: OptionDescription[] = [];
  readonly examples: (readonly [string, string])[] = [];

  positional(name: string, declared: Declared): this {
    this.positionals.push(decode(name, declared));
    return this;
  }

  option(name: string, declared: Declared): this {
    this.options.push(decode(name, declared));
    return this;
  }

  example(command: string, describe: string): this {
    this.examples.push([command.replaceAll('$0', 'lockseal'), describe]);
    return this;
  }
}

function decode(name: string, { describe = '', type, group, alias }: Declared): OptionDescription {
  const said = /^One of ([\w-]+(?:, [\w-]+)*)/.exec(describe)?.[1]?.split(', ');
  const takesValue = type !== 'boolean';
  return { name, describe, takesValue, alias, group: group?.replace(/:$/, ''), choices: said ?? [] };
}
