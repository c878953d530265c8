import type { EntryId, Evidence, Finding, Observation } from '@lockseal/core';
import { toSpec } from '@lockseal/core';
import type { Policy } from '../policy.ts';
import { untold } from '../checks.ts';
import { fixFor } from '../fix.ts';
import type { Facts, Rule } from './rule.ts';

/** Every observation is a finding of its level; what only a check says is one too. */
export const observed: Rule<Policy['levels']> = (levels) => (facts) => {
  const { evidence, observations } = facts.verification;
  const all = [...observations, ...evidence.flatMap((one) => observationsOf(one, facts))];
  return all.map((observation) => toFinding(observation, levels, facts));
};

function observationsOf(evidence: Evidence, facts: Facts): readonly Observation[] {
  const all = [...evidence.observations, ...untold(evidence, facts.describe(evidence.entry))];
  return all.map((observation) => ({ ...observation, entry: evidence.entry }));
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
