import type { Argv } from 'yargs';
import { decodePolicyOptions, type PolicyOptions } from '../approval/load-policy.ts';
import { textOption, type RawArgs } from '../args.ts';
import type { Console } from '../io/console.ts';

/** By what a lockfile is judged. */
export interface JudgingOptions extends PolicyOptions {
  /** Git ref whose lockfile is the state before the change. */
  readonly base: string | undefined;
}

const text = (describe: string) => ({ type: 'string', requiresArg: true, describe, group: 'Policy:' }) as const;

/** Which policy. */
export function withPolicyFile(program: Argv): Argv {
  return program
    .option('policy', text('Policy file (default: lockseal.yaml at the root of the repository)'))
    .option('policy-ref', text('Git ref whose policy counts, such as origin/main'));
}

/** Which policy, and what to compare with. */
export function withPolicyOptions(program: Argv): Argv {
  return withPolicyFile(program).option('base', text('Git ref to compare the lockfile with, such as origin/main'));
}

/** @throws LocksealError ERR_USAGE */
export function decodeJudgingOptions(args: RawArgs, console: Console): JudgingOptions {
  return { ...decodePolicyOptions(args, console), base: textOption(args, 'base') };
}
