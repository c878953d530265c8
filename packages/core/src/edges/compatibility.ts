import semver from 'semver';
import type { LockedPackage, LockfileFormat } from '../model/lockfile.ts';
import { COMPATIBILITY_EXTENSIONS, type CompatibilityExtension } from './compatibility-data.ts';
import { parseNameAndRange } from './override-selector.ts';

/** Dependencies and peers that a package manager may have added by itself: allowed, never required. */
export interface Tolerated {
  readonly dependencies: ReadonlyMap<string, string>;
  readonly peers: ReadonlyMap<string, string>;
}

interface Selected extends CompatibilityExtension {
  readonly range: string | undefined;
}

const BY_NAME: ReadonlyMap<string, readonly Selected[]> = Map.groupBy(
  COMPATIBILITY_EXTENSIONS.map(([selector, extension]) => ({ ...parseNameAndRange(selector), ...extension })),
  ({ name }) => name,
);

/** What the compatibility database that pnpm and Yarn Berry share adds to this entry's manifest. */
export function toleratedBy(entry: LockedPackage, format: LockfileFormat): Tolerated {
  const carries = format === 'pnpm' || format === 'yarn-berry';
  const fitting = carries ? (BY_NAME.get(entry.name) ?? []).filter(({ range }) => isIn(entry.version, range)) : [];
  return {
    dependencies: new Map(fitting.flatMap(({ dependencies = {} }) => Object.entries(dependencies))),
    peers: new Map(fitting.flatMap(({ peers = {} }) => Object.entries(peers))),
  };
}

function isIn(version: string | undefined, range: string | undefined): boolean {
  if (range === undefined || version === undefined) return range === undefined;
  return semver.satisfies(version, range, { loose: true, includePrerelease: true });
}
