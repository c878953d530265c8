import { LocksealError } from '@lockseal/core';
import { textOption, type RawArgs } from '../args.ts';
import { withEvidenceOptions } from '../evidence/options.ts';
import type { Console } from '../io/console.ts';
import { withPolicyOptions } from '../policy/options.ts';
import { checkPolicy } from './policy-check.ts';
import { explainPolicy } from './policy-explain.ts';
import { initPolicy } from './policy-init.ts';
import { testPolicy } from './policy-test.ts';
import type { Command } from './command.ts';

const ACTIONS = ['check', 'init', 'explain', 'test'] as const;

const RUN: Readonly<Record<(typeof ACTIONS)[number], (raw: RawArgs, console: Console) => Promise<number>>> = {
  check: checkPolicy,
  init: initPolicy,
  explain: explainPolicy,
  test: testPolicy,
};

/** `lockseal policy`: write a policy, find its mistakes, understand what it says, prove what it would have stopped. */
export const policy: Command = {
  builder: (program) =>
    withPolicyOptions(withEvidenceOptions(program))
      .positional('action', { type: 'string', describe: ACTIONS.join(', ') })
      .positional('what', {
        type: 'string',
        describe: 'check: a policy file; init: a lockfile; explain: a package, rule or finding; test: a file of cases',
      })
      .option('lockfile', { type: 'string', requiresArg: true, describe: 'explain: a lockfile, or the folder of one' })
      .option('incidents', { type: 'boolean', describe: 'test: replay real attacks under the policy' })
      .option('history', {
        type: 'string',
        requiresArg: true,
        describe: "test: judge the project's own past lockfiles, of a git range such as v1.0..main",
      })
      .example('$0 policy init', 'write lockseal.yaml from what is locked now')
      .example('$0 policy check', 'every mistake in it, with line and column')
      .example('$0 policy explain debug', 'what is known of a package, and what the policy says')
      .example('$0 policy test --incidents', 'which attacks it would have stopped'),
  run: async (raw, console) => {
    const given = textOption(raw, 'action');
    const action = ACTIONS.find((each) => each === given);
    if (action === undefined) {
      const expected = ACTIONS.join(', ');
      throw new LocksealError('ERR_USAGE', 'Say what to do with the policy.', { expected, found: given });
    }
    refuseOptions(raw, action);
    return RUN[action](raw, console);
  },
};

/** An option that the action does not read would be passed over in silence. */
function refuseOptions(raw: RawArgs, action: (typeof ACTIONS)[number]): void {
  const misplaced = [
    ...(action === 'test' ? [] : ['incidents', 'history']),
    ...(action === 'explain' ? [] : ['lockfile']),
  ].find((name) => raw[name] !== undefined && raw[name] !== false);
  if (misplaced !== undefined) {
    throw new LocksealError('ERR_USAGE', `policy ${action} does not take --${misplaced}.`, {
      hint: 'See `lockseal policy --help`.',
    });
  }
}
