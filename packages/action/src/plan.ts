import type { Inputs } from './inputs.ts';
import type { Trigger } from './trigger.ts';

/** By what the lockfile is judged and what it is compared with, as git revisions. */
export interface Plan {
  /** Whose policy counts. */
  readonly policyRef: string;
  /** The state before the change; undefined: there is none to compare with. */
  readonly base: string | undefined;
  /** What has to be fetched first: branches of origin, or commits. */
  readonly fetch: readonly Fetch[];
  /** In words, for the log. */
  readonly why: string;
}

export type Fetch =
  | { readonly kind: 'branch'; readonly branch: string }
  | { readonly kind: 'commit'; readonly commit: string };

/** A change is never judged by the policy that it brings along, and what is given as an input goes first. */
export function planRun(trigger: Trigger, inputs: Pick<Inputs, 'policyRef' | 'base'>): Plan {
  const plan = planByTrigger(trigger);
  const policyRef = inputs.policyRef ?? plan.policyRef;
  const base = inputs.base ?? plan.base;
  // What the workflow names, the workflow has fetched.
  const isNeeded = (ref: string | undefined): boolean => ref === policyRef || ref === base;
  return { ...plan, policyRef, base, fetch: plan.fetch.filter((each) => isNeeded(revisionOf(each))) };
}

function planByTrigger(trigger: Trigger): Plan {
  switch (trigger.kind) {
    case 'pull-request':
      return against(trigger.baseBranch, `pull request ${trigger.number}${trigger.isFork ? ' from a fork' : ''}`);
    case 'merge-group':
      return against(trigger.baseBranch, 'merge queue');
    case 'tag':
      return against(trigger.defaultBranch, `tag ${trigger.tag}`);
    case 'push':
      return trigger.branch === trigger.defaultBranch
        ? onDefault(trigger.branch, trigger.before)
        : against(trigger.defaultBranch, `push to ${trigger.branch}`);
    case 'other':
      return trigger.branch === trigger.defaultBranch
        ? onDefault(trigger.branch, undefined)
        : against(trigger.defaultBranch, `run on ${trigger.branch}`);
  }
}

function against(branch: string, why: string): Plan {
  const fetch = { kind: 'branch', branch } as const;
  const ref = revisionOf(fetch);
  return { policyRef: ref, base: ref, fetch: [fetch], why };
}

/** What is on the default branch was merged there: its own policy counts, as committed. */
function onDefault(branch: string, before: string | undefined): Plan {
  const fetch = before === undefined ? [] : ([{ kind: 'commit', commit: before }] as const);
  return { policyRef: 'HEAD', base: before, fetch, why: `default branch ${branch}` };
}

/** The revision under which it can be found once it is fetched. */
export function revisionOf(fetch: Fetch): string {
  return fetch.kind === 'branch' ? `refs/remotes/origin/${fetch.branch}` : fetch.commit;
}
