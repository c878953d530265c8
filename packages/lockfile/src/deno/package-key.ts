import { isExactVersion, isPackageName } from '@lockseal/core';

/** The key of an npm entry, or the right-hand side of an npm dependency, taken apart. */
export interface DenoKey {
  readonly name: string;
  readonly version: string;
}

/**
 * `name@version`, with the peers that the entry was resolved with after an underscore (`_react@18.3.1`; scopes
 * written with `+`, peers of peers after several underscores). No version holds an underscore.
 */
export function parseDenoKey(key: string): DenoKey | undefined {
  const at = key.indexOf('@', 1);
  if (at < 0) return undefined;
  const name = key.slice(0, at);
  const [version = ''] = key.slice(at + 1).split('_', 1);
  return isPackageName(name) && isExactVersion(version) ? { name, version } : undefined;
}

/** A specifier as `specifiers` and `workspace` hold it: `npm:react@^18`, `jsr:@std/path@1`, `npm:react`. */
export interface DenoSpecifier {
  readonly scheme: 'npm' | 'jsr';
  readonly name: string;
  /** Range or tag; undefined for any. */
  readonly range: string | undefined;
}

export function parseSpecifier(text: string): DenoSpecifier | undefined {
  const scheme = text.startsWith('npm:') ? 'npm' : text.startsWith('jsr:') ? 'jsr' : undefined;
  if (scheme === undefined) return undefined;
  const rest = text.slice(4).replace(/^\//, '');
  const at = rest.indexOf('@', 1);
  const name = at < 0 ? rest : rest.slice(0, at);
  return isPackageName(name) ? { scheme, name, range: at < 0 ? undefined : rest.slice(at + 1) } : undefined;
}
