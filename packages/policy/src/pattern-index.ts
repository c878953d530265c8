import { scopeOf } from '@lockseal/core';
import type { PackagePattern } from './package-pattern.ts';

/** Those of a list whose patterns match a package, in the order of the list. */
export type PatternIndex<T> = (name: string, version: string | undefined) => readonly T[];

interface Slot<T> {
  readonly at: number;
  readonly value: T;
  readonly pattern: PackagePattern;
}

/**
 * Finds what is about a package without asking every pattern: a policy pins a tenth of what is locked, so that asking all
 * would take the square of the number of packages.
 */
export function indexPatterns<T>(
  values: readonly T[],
  patternsOf: (value: T) => readonly PackagePattern[],
): PatternIndex<T> {
  const slots = values.flatMap((value, at) => patternsOf(value).map((pattern): Slot<T> => ({ at, value, pattern })));
  const byKey = Map.groupBy(slots, ({ pattern }) => keyOf(pattern));
  return (name, version) => {
    const near = [name, scopeOf(name) ?? '', ''].flatMap((key, at, keys) =>
      keys.indexOf(key) === at ? (byKey.get(key) ?? []) : [],
    );
    const matching = near.filter(({ pattern }) => pattern.matches(name, version));
    if (matching.length === 0) return [];
    return [...new Set(matching.toSorted((a, b) => a.at - b.at).map(({ value }) => value))];
  };
}

/** The name that it is about, else the scope (which no name is equal to), else ''. */
function keyOf({ name, scope }: PackagePattern): string {
  return name ?? scope ?? '';
}
