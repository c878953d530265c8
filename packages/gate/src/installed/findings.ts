import { FINDING_CODES, type Finding, type FindingCode } from '@lockseal/core';
import type { InstalledDifference, InstalledReport } from './report.ts';

const CODES: Readonly<Record<InstalledDifference['kind'], FindingCode>> = {
  extra: 'installed-extra',
  missing: 'installed-missing',
  changed: 'installed-changed',
};
/** Files that one finding names; the rest is counted. */
const NAMED = 5;

/** One finding for each place and kind of difference: what differs in one package is told together. */
export function installedFindings({ differences, untold }: InstalledReport): readonly Finding[] {
  const groups = Map.groupBy(differences, ({ kind, thing, place }) => JSON.stringify([place, kind, thing]));
  const findings = [...groups.values()].flatMap(toFinding);
  const [last] = findings.slice(-1);
  if (untold === 0 || last === undefined) return findings;
  return [
    ...findings.slice(0, -1),
    { ...last, detail: `${last.detail ?? ''} ${untold} differences more are not told.` },
  ];
}

function toFinding(group: readonly InstalledDifference[]): readonly Finding[] {
  const [first] = group;
  if (first === undefined) return [];
  const code = CODES[first.kind];
  const isOne = group.length === 1;
  return [
    {
      code,
      level: FINDING_CODES[code].level,
      subject: first.package ?? first.place,
      entry: first.entry,
      path: first.path,
      position: undefined,
      dependency: undefined,
      expected: isOne ? first.expected : undefined,
      found: isOne ? first.found : `${group.length} files`,
      detail: `${placesOf(first, group)}.`,
      fix: FINDING_CODES[code].fix,
    },
  ];
}

function placesOf({ place, file }: InstalledDifference, group: readonly InstalledDifference[]): string {
  if (file === undefined) return place;
  const files = group.flatMap((each) => each.file ?? []);
  const rest = files.length - NAMED;
  const named = files.slice(0, NAMED).join(', ');
  return `In ${place}: ${named}${rest > 0 ? ` and ${rest} more` : ''}`;
}
