import path from 'node:path';
import { flagOption, textOption, type RawArgs } from '../args.ts';
import type { Console } from '../io/console.ts';
import { decodePolicyOptions, type PolicyOptions } from './load-policy.ts';

/** The options of `lockseal enforce`, once for yargs (help, suggestions) and once for the quick path. */
export const ENFORCE_OPTIONS = {
  policy: { type: 'string', describe: 'Policy file, from outside of what is judged (default: lockseal.yaml)' },
  'policy-ref': { type: 'string', describe: 'Git ref whose policy counts, such as origin/main' },
  baseline: { type: 'string', describe: 'Git ref or file of approvals that nothing may fall behind' },
  'trusted-root': { type: 'string', describe: 'Sigstore trusted root (JSON file), instead of the embedded one' },
  repository: { type: 'string', describe: 'Repository that approvals must name (default: what the CI says)' },
  ref: { type: 'string', describe: 'Git ref that approvals must name, where the policy lists none' },
  artifact: { type: 'string', describe: 'A release artifact that must be signed as built from this lockfile' },
  json: { type: 'boolean', describe: 'Print the verdict as JSON' },
  quiet: { type: 'boolean', describe: 'Print nothing when the lockfile is approved' },
} as const;

export interface EnforceArgs {
  readonly target: string;
  readonly policy: PolicyOptions;
  readonly baseline: string | undefined;
  readonly trustedRoot: string | undefined;
  readonly repository: string | undefined;
  readonly ref: string | undefined;
  readonly artifact: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** @throws LocksealError ERR_USAGE */
export function decodeEnforceArgs(raw: RawArgs, console: Console): EnforceArgs {
  const file = (name: string): string | undefined => {
    const given = textOption(raw, name);
    return given === undefined ? undefined : path.resolve(console.cwd, given);
  };
  return {
    target: textOption(raw, 'target') ?? '.',
    policy: decodePolicyOptions(raw, console),
    baseline: textOption(raw, 'baseline'),
    trustedRoot: file('trusted-root'),
    repository: textOption(raw, 'repository') ?? repositoryOfJob(console.env),
    ref: textOption(raw, 'ref'),
    artifact: file('artifact'),
    json: flagOption(raw, 'json'),
    quiet: flagOption(raw, 'quiet'),
  };
}

/** The repository that a CI job says it runs in. */
export function repositoryOfJob(env: Console['env']): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name, CI_PROJECT_URL: gitlab } = env;
  return server !== undefined && name !== undefined ? `${server}/${name}` : gitlab;
}
