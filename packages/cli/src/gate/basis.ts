import path from 'node:path';
import { LocksealError, type Lockfile, type Project, type RegistryMap } from '@lockseal/core';
import { bindToProject, readLockfile } from '@lockseal/lockfile';
import type { Policy } from '@lockseal/policy';
import type { Report } from '@lockseal/report';
import type { EnforceVerdict } from '@lockseal/signer';
import type { EnforceArgs } from '../approval/enforce-options.ts';
import type { Place } from '../approval/place.ts';
import { enforceTarget, renderEnforced } from '../approval/run-enforce.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Console } from '../io/console.ts';
import { createProjectFiles } from '../io/project-files.ts';
import { openPolicy } from '../policy/open-policy.ts';
import { loadConfig } from './load-config.ts';
import { approvedVoucher } from './approved-voucher.ts';
import type { Voucher } from './artifacts.ts';
import type { GateArgs } from './options.ts';

/** A lockfile that may be installed, and who vouches for what it locks. */
export interface GoodBasis {
  readonly status: 'good';
  readonly place: Place;
  /** The lockfile, by the bytes that were decided on. */
  readonly bytes: Uint8Array;
  readonly lockfile: Lockfile;
  readonly project: Project | undefined;
  readonly registries: RegistryMap;
  readonly policy: Policy;
  readonly voucher: Voucher;
  /** Why it is good. */
  readonly by:
    | { readonly kind: 'approved'; readonly verdict: Extract<EnforceVerdict, { approved: true }> }
    | { readonly kind: 'verified'; readonly report: Report };
  readonly warnings: readonly string[];
}

/** Nothing may be installed. */
export interface BadBasis {
  readonly status: 'bad';
  readonly exitCode: ExitCode;
  /** What `enforce` or `verify` say. */
  readonly text: string;
}

/**
 * Finds out whether a lockfile may be installed: approved or, with `--verified-only`, good under the policy.
 * @param json whether it is to be told as JSON
 * @throws LocksealError for whatever could not be decided
 */
export async function findBasis(args: GateArgs, json: boolean, console: Console): Promise<GoodBasis | BadBasis> {
  switch (args.basis.kind) {
    case 'approved':
      return findApproved(args, args.basis.enforce, json, console);
    case 'verified':
      return (await import('./verified-basis.ts')).findVerified(args, { json, judging: args.basis.judging }, console);
  }
}

async function findApproved(
  args: GateArgs,
  enforce: EnforceArgs,
  json: boolean,
  console: Console,
): Promise<GoodBasis | BadBasis> {
  const enforced = await enforceTarget(enforce, console);
  const { place, bytes, input, verdict } = enforced;
  if (!verdict.approved) {
    return { status: 'bad', exitCode: EXIT.findings, text: await renderEnforced(enforced, json, console) };
  }
  const directory = path.dirname(place.file);
  const opened = await openPolicy(enforce.policy, directory, console);
  if (opened.inForce?.sha256 !== input.policyDigest) throw policyChanged(opened.inForce?.name);
  const read = readLockfile(place.file, bytes);
  const { lockfile, project } = await bindToProject(read, directory, createProjectFiles(directory));
  const { map: registries } = await loadConfig(args.evidence, { directory, format: lockfile.format }, [], console);
  return {
    status: 'good',
    place,
    bytes,
    lockfile,
    project,
    registries,
    policy: opened.policy,
    warnings: opened.warnings,
    voucher: approvedVoucher(verdict.approvals, input.approvals, {
      registries,
      project,
      subject: input.policy.subject,
    }),
    by: { kind: 'approved', verdict },
  };
}

/** It says which scripts run and which hosts are reached, so it must be the one under which the lockfile is approved. */
function policyChanged(file: string | undefined): LocksealError {
  return new LocksealError('ERR_CONFIG', 'The policy was changed while it was read.', { file });
}
