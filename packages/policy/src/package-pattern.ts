import semver from 'semver';
import { isPackageName, scopeOf } from '@lockseal/core';

/** Which packages something is about: a name or glob, and optionally a version range. */
export interface PackagePattern {
  /** As written: `@acme/*`, `left-pad@^1.3.0`. */
  readonly text: string;
  /** The one name that it matches; undefined for a glob. */
  readonly name: string | undefined;
  /** Of a glob, the one scope (with its '@') that it matches names of; undefined: of several, or of none. */
  readonly scope: string | undefined;
  matchesName(name: string): boolean;
  matches(name: string, version: string | undefined): boolean;
}

export const EVERY_PACKAGE: PackagePattern = {
  text: '**',
  name: undefined,
  scope: undefined,
  matchesName: () => true,
  matches: () => true,
};

export type PatternFault = { readonly fault: string; readonly hint: string };

/** Longest name, range and the '@' between. */
const MAX_TEXT = 512;

/**
 * Reads `name`, `glob`, `name@range` or `glob@range`. In a glob `*` stands for any characters but '/', so that `*`
 * alone matches no scoped package and `@acme/*` matches no other scope; `**` stands for every package.
 * Ranges are npm's, and prereleases within a range match it.
 */
export function parsePackagePattern(text: string): PackagePattern | PatternFault {
  if (text.length > MAX_TEXT) return { fault: 'is too long', hint: 'Names have at most 214 characters.' };
  const at = text.indexOf('@', 1);
  const name = at < 0 ? text : text.slice(0, at);
  const range = at < 0 ? undefined : text.slice(at + 1);
  if (!isGlob(name)) {
    return { fault: 'is no package name or glob', hint: 'Write `name`, `@scope/name`, `@scope/*` or `**`.' };
  }
  if (range !== undefined && (range === '' || semver.validRange(range) === null)) {
    return { fault: `has no version range after the @`, hint: 'Write a range as npm has it: `name@^1.2.0`.' };
  }
  const matchesName = nameMatcher(name);
  return {
    text,
    name: name.includes('*') ? undefined : name,
    scope: scopeOfGlob(name),
    matchesName,
    matches: (other, version) => matchesName(other) && (range === undefined || satisfies(version, range)),
  };
}

export function isPatternFault(parsed: PackagePattern | PatternFault): parsed is PatternFault {
  return 'fault' in parsed;
}

/** With each run of `*` read as some letter, it must be a name that npm can have. */
function isGlob(name: string): boolean {
  return name === '**' || (!name.includes('**') && isPackageName(name.replaceAll('*', 'x')));
}

function scopeOfGlob(glob: string): string | undefined {
  const scope = scopeOf(glob);
  return glob.includes('*') && scope?.includes('*') === false ? scope : undefined;
}

function nameMatcher(glob: string): (name: string) => boolean {
  if (glob === EVERY_PACKAGE.text) return () => true;
  if (!glob.includes('*')) return (name) => name === glob;
  const parts = glob.split('/');
  return (name) => {
    const segments = name.split('/');
    return segments.length === parts.length && parts.every((part, at) => matchesSegment(segments[at] ?? '', part));
  };
}

/** Takes the texts between the `*` one after the other, each as early as can be: nothing is ever tried again. */
function matchesSegment(segment: string, part: string): boolean {
  const [first = '', ...rest] = part.split('*');
  const last = rest.pop();
  if (last === undefined) return segment === first;
  if (!segment.startsWith(first)) return false;
  let at = first.length;
  for (const text of rest) {
    const found = segment.indexOf(text, at);
    if (found < 0) return false;
    at = found + text.length;
  }
  return segment.length - last.length >= at && segment.endsWith(last);
}

function satisfies(version: string | undefined, range: string): boolean {
  return version !== undefined && semver.satisfies(version, range, { includePrerelease: true });
}
