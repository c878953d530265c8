import type { Pin, Source } from '@lockseal/core';
import { gitSource, isArchive, isGitUrl, isHttpUrl } from '../git-url.ts';
import type { NpmEntry } from './entry.ts';
import type { NpmTree } from './tree.ts';

/**
 * Where npm takes the files of an entry from (arborist lib/arborist/reify.js): a link is a link; what a tarball
 * bundles is not fetched; else `resolved` decides, and without it name and version at the configured registry.
 */
export function sourceOf(
  entry: NpmEntry,
  tree: NpmTree,
  bundler: NpmEntry | undefined,
  askedForByUrl: ReadonlySet<string>,
): Source {
  const { key, type } = entry.location;
  if (type === 'local') return directorySource(entry, tree);
  if (entry.link) return { type: 'link', path: entry.resolved === '' ? '.' : (entry.resolved ?? '') };
  if (isInTarball(entry, bundler)) return { type: 'bundled', parent: bundler?.location.key };
  const { resolved } = entry;
  if (resolved === undefined) return { type: 'registry', url: undefined, namedRegistry: undefined };
  if (isGitUrl(resolved)) return gitSource(resolved);
  if (resolved.startsWith('file:')) return localSource(resolved.slice('file:'.length));
  if (!isHttpUrl(resolved)) return { type: 'unknown', reason: `resolved is no URL that npm fetches: ${resolved}` };
  if (askedForByUrl.has(key)) return { type: 'tarball', url: resolved };
  return { type: 'registry', url: resolved, namedRegistry: undefined };
}

/** npm writes neither a link nor a URL for a directory of the project; who does has something in mind. */
function directorySource(entry: NpmEntry, tree: NpmTree): Source {
  const { key } = entry.location;
  if (entry.link || entry.resolved !== undefined || entry.integrity !== undefined) {
    return { type: 'unknown', reason: 'a directory of the project that is a link or has a URL or integrity' };
  }
  return { type: tree.isWorkspace(key) ? 'workspace' : 'directory', path: key };
}

/**
 * An entry with a URL of its own is never counted as bundled: should the tarball lack it, npm fetches that URL, so
 * it is verified like any other. (npm before 7.6 and the lockfile of a root that bundles write such URLs.)
 */
function isInTarball(entry: NpmEntry, bundler: NpmEntry | undefined): boolean {
  return entry.inBundle && bundler !== undefined && entry.resolved === undefined;
}

function localSource(path: string): Source {
  return isArchive(path) ? { type: 'file', path } : { type: 'directory', path };
}

export function pinOf(entry: NpmEntry): Pin {
  return entry.integrity === undefined ? { kind: 'none' } : { kind: 'integrity', text: entry.integrity, of: 'tarball' };
}
