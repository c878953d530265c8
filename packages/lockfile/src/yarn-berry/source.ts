import path from 'node:path';
import type { Patch, Source } from '@lockseal/core';
import { decode, parseIdent, parseReference, type Ident, type Reference } from './locator.ts';

/** What a locator says about an entry. */
export interface LocatorFacts {
  readonly source: Source;
  /** The version within the locator, which is the one Yarn fetches; undefined where it holds none. */
  readonly version: string | undefined;
  readonly patch: Patch | undefined;
}

/** Where Yarn Berry takes the files of a locator from. What cannot be read for certain is of class `unknown`. */
export function readLocator(locator: Ident): LocatorFacts {
  const reference = parseReference(locator.reference);
  if (reference.parameters === undefined) return unknown('the parameters after :: are ambiguous');
  switch (reference.protocol) {
    case 'npm':
      return registry(reference, reference.parameters);
    case 'workspace':
      return local({ type: 'workspace', path: reference.selector });
    case 'patch':
      return patched(reference, reference.parameters);
    case 'file':
      return local(fileSource(reference, reference.parameters));
    case 'link':
    case 'portal':
      return local({ type: 'link', path: fromRoot(reference.selector, reference.parameters) });
    case 'virtual':
      return devirtualized(locator.name, reference.fragment ?? '');
    case undefined:
    default:
      return remote(locator.reference, reference);
  }
}

/** `virtual:<hash>#<locator that it stands for>`; Yarn makes virtual packages of real ones only, so one step must do. */
function devirtualized(name: string, reference: string): LocatorFacts {
  if (parseReference(reference).protocol === 'virtual') return unknown('a virtual package of a virtual package');
  return readLocator({ name, reference });
}

function registry(reference: Reference, parameters: ReadonlyMap<string, string>): LocatorFacts {
  const url = parameters.get('__archiveUrl');
  const source: Source = { type: 'registry', url, namedRegistry: undefined };
  return { source, version: reference.selector, patch: undefined };
}

/** `patch:<inner locator, encoded>#<patch files>::version=…&hash=<6 hex digits>` */
function patched(reference: Reference, parameters: ReadonlyMap<string, string>): LocatorFacts {
  const inner = decode(reference.selector);
  if (inner === undefined || parseIdent(inner) === undefined) return unknown('the patched package cannot be read');
  const hash = parameters.get('hash');
  const patch: Patch = {
    path: patchPath(reference.fragment ?? '', parameters),
    hash: hash === undefined ? undefined : { algorithm: 'hex-prefix', value: hash },
  };
  return { source: { type: 'patched', inner }, version: parameters.get('version'), patch };
}

/**
 * `~/` is the project's root, any other path is relative to the workspace that asks; `optional!` lets a patch fail, and
 * `builtin<…>` (with `~` before it in older versions) is one that Yarn carries itself. Several are joined by '&' and
 * stay as recorded: no single file is meant.
 */
function patchPath(fragment: string, parameters: ReadonlyMap<string, string>): string | undefined {
  if (fragment.includes('&')) return fragment;
  const file = fragment.replace(/^optional!/, '');
  if (/^~?builtin<[^<>]*>$/.test(file)) return undefined;
  return file.startsWith('~/') ? file.slice(2) : fromRoot(file, parameters);
}

/** `file:<path>#<path>::hash=…&locator=…`; the path after '#' is the one that is packed. */
function fileSource(reference: Reference, parameters: ReadonlyMap<string, string>): Source {
  const file = fromRoot(reference.fragment ?? reference.selector, parameters);
  return { type: /\.(?:tgz|tar\.gz)$/.test(file) ? 'file' : 'directory', path: file };
}

/** A path that is relative to the workspace in `locator=`, as one that is relative to the lockfile. */
function fromRoot(file: string, parameters: ReadonlyMap<string, string>): string {
  const parent = parseIdent(parameters.get('locator') ?? '');
  const workspace = parent === undefined ? '.' : parseReference(parent.reference).selector;
  return workspace === '.' || path.posix.isAbsolute(file) ? file : path.posix.join(workspace, file);
}

/** git repositories carry `#commit=…`; every other URL is a tarball. */
function remote(text: string, { protocol, fragment }: Reference): LocatorFacts {
  const pinned = new URLSearchParams(fragment ?? '');
  const commit = pinned.get('commit');
  const url = text.split('::', 1)[0] ?? text;
  if (commit !== null || /^(?:git|ssh)/.test(text)) {
    const repository = url.split('#', 1)[0] ?? url;
    return local({ type: 'git', repository, commit: commit ?? undefined, path: pinned.get('workspace') ?? undefined });
  }
  if (protocol === 'https' || protocol === 'http') return local({ type: 'tarball', url });
  return unknown(`no protocol that lockseal knows: ${text}`);
}

function local(source: Source): LocatorFacts {
  return { source, version: undefined, patch: undefined };
}

function unknown(reason: string): LocatorFacts {
  return local({ type: 'unknown', reason });
}
