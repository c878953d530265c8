const SCP = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/\/)(.+)$/;
const URL_FORM = /^(?:git\+)?[a-z]+:\/\/(?:[^@/]*@)?([^/:]*)(?::\d+)?\/(.+)$/i;
const HOSTS: ReadonlyMap<string, string> = new Map([
  ['github', 'github.com'],
  ['gitlab', 'gitlab.com'],
  ['bitbucket', 'bitbucket.org'],
  ['gist', 'gist.github.com'],
]);
/** Archives that the hosts make of a commit: what pnpm and Yarn 1 fetch for a git dependency. */
const ARCHIVES: readonly (readonly [RegExp, string])[] = [
  [/^https?:\/\/codeload\.github\.com\/([^/]+\/[^/]+)\/(?:legacy\.)?(?:tar\.gz|zip)\//, 'github.com'],
  [/^https?:\/\/github\.com\/([^/]+\/[^/]+)\/archive\//, 'github.com'],
  [/^https?:\/\/gitlab\.com\/api\/v4\/projects\/([^/]+)\/repository\/archive/, 'gitlab.com'],
  [/^https?:\/\/gitlab\.com\/([^/]+\/[^/]+)\/(?:-\/archive|repository\/archive)/, 'gitlab.com'],
  [/^https?:\/\/bitbucket\.org\/([^/]+\/[^/]+)\/get\//, 'bitbucket.org'],
];

/**
 * `host/owner/name` of a git repository in any of the spellings that package managers read or write (a URL, scp
 * form, `github:owner/name`, `owner/name`, the host's archive of a commit), so that two spellings can be compared.
 * undefined for a text of no such form.
 */
export function repositoryKey(text: string): string | undefined {
  const address = text.replace(/#.*$/s, '');
  for (const [pattern, host] of ARCHIVES) {
    const path = pattern.exec(address)?.[1];
    if (path !== undefined) return key(host, path.replaceAll('%2F', '/'));
  }
  const url = URL_FORM.exec(address);
  if (url !== null) return key(url[1] ?? '', url[2] ?? '');
  const scp = SCP.exec(address);
  if (scp !== null) return key(HOSTS.get(scp[1] ?? '') ?? scp[1] ?? '', scp[2] ?? '');
  return /^[^/\s]+\/[^/\s]+$/.test(address) ? key('github.com', address) : undefined;
}

/** Host names know no case; of the hosts' repository names we keep it, which errs towards "another repository". */
function key(host: string, path: string): string {
  const trimmed = path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  return `${host.toLowerCase().replace(/^www\./, '')}/${trimmed}`;
}
