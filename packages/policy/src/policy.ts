import { FINDING_CODES, type CheckName, type FindingCode, type Level } from '@lockseal/core';

/** What a project accepts. */
export interface Policy {
  readonly name: string;
  /** How bad each fact is. */
  readonly levels: Readonly<Record<FindingCode, Level>>;
  /** Checks that must have been made on every registry entry; in the order in which a failure is told. */
  readonly decided: readonly CheckName[];
}

/**
 * In force where a project has no policy of its own. It demands no provenance (most packages have none), and that
 * whatever evidence there is agrees with the lockfile. `tarball` is `not-applicable` in a run that reads none.
 */
export const defaultPolicy: Policy = {
  name: 'default',
  levels: defaultLevels(),
  decided: ['integrity', 'registry', 'edges', 'tarball'],
};

function defaultLevels(): Readonly<Record<FindingCode, Level>> {
  const levels = Object.entries(FINDING_CODES).map(([code, { level }]) => [code, level]);
  return Object.fromEntries(levels) as Record<FindingCode, Level>;
}
