import type { SourceBinding } from '@lockseal/signer';
import type { RawArgs } from '../args.ts';
import { textOption } from '../args.ts';
import type { Console } from '../io/console.ts';
import { repositoryOfJob } from './enforce-options.ts';
import { askGit } from './git.ts';
import type { Place } from './place.ts';

/** Repository, ref and commit to sign: as the options say, else the CI job, else git. */
export async function describeSource(
  raw: RawArgs,
  place: Place,
  { env }: Pick<Console, 'env'>,
): Promise<SourceBinding> {
  const git = (args: readonly string[]): Promise<string | undefined> =>
    place.isRepository ? askGit(place.root, args) : Promise.resolve(undefined);
  const repository =
    textOption(raw, 'repository') ??
    repositoryOfJob(env) ??
    normaliseRemote(await git(['remote', 'get-url', 'origin']));
  const ref =
    textOption(raw, 'ref') ?? env['GITHUB_REF'] ?? gitlabRef(env) ?? (await git(['symbolic-ref', '--quiet', 'HEAD']));
  const commit =
    textOption(raw, 'commit') ??
    env['GITHUB_SHA'] ??
    env['CI_COMMIT_SHA'] ??
    (await git(['rev-parse', '--verify', '--quiet', 'HEAD']));
  return { repository: repository ?? null, ref: ref ?? null, commit: commit ?? null };
}

function gitlabRef(env: Console['env']): string | undefined {
  const { CI_COMMIT_BRANCH: branch, CI_COMMIT_TAG: tag } = env;
  if (tag !== undefined) return `refs/tags/${tag}`;
  return branch === undefined ? undefined : `refs/heads/${branch}`;
}

/** `git@host:owner/name.git` and its relatives as `https://host/owner/name`; what is neither is left as it is. */
export function normaliseRemote(remote: string | undefined): string | undefined {
  if (remote === undefined) return undefined;
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(remote);
  const url = scp === null ? remote : `ssh://${scp[1]}/${scp[2]}`;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:', 'ssh:', 'git:'].includes(parsed.protocol)) return remote;
  return `https://${parsed.host}${parsed.pathname.replace(/\/+$/, '').replace(/\.git$/, '')}`;
}
