import { nearest } from '@lockseal/policy';
import { COMMANDS } from '../commands.ts';
import { describeCommands, type CommandDescription } from './describe.ts';

/** How a command is called, with an example, for one of whose arguments is missing. */
export async function usageOf(
  args: readonly string[],
): Promise<{ readonly usage: string; readonly example: string | undefined } | undefined> {
  const called = commandOf(args, await describeCommands(COMMANDS));
  return called && { usage: `lockseal ${called.usage}`, example: called.examples[0]?.[0] };
}

/** What was meant by an option that does not exist; undefined: nothing is near. `unknown` is without dashes. */
export async function suggestOption(args: readonly string[], unknown: string): Promise<string | undefined> {
  const commands = await describeCommands(COMMANDS);
  const called = commandOf(args, commands);
  if (called === undefined) return undefined;
  const own = called.options.map(({ name }) => name);
  const near = nearest(unknown, own);
  if (near !== undefined) return `Did you mean --${near}?`;
  const others = commands.filter(({ options }) => options.some(({ name }) => name === unknown));
  if (others.length === 0) return undefined;
  return `--${unknown} is an option of ${others.map(({ name }) => `\`lockseal ${name}\``).join(', ')}.`;
}

/** The command that a command line calls; of nested ones the innermost. */
function commandOf(args: readonly string[], commands: readonly CommandDescription[]): CommandDescription | undefined {
  const words = args.filter((arg) => !arg.startsWith('-'));
  return commands.find(({ name }) => name.split(' ').every((word, index) => words[index] === word));
}
