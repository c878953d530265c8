import path from 'node:path';
import type { Observation } from '@lockseal/core';
import {
  defaultPolicy,
  loadPolicy,
  policyDigest,
  type LoadedPolicy,
  type Policy,
  type PolicySource,
} from '@lockseal/policy';
import type { PolicyInForce } from '@lockseal/report';
import { gitRoot } from '../approval/git.ts';
import type { PolicyOptions } from '../approval/load-policy.ts';
import type { Console } from '../io/console.ts';
import { findPolicy, refusePolicy } from './find-policy.ts';
import { readPolicyFile, readReference, sha256Of, type PolicyTree } from './read-policy-file.ts';

/** The policy that judges a run, and what there is to know about where it comes from. */
export interface OpenedPolicy {
  readonly policy: Policy;
  /** undefined: the project has no policy of its own. */
  readonly inForce: PolicyInForce | undefined;
  /** `policy-changed`, where a protected policy judges and the working tree has another. */
  readonly observations: readonly Observation[];
  readonly warnings: readonly string[];
}

/**
 * Opens the policy for a lockfile: the file that `--policy` names, else the project's own, from `--policy-ref` or from
 * the working tree, else the built-in default.
 * @param directory of the lockfile
 * @throws LocksealError ERR_CONFIG where it has mistakes, or is not there although it was named
 */
export async function openPolicy(options: PolicyOptions, directory: string, console: Console): Promise<OpenedPolicy> {
  const tree: PolicyTree = { root: (await gitRoot(directory)) ?? directory, ref: options.ref };
  const source = await findPolicy(options, tree);
  if (source === undefined) return { policy: defaultPolicy, inForce: undefined, observations: [], warnings: [] };
  const { policy, sources } = await load(source, tree, console);
  const inForce = { name: source.file, sha256: policyDigest(sources), origin: originOf(options) };
  const isUnprotected = options.file === undefined && options.ref === undefined;
  return {
    policy,
    inForce,
    observations: options.ref === undefined ? [] : await compareWithWorkingTree(sources, tree),
    warnings: isUnprotected && isCi(console) ? [UNPROTECTED] : [],
  };
}

const UNPROTECTED =
  'The policy is taken from the working tree, where the change under test can edit it: give --policy-ref=<protected ref>.';

function isCi({ env }: Console): boolean {
  return env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false';
}

function originOf({ file, ref }: PolicyOptions): string {
  if (ref !== undefined) return `git ref ${ref}`;
  return file === undefined ? 'the working tree' : 'the command line';
}

/** Loads a policy with all that it extends, from the tree that it stands in. */
export async function loadFrom(source: PolicySource, tree: PolicyTree, console: Console): Promise<LoadedPolicy> {
  return loadPolicy(source, {
    now: console.now(),
    read: (reference, from) => readReference(reference, from, tree),
  });
}

async function load(source: PolicySource, tree: PolicyTree, console: Console): Promise<GoodPolicy> {
  const loaded = await loadFrom(source, tree, console);
  if (loaded.status === 'ok') return loaded;
  throw refusePolicy(loaded.problems);
}

type GoodPolicy = Extract<LoadedPolicy, { status: 'ok' }>;

/** Every file that has a say: what a policy extends can be edited as well as the policy. */
async function compareWithWorkingTree(
  sources: readonly PolicySource[],
  tree: PolicyTree,
): Promise<readonly Observation[]> {
  const changes = await Promise.all(sources.map((source) => changeOf(source, tree)));
  return changes.flat();
}

async function changeOf({ file, text }: PolicySource, tree: PolicyTree): Promise<readonly Observation[]> {
  const working = await readPolicyFile(path.resolve(tree.root, file), { ...tree, ref: undefined });
  if (working?.text === text) return [];
  const found = working === undefined ? `no ${file}` : `sha256 ${sha256Of(working.text)}`;
  const detail = `${file} in the working tree is not the one at ${tree.ref ?? ''}, which judges.`;
  return [{ code: 'policy-changed', expected: `sha256 ${sha256Of(text)}`, found, detail }];
}
