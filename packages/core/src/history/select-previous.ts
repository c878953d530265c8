import semver from 'semver';
import type { HistoryVersion, PackageHistory, PreviousVersion } from '../model/published.ts';

export interface Predecessor {
  readonly relation: PreviousVersion['relation'];
  readonly version: HistoryVersion;
}

/**
 * The version that a locked one is compared with: the one that the baseline locks (of several, that of the same release
 * line, else the highest) or, for a package that the baseline does not have, the last one published before it in its
 * release line; one with announced provenance goes before those without, so that a forgotten attestation in between does
 * not hide that the line has them.
 */
export function selectPrevious(
  history: PackageHistory,
  version: string,
  locked: readonly string[],
): Predecessor | undefined {
  if (locked.length > 0) return fromBaseline(history, version, locked);
  const line = earlierThan(history, version).filter((each) => lineOf(each.version) === lineOf(version));
  const last = line.findLast(({ announcesProvenance }) => announcesProvenance) ?? line.at(-1);
  return last === undefined ? undefined : { relation: 'line', version: last };
}

function fromBaseline(
  { versions }: PackageHistory,
  version: string,
  locked: readonly string[],
): Predecessor | undefined {
  const candidates = versions.filter((each) => locked.includes(each.version) && each.version !== version);
  const sorted = candidates.toSorted((a, b) => semver.compare(a.version, b.version));
  const chosen = sorted.findLast((each) => lineOf(each.version) === lineOf(version)) ?? sorted.at(-1);
  return chosen === undefined ? undefined : { relation: 'locked', version: chosen };
}

/** Versions published before this one, oldest first; all others where the registry gives no time. */
export function earlierThan({ versions }: PackageHistory, version: string): readonly HistoryVersion[] {
  const index = versions.findIndex((each) => each.version === version);
  return index < 0 ? versions : versions.slice(0, index);
}

/** `4` for 4.17.21 and `0.30` for 0.30.4, where SemVer lets the minor version break. */
export function lineOf(version: string): string {
  const parsed = semver.parse(version);
  if (parsed === null) return version;
  return parsed.major === 0 ? `0.${parsed.minor}` : String(parsed.major);
}
