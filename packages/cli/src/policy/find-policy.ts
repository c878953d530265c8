import path from 'node:path';
import { LocksealError } from '@lockseal/core/approval';
import type { PolicySource, Problem } from '@lockseal/policy/approvals';
import type { PolicyOptions } from '../approval/load-policy.ts';
import { readPolicyFile, type PolicyTree } from './read-policy-file.ts';

/** What a project's policy may be called, at the root of its repository; the first that is there counts. */
const POLICY_FILES: readonly string[] = ['lockseal.yaml', 'lockseal.json'];

/** A policy that somebody named must be there; that a project has none of its own is no mistake. */
export async function findPolicy(options: PolicyOptions, tree: PolicyTree): Promise<PolicySource | undefined> {
  const files = options.file === undefined ? POLICY_FILES.map((name) => path.join(tree.root, name)) : [options.file];
  for (const file of files) {
    const source = await readPolicyFile(file, tree);
    if (source !== undefined) return source;
  }
  if (options.file === undefined && options.ref === undefined) return undefined;
  throw new LocksealError('ERR_CONFIG', 'There is no such policy.', {
    file: options.file ?? tree.root,
    expected: options.file === undefined ? POLICY_FILES.join(' or ') : 'a policy file',
    found: options.ref === undefined ? 'nothing' : `nothing at ${options.ref}`,
    hint: 'Make one with `lockseal policy init`.',
  });
}

/** The first mistake with its place; `lockseal policy check` tells of all. */
export function refusePolicy(problems: readonly Problem[]): LocksealError {
  const [first] = problems;
  const others = problems.length - 1;
  const more = others === 0 ? '' : ` (and ${others} more: \`lockseal policy check\` tells all)`;
  return new LocksealError('ERR_CONFIG', `The policy has a mistake: ${first?.message ?? ''}${more}.`, {
    file: first?.file,
    position: first?.position,
    hint: first?.hint,
  });
}
