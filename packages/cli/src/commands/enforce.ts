import { decodeEnforceArgs, ENFORCE_OPTIONS } from '../approval/enforce-options.ts';
import { runEnforce } from '../approval/run-enforce.ts';
import type { Command } from './command.ts';

/** `lockseal enforce`: offline, is this lockfile one that the right people approved? */
export const enforce: Command = {
  builder: (program) => {
    const declared = program.positional('target', {
      type: 'string',
      describe: 'a lockfile, or the folder that holds one',
      default: '.',
    });
    return Object.entries(ENFORCE_OPTIONS)
      .reduce(
        (each, [name, option]) => each.option(name, { ...option, requiresArg: option.type === 'string' }),
        declared,
      )
      .example('$0 enforce --policy-ref=origin/main --baseline=origin/main', 'in the build of a pull request')
      .example('$0 enforce --artifact=app.tgz', 'was this artifact released from this lockfile?');
  },
  run: (raw, console) => runEnforce(decodeEnforceArgs(raw, console), console),
};
