import type { Source } from '@lockseal/core';

/**
 * A git source as npm, bun and vlt write it: `<repository>#<committish>`, with `::path:<dir>` for a part of a repository.
 * Nothing is interpreted; a committish that is no full commit id is judged later.
 */
export function gitSource(text: string): Source & { readonly type: 'git' } {
  const hash = text.indexOf('#');
  const repository = hash < 0 ? text : text.slice(0, hash);
  const [committish = '', ...options] = hash < 0 ? [] : text.slice(hash + 1).split('::');
  const path = options.find((option) => option.startsWith('path:'))?.slice('path:'.length);
  return { type: 'git', repository, commit: committish === '' ? undefined : committish, path };
}

/** Whether a specifier or resolution is fetched with git, in the spellings of npm and bun. */
export function isGitUrl(text: string): boolean {
  return /^(?:git\+[a-z]+:|git:|git@|github:|gitlab:|bitbucket:|gist:)/.test(text);
}

/** Whether a specifier or resolution is an http(s) URL. */
export function isHttpUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/** Whether a path names a package archive rather than a directory. */
export function isArchive(path: string): boolean {
  return /\.(?:tgz|tar|tar\.gz)$/i.test(path);
}
