import { ActionError } from './action-error.ts';
import { memberOf, type Json, type Runner } from './runner.ts';

/** Why a workflow runs, as far as it decides by whose policy a lockfile is judged. */
export type Trigger =
  | {
      readonly kind: 'pull-request';
      readonly number: number;
      readonly baseBranch: string;
      /** From another repository: the token cannot write then. */
      readonly isFork: boolean;
    }
  | { readonly kind: 'merge-group'; readonly baseBranch: string }
  | {
      readonly kind: 'push';
      readonly branch: string;
      readonly defaultBranch: string;
      /** The commit that the branch was at; undefined for a new branch. */
      readonly before: string | undefined;
    }
  | { readonly kind: 'tag'; readonly tag: string; readonly defaultBranch: string }
  /** A schedule, somebody's click… on a branch. */
  | { readonly kind: 'other'; readonly branch: string; readonly defaultBranch: string };

const REFUSED =
  'It gives the code of a stranger the secrets and the token of this repository. Use `on: pull_request`: lockseal needs neither.';

/**
 * Reads an event and its payload. Every name in it may have been chosen by a stranger.
 * @throws ActionError for events under which nothing good can come of a run, and for a payload that lacks something
 */
export function decodeTrigger({ eventName, ref }: Runner, payload: Json): Trigger {
  switch (eventName) {
    case 'pull_request':
      return decodePullRequest(payload);
    case 'pull_request_target':
      throw new ActionError(`lockseal does not run under pull_request_target. ${REFUSED}`);
    case 'merge_group':
      return { kind: 'merge-group', baseBranch: branchOf(memberOf(payload, 'merge_group', 'base_ref')) };
  }
  const defaultBranch = branchName(memberOf(payload, 'repository', 'default_branch'), 'repository.default_branch');
  const tag = /^refs\/tags\/(.+)$/.exec(ref)?.[1];
  if (tag !== undefined) return { kind: 'tag', tag, defaultBranch };
  const branch = branchOf(ref);
  if (eventName !== 'push') return { kind: 'other', branch, defaultBranch };
  return { kind: 'push', branch, defaultBranch, before: commitOf(memberOf(payload, 'before')) };
}

/** Events that no stranger can cause, or under which a stranger's code has neither secrets nor a token that writes. */
const HARMLESS: ReadonlySet<string> = new Set([
  'merge_group',
  'pull_request',
  'push',
  'release',
  'repository_dispatch',
  'schedule',
  'workflow_dispatch',
]);

/**
 * Under any other event (`workflow_run`, `issue_comment`…) the checkout must be the commit that the run is about, which
 * is one of this repository; a workflow that checks out something else there checks out a stranger's code.
 * @param checkedOut HEAD of the workspace
 * @throws ActionError
 */
export function refuseStrangersCode({ eventName, commit }: Runner, checkedOut: string | undefined): void {
  if (HARMLESS.has(eventName) || checkedOut === commit) return;
  throw new ActionError(`Under ${eventName} another commit than ${commit} is checked out. ${REFUSED}`);
}

function decodePullRequest(payload: Json): Trigger {
  const request = memberOf(payload, 'pull_request');
  const number = memberOf(request, 'number');
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw lacks('pull_request.number');
  const base = memberOf(request, 'base', 'repo', 'full_name');
  if (typeof base !== 'string') throw lacks('pull_request.base.repo.full_name');
  // The head repository is null once it is deleted.
  const isFork = memberOf(request, 'head', 'repo', 'full_name') !== base;
  const baseBranch = branchName(memberOf(request, 'base', 'ref'), 'pull_request.base.ref');
  return { kind: 'pull-request', number, baseBranch, isFork };
}

function branchOf(ref: Json | undefined): string {
  const name = typeof ref === 'string' ? /^refs\/heads\/(.+)$/.exec(ref)?.[1] : undefined;
  return branchName(name, 'the name of a branch');
}

/** It goes to git as an argument: nothing that git could take for an option, a range or a pattern. */
function branchName(name: Json | undefined, what: string): string {
  if (typeof name !== 'string') throw lacks(what);
  if (/^[\w](?:[\w./+@#%=,-]*[\w+@#%=,-])?$/u.test(name) && !/\.\.|@\{|\/\/|\.lock(?:\/|$)/.test(name)) return name;
  throw new ActionError(`${what} is ${JSON.stringify(name)}: give policy-ref and base yourself.`);
}

/** undefined for the zeros that stand for "there was none". */
function commitOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && /^(?!0+$)(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(value) ? value : undefined;
}

function lacks(what: string): ActionError {
  return new ActionError(`The payload of the event lacks ${what}.`);
}
