import type { ObjectSchema } from '@marcbachmann/cel-js';
import { scopeOf } from '@lockseal/core';
import type { Subject } from '../rules/rule.ts';
import { releaseTimeOf, toMillis } from '../rules/times.ts';

const DAY = 86_400_000;
/** Longest list that an expression can walk over. */
const MAX_LIST = 100;

/**
 * The facts that expressions see, by variable. Text that is not known is '', a number of days that is not known is -1.
 * docs/policy.md tells what each member means; a test holds the two together.
 */
export const FACT_TYPES: Readonly<Record<string, ObjectSchema>> = {
  pkg: {
    name: 'string',
    scope: 'string',
    version: 'string',
    class: 'string',
    registry: 'string',
    direct: 'bool',
    kind: 'string',
    license: 'string',
    deprecated: 'bool',
    publisher: 'string',
    scripts: 'list<string>',
  },
  evidence: {
    grade: 'string',
    signature: 'bool',
    publishAttestation: 'bool',
    provenance: 'bool',
    ageDays: 'int',
    trustedTime: 'bool',
    observations: 'list<string>',
  },
  identity: {
    issuer: 'string',
    san: 'string',
    repository: 'string',
    repositoryId: 'string',
    ownerId: 'string',
    workflow: 'string',
    ref: 'string',
    commit: 'string',
    trigger: 'string',
    runnerEnvironment: 'string',
  },
  change: {
    kind: 'string',
    previousVersion: 'string',
    previousProvenance: 'bool',
    earlierVersions: 'int',
    earlierPublishers: 'list<string>',
    packageAgeDays: 'int',
  },
};

type Value = string | boolean | bigint | readonly string[];
export type CelFacts = Readonly<Record<string, Readonly<Record<string, Value>> | readonly string[]>>;

export function celFacts(subject: Subject): CelFacts {
  const { entry, facts } = subject;
  return {
    pkg: packageFacts(subject),
    evidence: evidenceFacts(subject),
    identity: identityFacts(subject),
    change: changeFacts(subject),
    path: (facts.pathTo(entry.id) ?? []).slice(0, MAX_LIST),
  };
}

function packageFacts({ entry, evidence }: Subject): Readonly<Record<string, Value>> {
  const { registry } = evidence.checks;
  const { published, reach, installScripts } = evidence;
  return {
    name: entry.name,
    scope: scopeOf(entry.name) ?? '',
    version: entry.version ?? '',
    class: evidence.class,
    registry: (entry.source.type === 'registry' ? entry.source.url : undefined) ?? urlOf(registry),
    direct: reach?.direct ?? false,
    kind: reach?.kind ?? 'none',
    license: published?.license ?? '',
    deprecated: (published?.deprecated ?? entry.deprecated ?? '') !== '',
    publisher: published?.publisher ?? '',
    scripts: installScripts?.names ?? [],
  };
}

function urlOf(registry: Subject['evidence']['checks']['registry']): string {
  return registry.status === 'verified' ? registry.url : '';
}

function evidenceFacts(subject: Subject): Readonly<Record<string, Value>> {
  const { grade, checks, observations } = subject.evidence;
  const released = releaseTimeOf(subject);
  return {
    grade,
    signature: checks.signature.status === 'verified',
    publishAttestation: checks.publishAttestation.status === 'verified',
    provenance: checks.provenance.status === 'verified',
    ageDays: daysSince(released?.at, subject.facts.now),
    trustedTime: released?.isTrusted ?? false,
    observations: observations.slice(0, MAX_LIST).map(({ code }) => code),
  };
}

function identityFacts({ evidence }: Subject): Readonly<Record<string, Value>> {
  const { provenance } = evidence.checks;
  const identity = provenance.status === 'verified' ? provenance.identity : undefined;
  const members = Object.keys(FACT_TYPES['identity'] ?? {}) as (keyof NonNullable<typeof identity>)[];
  return Object.fromEntries(members.map((member) => [member, identity?.[member] ?? '']));
}

function changeFacts({ evidence, facts }: Subject): Readonly<Record<string, Value>> {
  const history = evidence.history?.status === 'verified' ? evidence.history : undefined;
  const previous = history?.previous;
  return {
    kind: evidence.change ?? 'unknown',
    previousVersion: previous?.version ?? '',
    previousProvenance: previous?.provenance.status === 'verified',
    earlierVersions: BigInt(history?.earlierVersions ?? -1),
    earlierPublishers: history?.earlierPublishers.slice(0, MAX_LIST) ?? [],
    packageAgeDays: daysSince(toMillis(history?.firstPublishedAt), facts.now),
  };
}

function daysSince(time: number | undefined, now: number): bigint {
  return time === undefined ? -1n : BigInt(Math.max(0, Math.floor((now - time) / DAY)));
}
