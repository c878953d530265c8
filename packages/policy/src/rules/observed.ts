import type { Evidence, Finding, LockedPackage, Observation } from '@lockseal/core';
import { toSpec } from '@lockseal/core';
import type { Policy } from '../policy.ts';
import { untold } from '../checks.ts';
import { fixFor } from '../fix.ts';
import type { Facts, Rule } from './rule.ts';

/** Every observation is a finding of its level; what only a check says is one too. */
export const observed: Rule<Policy['levels']> = (levels) => (facts) => {
  const { evidence, observations } = facts.verification;
  return [
    ...observations.map((observation) => toFinding(observation, undefined, { levels, facts })),
    ...evidence.flatMap((one) => findingsOf(one, { levels, facts })),
  ];
};

interface Bench {
  readonly levels: Policy['levels'];
  readonly facts: Facts;
}

function findingsOf(evidence: Evidence, bench: Bench): readonly Finding[] {
  const all = [...evidence.observations, ...untold(evidence, bench.facts.describe(evidence.entry))];
  return all.map((observation) => toFinding({ ...observation, entry: evidence.entry }, evidence, bench));
}

function toFinding(observation: Observation, evidence: Evidence | undefined, { levels, facts }: Bench): Finding {
  const { code, entry: id, dependency, expected, found, detail } = observation;
  const entry = id === undefined ? undefined : facts.describe(id);
  const registry = evidence?.checks.registry;
  const isDigestDisputed = registry?.status === 'invalid' && registry.code === 'integrity-mismatch';
  return {
    code,
    level: levels[code],
    subject: subjectOf(observation, entry),
    entry: id,
    path: pathOf(observation, facts),
    position: observation.position ?? entry?.position,
    dependency,
    expected,
    found,
    detail,
    fix: fixFor(observation, { entry, lockfile: facts.verification.lockfile, isDigestDisputed }),
  };
}

function subjectOf({ importer }: Observation, entry: LockedPackage | undefined): string {
  return entry === undefined ? (importer ?? 'lockfile') : toSpec(entry.name, entry.version);
}

function pathOf({ entry, importer }: Observation, facts: Facts): readonly string[] | undefined {
  if (entry !== undefined) return facts.pathTo(entry);
  return importer === undefined ? undefined : [importer];
}
