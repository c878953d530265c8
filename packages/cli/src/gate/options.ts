import { LocksealError } from '@lockseal/core';
import type { Argv } from 'yargs';
import { decodeEnforceArgs, type EnforceArgs } from '../approval/enforce-options.ts';
import { flagOption, type RawArgs } from '../args.ts';
import { decodeEvidenceOptions, withEvidenceOptions, type EvidenceOptions } from '../evidence/options.ts';
import type { Console } from '../io/console.ts';
import { decodeJudgingOptions, withPolicyOptions, type JudgingOptions } from '../policy/options.ts';

/** By what the gate knows which bytes are the right ones, and where it gets them. */
export interface GateArgs {
  readonly target: string;
  readonly basis:
    | { readonly kind: 'approved'; readonly enforce: EnforceArgs }
    /** Without an approval: what the policy accepts now. */
    | { readonly kind: 'verified'; readonly judging: JudgingOptions };
  readonly evidence: EvidenceOptions;
}

/** Options that mean something to one basis alone. */
const APPROVED_ONLY = ['baseline', 'repository', 'ref'];
const VERIFIED_ONLY = [
  'base',
  'tarballs',
  'no-tarballs',
  'evidence',
  'evidence-digest',
  'attestations-registry',
  'registry-keys',
  'tuf-url',
  'tuf-root',
];

/** Declares the options of every command that opens a gate. */
export function withGateOptions(program: Argv): Argv {
  const text = (describe: string) => ({ type: 'string', requiresArg: true, describe, group: 'Approval:' }) as const;
  return withPolicyOptions(withEvidenceOptions(program))
    .positional('target', { type: 'string', describe: 'a lockfile, or the folder that holds one', default: '.' })
    .option('baseline', text('Git ref or file of approvals that nothing may fall behind'))
    .option('repository', text('Repository that approvals must name (default: what the CI says)'))
    .option('ref', text('Git ref that approvals must name, where the policy lists none'))
    .option('verified-only', {
      type: 'boolean',
      group: 'Approval:',
      describe: 'Without an approval: verify now, and let through what the policy accepts',
    });
}

/** @throws LocksealError ERR_USAGE */
export function decodeGateArgs(raw: RawArgs, console: Console): GateArgs {
  const isVerified = flagOption(raw, 'verified-only');
  const stray = (isVerified ? APPROVED_ONLY : VERIFIED_ONLY).find(
    (name) => ![undefined, false].includes(raw[name] as undefined),
  );
  if (stray !== undefined) {
    const hint = isVerified ? 'Leave one of them out.' : 'Give --verified-only too, or leave it out.';
    const what = isVerified ? 'says something of approvals, and --verified-only needs none' : 'is about verifying';
    throw new LocksealError('ERR_USAGE', `--${stray} ${what}.`, { hint });
  }
  // Options of `enforce` that make no sense here are not declared, so that they are never given.
  const enforce = decodeEnforceArgs(raw, console);
  return {
    target: enforce.target,
    basis: isVerified
      ? { kind: 'verified', judging: decodeJudgingOptions(raw, console) }
      : { kind: 'approved', enforce },
    evidence: decodeEvidenceOptions(raw, console),
  };
}
