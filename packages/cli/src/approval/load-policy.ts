import path from 'node:path';
import { LocksealError, type ApprovalPolicy } from '@lockseal/core/approval';
import { loadApprovals } from '@lockseal/policy/approvals';
import type { RawArgs } from '../args.ts';
import { textOption } from '../args.ts';
import type { Console } from '../io/console.ts';
import { findPolicy, refusePolicy } from '../policy/find-policy.ts';
import { readReference } from '../policy/read-policy-file.ts';
import type { Place } from './place.ts';

/** Where the policy comes from. */
export interface PolicyOptions {
  /** Absolute path; undefined: `lockseal.yaml` at the root of the repository. */
  readonly file: string | undefined;
  /** Git ref whose version of the file counts, rather than the one that lies here. */
  readonly ref: string | undefined;
}

/** The part of a policy that is about approvals, and the digest of the whole, with all that it extends. */
export interface LoadedPolicy {
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly approvals: ApprovalPolicy;
}

export function decodePolicyOptions(args: RawArgs, { cwd }: Pick<Console, 'cwd'>): PolicyOptions {
  const file = textOption(args, 'policy');
  return { file: file === undefined ? undefined : path.resolve(cwd, file), ref: textOption(args, 'policy-ref') };
}

/**
 * What the policy in force says of approvals, and its digest; read as `openPolicy` reads the whole.
 * @throws LocksealError ERR_CONFIG where there is no policy, or it says nothing usable of approvals
 */
export async function loadPolicy(options: PolicyOptions, place: Place): Promise<LoadedPolicy> {
  const tree = { root: place.root, ref: options.ref };
  const source = await findPolicy(options, tree);
  if (source === undefined) throw noApprovers(place.root, 'no policy');
  const loaded = await loadApprovals(source, (reference, from) => readReference(reference, from, tree));
  if (loaded.status === 'invalid') throw refusePolicy(loaded.problems);
  const { approvals, sha256 } = loaded;
  if (approvals === undefined) throw noApprovers(source.file, 'no `approvals`');
  return { name: source.file, sha256, approvals };
}

export function noApprovers(file: string, found: string): LocksealError {
  return new LocksealError('ERR_CONFIG', 'There is no policy that says who may approve.', {
    file,
    expected: 'a policy with `approvals:`',
    found,
    hint: 'Make a key with `lockseal trust keygen` and list it in lockseal.yaml, or give --policy.',
  });
}
