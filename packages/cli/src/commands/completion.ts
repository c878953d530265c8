import { LocksealError } from '@lockseal/core';
import { choiceOption } from '../args.ts';
import { EXIT } from '../exit-codes.ts';
import { completionScript, SHELLS } from '../help/completion.ts';
import type { Command } from './command.ts';

/** `lockseal completion`: a script for a shell. */
export const completion: Command = {
  builder: (program) =>
    program
      .positional('shell', { type: 'string', describe: `One of ${SHELLS.join(', ')}` })
      .example('source <($0 completion bash)', 'for this shell')
      .example('$0 completion fish > ~/.config/fish/completions/lockseal.fish', 'for every one'),
  run: async (raw, console) => {
    const shell = choiceOption(raw, 'shell', SHELLS);
    if (shell === undefined) throw new LocksealError('ERR_USAGE', `Say which shell: ${SHELLS.join(', ')}.`);
    // Loaded only here: it lists every command, this one too.
    const [{ COMMANDS }, { describeCommands }] = await Promise.all([
      import('../commands.ts'),
      import('../help/describe.ts'),
    ]);
    console.stdout.write(completionScript(shell, await describeCommands(COMMANDS)));
    return EXIT.good;
  },
};
