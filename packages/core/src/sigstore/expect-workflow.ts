import { LocksealError } from '../errors.ts';
import { GITHUB_ISSUER, GITLAB_ISSUER } from './identity.ts';
import type { ExpectedIdentity, IdentityMatcher } from './match-identity.ts';

export interface ExpectedWorkflow {
  /** `owner/name`, or `group/…/project`: exactly as the provider spells it. */
  readonly repository: string;
  /** Path within the repository: `.github/workflows/release.yml`, `.gitlab-ci.yml`. */
  readonly workflow: IdentityMatcher;
  /** `refs/heads/main`; undefined: any ref, also one that a pull request brought. */
  readonly ref?: IdentityMatcher | undefined;
}

/**
 * A workflow of a repository on github.com.
 * @throws LocksealError ERR_CONFIG where the repository is not of the form `owner/name`
 */
export function expectGithubWorkflow({ repository, workflow, ref }: ExpectedWorkflow): ExpectedIdentity {
  requireForm(repository, /^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/, 'owner/name');
  return { issuer: GITHUB_ISSUER, repository: `https://github.com/${repository}`, workflow, ref };
}

/**
 * A pipeline of a project on gitlab.com.
 * @throws LocksealError ERR_CONFIG where the repository is not of the form `group/project`
 */
export function expectGitlabPipeline({ repository, workflow, ref }: ExpectedWorkflow): ExpectedIdentity {
  requireForm(repository, /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)+$/, 'group/project');
  return { issuer: GITLAB_ISSUER, repository: `https://gitlab.com/${repository}`, workflow, ref };
}

function requireForm(repository: string, form: RegExp, expected: string): void {
  if (form.test(repository)) return;
  throw new LocksealError('ERR_CONFIG', `${repository} is not a repository`, { expected, found: repository });
}
