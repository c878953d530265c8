import { withEvidenceOptions } from '../evidence/options.ts';
import { withPolicyFile, withPolicyOptions } from '../policy/options.ts';
import type { Command } from './command.ts';
import { checkPolicy } from './policy-check.ts';
import { explainPolicy } from './policy-explain.ts';
import { initPolicy } from './policy-init.ts';
import { testPolicy } from './policy-test.ts';

/** `lockseal policy init`: a commented policy, learned from what is locked now. */
export const policyInit: Command = {
  builder: (program) =>
    withEvidenceOptions(program)
      .positional('lockfile', { type: 'string', describe: 'a lockfile, or the folder that holds one', default: '.' })
      .option('policy', {
        type: 'string',
        requiresArg: true,
        describe: 'Write it here (default: lockseal.yaml at the root of the repository)',
      })
      .example('$0 policy init', 'write lockseal.yaml from what is locked now')
      .example('$0 policy init --policy=draft.yaml', 'beside the policy that there is'),
  run: initPolicy,
};

/** `lockseal policy check`: every mistake in a policy. */
export const policyCheck: Command = {
  builder: (program) =>
    withPolicyFile(program)
      .positional('file', { type: 'string', describe: 'a policy file (default: lockseal.yaml)' })
      .example('$0 policy check', 'every mistake in it, with line and column')
      .example('$0 policy check --policy-ref=origin/main', 'the one that judges pull requests'),
  run: checkPolicy,
};

/** `lockseal policy explain`: what the policy says of a package, and why. */
export const policyExplain: Command = {
  builder: (program) =>
    withPolicyOptions(withEvidenceOptions(program))
      .positional('what', { type: 'string', describe: 'a package, a rule or a finding' })
      .option('lockfile', { type: 'string', requiresArg: true, describe: 'A lockfile, or the folder that holds one' })
      .example('$0 policy explain debug', 'what is known of a package, and what the policy says')
      .example('$0 policy explain release-age', 'a rule, its options, and whom it objects to'),
  run: explainPolicy,
};

/** `lockseal policy test`: what the policy does, before it is relied upon. */
export const policyTest: Command = {
  builder: (program) =>
    withPolicyFile(withEvidenceOptions(program))
      .positional('cases', { type: 'string', describe: 'a file of cases (default: lockseal.cases.yaml)' })
      .option('incidents', { type: 'boolean', describe: 'Replay real attacks under the policy' })
      .option('history', {
        type: 'string',
        requiresArg: true,
        describe: "Judge the project's own past lockfiles, of a git range such as v1.0..main",
      })
      .example('$0 policy test', 'cases of your own: docs/policy.md')
      .example('$0 policy test --incidents', 'which attacks it would have stopped')
      .example('$0 policy test --history=v1.0..main', 'how often it would have objected in the past'),
  run: testPolicy,
};
