import type { EntryId, Evidence, Finding, Observation } from '@lockseal/core';
import { toSpec } from '@lockseal/core';
import type { Policy } from '../policy.ts';
import { fixFor } from '../fix.ts';
import type { Facts, Rule } from './rule.ts';

/** Every observation is a finding of its level. So is every failed check, should no observation tell of it. */
export const observed: Rule<Policy['levels']> = (levels) => (facts) => {
  const { evidence, observations } = facts.verification;
  return [...observations, ...evidence.flatMap(observationsOf)].map((observation) =>
    toFinding(observation, levels, facts),
  );
};

function observationsOf(evidence: Evidence): readonly Observation[] {
  const about = evidence.observations.map((observation) => ({ ...observation, entry: evidence.entry }));
  const told = new Set(about.map(({ code }) => code));
  const untold = Object.values(evidence.checks).flatMap((check): Observation[] => {
    if (check.status !== 'invalid' || told.has(check.code)) return [];
    return [{ code: check.code, entry: evidence.entry, detail: check.reason }];
  });
  return [...about, ...untold];
}

function toFinding(observation: Observation, levels: Policy['levels'], facts: Facts): Finding {
  const { code, entry, dependency, expected, found, detail } = observation;
  const described = entry === undefined ? undefined : facts.describe(entry);
  return {
    code,
    level: levels[code],
    subject: subjectOf(observation, facts),
    entry,
    path: pathOf(entry, observation.importer, facts),
    position: observation.position ?? described?.position,
    dependency,
    expected,
    found,
    detail,
    fix: fixFor(observation, described, facts.verification.lockfile),
  };
}

function subjectOf({ entry, importer }: Observation, facts: Facts): string {
  if (entry === undefined) return importer ?? 'lockfile';
  const { name, version } = facts.describe(entry);
  return toSpec(name, version);
}

function pathOf(entry: EntryId | undefined, importer: string | undefined, facts: Facts): readonly string[] | undefined {
  if (entry !== undefined) return facts.pathTo(entry);
  return importer === undefined ? undefined : [importer];
}
