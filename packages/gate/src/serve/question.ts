import { isPackageName } from '@lockseal/core';

/** What a path below a registry's base URL asks for. */
export type Question =
  | { readonly kind: 'packument'; readonly name: string }
  /** `version` may be a tag. */
  | { readonly kind: 'version'; readonly name: string; readonly version: string }
  | { readonly kind: 'tarball'; readonly name: string; readonly file: string }
  /** One of the registry's services (`/-/…`): audit, search, login, ping. */
  | { readonly kind: 'service' }
  | { readonly kind: 'unreadable' };

const MAX_PATH = 2048;

/**
 * @param path what follows the base URL, still encoded, without query
 * https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md
 */
export function readQuestion(path: string): Question {
  const segments = path.length > MAX_PATH ? undefined : decode(path);
  const [first, second, ...others] = segments ?? [];
  if (first === undefined || first === '') return { kind: 'unreadable' };
  if (first === '-') return { kind: 'service' };
  // Clients write the slash of a scoped name as it is, or as %2f.
  const isSplit = first.startsWith('@') && !first.includes('/');
  const name = isSplit ? `${first}/${second ?? ''}` : first;
  if (!isPackageName(name)) return { kind: 'unreadable' };
  const rest = isSplit ? others : [second, ...others].filter((segment) => segment !== undefined);
  return questionAbout(name, rest);
}

function questionAbout(name: string, rest: readonly string[]): Question {
  const [next, file, ...more] = rest;
  if (next === undefined) return { kind: 'packument', name };
  if (file === undefined)
    return next === '' || next === '-' ? { kind: 'unreadable' } : { kind: 'version', name, version: next };
  return next === '-' && file !== '' && more.length === 0 ? { kind: 'tarball', name, file } : { kind: 'unreadable' };
}

function decode(path: string): readonly string[] | undefined {
  try {
    return path.split('/').map((segment) => decodeURIComponent(segment));
  } catch {
    // A percent sign that encodes nothing.
    return undefined;
  }
}
