/** A workflow as Fulcio and GitHub name it: `<repository URL>/<path>@<ref>`. */
export interface WorkflowUri {
  /** `https://github.com/owner/name`, `https://gitlab.com/group/project`. */
  readonly repository: string;
  /** `.github/workflows/release.yml`, `.gitlab-ci.yml`. */
  readonly path: string;
  /** `refs/heads/main`, or a commit id. */
  readonly ref: string;
}

const GITHUB = /^(https:\/\/[^/@\s]+\/[^/@\s]+\/[^/@\s]+)\/(\.github\/workflows\/[^@\s]+)@(\S+)$/;
/** GitLab puts a second slash between project (of any depth) and path. */
const GITLAB = /^(https:\/\/[^/@\s]+(?:\/[^/@\s]+)+)\/\/([^@\s]+)@(\S+)$/;

/**
 * Takes apart the URI of a GitHub or GitLab workflow; undefined for anything else. A ref may itself hold an `@`
 * (`refs/tags/nuxt@4.1.2`), so the first one separates.
 */
export function parseWorkflowUri(uri: string): WorkflowUri | undefined {
  const [, repository, path, ref] = GITHUB.exec(uri) ?? GITLAB.exec(uri) ?? [];
  return repository === undefined || path === undefined || ref === undefined ? undefined : { repository, path, ref };
}

/** Takes apart `git+<repository URL>[@<ref>]`, as provenance predicates name sources; undefined for anything else. */
export function parseGitUri(
  uri: string,
): { readonly repository: string; readonly ref: string | undefined } | undefined {
  const [, repository, ref] = /^git\+(https:\/\/[^@\s]+)(?:@(\S+))?$/.exec(uri) ?? [];
  return repository === undefined ? undefined : { repository, ref };
}
