import { Buffer } from 'node:buffer';
import type { Pin, Source } from '@lockseal/core';
import type { Pattern } from './pattern.ts';

const GIT = /^(?:git[+:@]|ssh:|https?:\/\/[^#?]*\.git$)/;
const TARBALL = /\.(?:tgz|tar\.gz|tar)$/;

/** `resolved` without its fragment, and the fragment: the tarball's sha1 or the git commit. */
export interface Resolved {
  readonly url: string;
  readonly fragment: string | undefined;
}

export function parseResolved(resolved: string): Resolved {
  const hash = resolved.indexOf('#');
  if (hash < 0) return { url: resolved, fragment: undefined };
  return { url: resolved.slice(0, hash), fragment: resolved.slice(hash + 1) };
}

/**
 * Where Yarn 1 fetches a block from: `resolved` decides, the pattern only tells whether a URL is a registry's. Without
 * `resolved` the registry is asked anew, or the pattern names a local directory.
 */
export function sourceOf(pattern: Pattern, resolved: Resolved | undefined): Source {
  if (resolved === undefined) return unresolvedSource(pattern);
  const { url, fragment } = resolved;
  if (GIT.test(url)) return { type: 'git', repository: url, commit: fragment, path: undefined };
  if (url.startsWith('file:')) return { type: 'file', path: url.slice('file:'.length) };
  if (!/^https?:\/\//.test(url)) return { type: 'unknown', reason: `resolved is no URL that Yarn 1 fetches: ${url}` };
  if (pattern.kind === 'registry') return { type: 'registry', url, namedRegistry: undefined };
  return { type: 'tarball', url };
}

function unresolvedSource(pattern: Pattern): Source {
  const path = pattern.range.replace(/^(?:link|file):/, '');
  switch (pattern.kind) {
    case 'link':
      return { type: 'link', path };
    case 'local':
      return TARBALL.test(path) ? { type: 'file', path } : { type: 'directory', path };
    case 'registry':
      return { type: 'registry', url: undefined, namedRegistry: undefined };
    case 'exotic':
      return { type: 'unknown', reason: `nothing says where ${pattern.range} was found` };
  }
}

/** `integrity` where there is one; else the sha1 that Yarn 1 appends to the URL, as subresource integrity. */
export function pinOf(source: Source, integrity: string | undefined, resolved: Resolved | undefined): Pin {
  if (integrity !== undefined) return { kind: 'integrity', text: integrity, of: 'tarball' };
  const sha1 = source.type === 'git' ? undefined : resolved?.fragment;
  if (sha1 === undefined || !/^[0-9a-f]{40}$/.test(sha1)) return { kind: 'none' };
  return { kind: 'integrity', text: `sha1-${Buffer.from(sha1, 'hex').toString('base64')}`, of: 'tarball' };
}
