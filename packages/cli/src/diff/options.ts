import path from 'node:path';
import { LocksealError, TRUST_SIGNS } from '@lockseal/core';
import { DIFF_FORMATS, type DiffFormat } from '@lockseal/report';
import type { Argv } from 'yargs';
import { decodePolicyOptions, type PolicyOptions } from '../approval/load-policy.ts';
import { choiceOption, flagOption, listOption, pairsOption, textOption, type RawArgs } from '../args.ts';
import { decodeEvidenceOptions, withEvidenceOptions, type EvidenceOptions } from '../evidence/options.ts';
import type { Console } from '../io/console.ts';

export interface DiffArgs {
  /** undefined: the last approval, else HEAD. */
  readonly base: string | undefined;
  readonly target: string;
  readonly evidence: EvidenceOptions;
  readonly policy: PolicyOptions;
  readonly failOn: readonly string[];
  readonly format: DiffFormat;
  /** Absolute; undefined: standard output. */
  readonly output: string | undefined;
  /** Beside that one; the files are absolute. */
  readonly reports: readonly (readonly [format: DiffFormat, file: string])[];
  readonly quiet: boolean;
  readonly verbose: boolean;
}

const FAIL_ON: readonly string[] = ['any', 'grave', ...Object.keys(TRUST_SIGNS)];

export function withDiffOptions(program: Argv): Argv {
  const text = (describe: string) => ({ type: 'string', requiresArg: true, describe }) as const;
  return withEvidenceOptions(program)
    .positional('base', {
      type: 'string',
      describe: 'a git ref, a lockfile, a folder, or a file of approvals; default: the last approval, else HEAD',
    })
    .positional('target', { type: 'string', describe: 'a lockfile, or the folder that holds one', default: '.' })
    .option('fail-on', text('Exit with 1 on this sign, on `grave` ones or on `any`; may be repeated'))
    .option('format', text(`One of ${DIFF_FORMATS.join(', ')}`))
    .option('json', { type: 'boolean', describe: 'Short for --format=json' })
    .option('output', text('Write the report to this file'))
    .option('report', text('Write one more report, as <format>=<file>; may be repeated'))
    .option('quiet', { type: 'boolean', describe: 'Print nothing when nothing changed in trust' })
    .option('verbose', { type: 'boolean', describe: 'Show every change in full' })
    .option('policy', { ...text('Policy file that lists approvers (default: lockseal.yaml)'), group: 'Policy:' })
    .option('policy-ref', { ...text('Git ref whose policy counts, such as origin/main'), group: 'Policy:' })
    .example('$0 diff', 'since the last approval, or since HEAD')
    .example('$0 diff origin/main --format=markdown', 'for a comment on a pull request')
    .example('$0 diff origin/main --tarballs --fail-on=grave', 'with what is in the tarballs, as a check')
    .example('$0 diff old/package-lock.json pnpm-lock.yaml', 'two lockfiles, of different package managers');
}

/** @throws LocksealError ERR_USAGE */
export function decodeDiffArgs(raw: RawArgs, console: Console): DiffArgs {
  const format = choiceOption(raw, 'format', DIFF_FORMATS);
  const json = flagOption(raw, 'json');
  if (json && format !== undefined && format !== 'json') {
    throw new LocksealError('ERR_USAGE', `--json and --format=${format} contradict each other.`, {
      hint: 'Give one of them.',
    });
  }
  // yargs leaves what stands behind `--` to nobody; a base that is not heeded would be another comparison.
  const unheeded = Array.isArray(raw['_']) ? raw['_'].slice(1) : [];
  if (unheeded.length > 0) {
    throw new LocksealError('ERR_USAGE', 'Arguments behind `--` are not heeded.', {
      found: unheeded.join(' '),
      hint: 'Leave `--` out; a ref cannot begin with a hyphen.',
    });
  }
  const output = textOption(raw, 'output');
  return {
    base: textOption(raw, 'base'),
    target: textOption(raw, 'target') ?? '.',
    evidence: decodeEvidenceOptions(raw, console),
    policy: decodePolicyOptions(raw, console),
    failOn: listOption(raw, 'fail-on').map(checkedSign),
    format: json ? 'json' : (format ?? 'human'),
    output: output === undefined ? undefined : path.resolve(console.cwd, output),
    reports: pairsOption(raw, 'report', DIFF_FORMATS).map(([name, file]) => [name, path.resolve(console.cwd, file)]),
    quiet: flagOption(raw, 'quiet'),
    verbose: flagOption(raw, 'verbose'),
  };
}

function checkedSign(given: string): string {
  if (FAIL_ON.includes(given)) return given;
  throw new LocksealError('ERR_USAGE', `--fail-on does not take "${given}".`, {
    expected: FAIL_ON.join(', '),
    found: given,
    hint: 'docs/diff.md explains each sign.',
  });
}
