import { isPackageName } from '@lockseal/core';

/** Where npm puts the files of an entry: the key of `packages`, taken apart. */
export type Location =
  /** `…node_modules/<name>`; `owner` is the directory whose node_modules it is ('' for the root). */
  | { readonly type: 'installed'; readonly key: string; readonly owner: string; readonly name: string }
  /** A directory of the project or beside it: a workspace, or the target of a link. */
  | { readonly type: 'local'; readonly key: string; readonly name: string };

/** Longest chain of directories in a key; real trees stay below fifty. */
const MAX_SEGMENTS = 256;

/**
 * A key of `packages`, or the path that a link leads to, if it is a relative POSIX path in its one normal spelling.
 * npm resolves other spellings to the same place, so that two keys could name one directory. Leading `..` is normal:
 * npm writes it for links out of the project (judged later, as a path outside the project).
 */
export function parseLocation(key: string): Location | undefined {
  if (!isNormalPath(key)) return undefined;
  const modules = key.lastIndexOf('/node_modules/');
  if (modules < 0 && !key.startsWith('node_modules/')) return { type: 'local', key, name: nameOfFolder(key) };
  const name = key.slice(modules + '/node_modules/'.length);
  if (isPackageName(name)) return { type: 'installed', key, owner: key.slice(0, Math.max(modules, 0)), name };
  return isDirectlyInside(name) ? undefined : { type: 'local', key, name: nameOfFolder(key) };
}

/** Whether what follows `node_modules/` is where a package stands, rather than a directory inside of one. */
function isDirectlyInside(name: string): boolean {
  return /^(?:@[^/]+\/)?[^/]+$/.test(name);
}

/** Leading `..`, then segments that are neither empty nor `.` nor `..`. */
const NORMAL = /^(?:\.\.\/)*(?:\.\.|(?!\.{1,2}(?:\/|$))[^/]+(?:\/(?!\.{1,2}(?:\/|$))[^/]+)*)$/;

/** A relative path without `.`, empty or inner `..` segments, backslashes or drive letters. */
export function isNormalPath(path: string): boolean {
  if (!NORMAL.test(path) || path.includes('\\') || /^[A-Za-z]:/.test(path)) return false;
  let segments = 1;
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) segments += 1;
  return segments <= MAX_SEGMENTS;
}

/** npm's name for a folder without a name of its own: its last segment, with the scope before it if there is one. */
function nameOfFolder(path: string): string {
  const [last = '', scope = ''] = path.split('/').toReversed();
  return scope.startsWith('@') ? `${scope}/${last}` : last;
}
