import {
  NO_FLAGS,
  toPurl,
  type CheckResult,
  type Evidence,
  type Identity,
  type LockedPackage,
  type PreviousVersion,
  type ProvenanceFacts,
  type Verification,
} from '@lockseal/core';
import { evaluate } from '../evaluate.ts';
import type { Policy } from '../policy.ts';
import type { CaseFacts, PolicyCase } from './case.ts';

const DAY = 86_400_000;
const NONE = { status: 'absent', reason: 'there is none' } as const;
const ID = 'the package of the case';

export interface CaseResult {
  readonly case: PolicyCase;
  /** Codes of findings above `note`; custom rules by name. Sorted, unique. */
  readonly found: readonly string[];
  readonly passes: boolean;
}

/** Judges the facts of a case as if they had been verified. Notes, and what is said of the policy itself, do not count. */
export function runCase(given: PolicyCase, policy: Policy, now: number): CaseResult {
  const entry = entryOf(given.facts);
  const { findings } = evaluate(verificationOf(given.facts, now), policy, {
    describe: () => entry,
    pathTo: () => ['.', ...(given.facts.direct ? [] : ['dependent@1.0.0']), `${entry.name}@${entry.version ?? ''}`],
  });
  const counted = findings.filter(({ level, entry: about }) => level !== 'note' && about !== undefined);
  const found = [
    ...new Set(counted.map(({ code, rule }) => (code === 'custom-rule' ? (rule ?? code) : code))),
  ].toSorted();
  return { case: given, found, passes: JSON.stringify(found) === JSON.stringify(given.expect) };
}

function entryOf(facts: CaseFacts): LockedPackage {
  const { name, version } = facts;
  return {
    id: ID,
    name,
    version,
    aliases: [],
    source: sourceOf(facts),
    pin: { kind: 'none' },
    edges: [],
    flags: NO_FLAGS,
    hasInstallScript: undefined,
    patch: undefined,
    bundles: [],
    deprecated: undefined,
    position: undefined,
  };
}

function sourceOf({ class: type, registry, name }: CaseFacts): LockedPackage['source'] {
  switch (type) {
    case 'registry':
      return { type, url: `${registry}${name}`, namedRegistry: undefined };
    case 'tarball':
      return { type, url: registry };
    case 'git':
      return { type, repository: 'https://github.com/example/example.git', commit: '0'.repeat(40), path: undefined };
  }
}

function verificationOf(facts: CaseFacts, now: number): Verification {
  const digest = '0'.repeat(64);
  const grades = { proven: 0, signed: 0, unsigned: 0, unprovable: 0, contradicted: 0 };
  return {
    lockfile: { path: 'lockfile', format: 'npm', formatVersion: '3', sha256: digest, sha512: digest + digest },
    counts: { entries: 1, artifacts: 1, classes: { [facts.class]: 1 }, grades },
    packageSet: { sha256: digest, packages: 1 },
    trust: { root: { origin: 'tuf', sha256: digest, asOf: new Date(now).toISOString() }, keys: [] },
    evidence: [evidenceOf(facts, now)],
    observations: [],
    baseline: { origin: 'the case' },
    verifiedAt: new Date(now).toISOString(),
  };
}

function evidenceOf(facts: CaseFacts, now: number): Evidence {
  const { name, version, class: type, license, publisher, deprecated, observations, change } = facts;
  const time = (daysAgo: number): string => new Date(now - daysAgo * DAY).toISOString();
  return {
    entry: ID,
    purl: toPurl(name, version),
    class: type,
    grade: facts.provenance === undefined ? (facts.signature ? 'signed' : 'unsigned') : 'proven',
    reason: 'as the case says',
    sha512: undefined,
    checks: checksOf(facts, time(facts.ageDays)),
    observations: observations.map((code) => ({ code })),
    published: { publishedAt: time(facts.ageDays), publisher, deprecated, license },
    installScripts: type === 'git' ? undefined : scriptsOf(facts),
    reach: { direct: facts.direct, kind: facts.kind },
    change,
    history: {
      status: 'verified',
      publishedAt: time(facts.ageDays),
      firstPublishedAt: time(facts.packageAgeDays),
      silence: { from: time(facts.ageDays + facts.silentDays), to: time(facts.ageDays) },
      earlierVersions: facts.earlierPublishers.length,
      earlierPublishers: facts.earlierPublishers,
      previous: previousOf(facts, time),
    },
  };
}

function scriptsOf({ scripts, scriptsSha256 }: CaseFacts): Evidence['installScripts'] {
  return { proof: 'registry', names: scripts, sha256: scripts.length === 0 ? undefined : scriptsSha256 };
}

function checksOf(facts: CaseFacts, publishedAt: string): Evidence['checks'] {
  const isRegistry = facts.class === 'registry';
  const none = { status: 'not-applicable', reason: 'not in the case' } as const;
  return {
    integrity: isRegistry ? { status: 'verified', algorithm: 'sha512' } : none,
    registry: isRegistry ? { status: 'verified', url: `${facts.registry}${facts.name}` } : none,
    signature: facts.signature ? { status: 'verified', keyid: 'of the case', keyOrigin: 'tuf' } : NONE,
    publishAttestation: NONE,
    provenance: provenanceOf(facts.provenance, publishedAt),
    edges: none,
    tarball: none,
  };
}

function previousOf(facts: CaseFacts, time: (daysAgo: number) => string): PreviousVersion | undefined {
  const { previousVersion, previousProvenance, ageDays, silentDays, earlierPublishers } = facts;
  if (previousVersion === undefined) return undefined;
  const publishedAt = time(ageDays + silentDays);
  return {
    version: previousVersion,
    relation: 'locked',
    publishedAt,
    publisher: earlierPublishers[0],
    provenance: provenanceOf(previousProvenance, publishedAt),
    installScripts: undefined,
    contents: undefined,
  };
}

function provenanceOf(given: Partial<Identity> | undefined, signedAt: string): CheckResult<ProvenanceFacts> {
  if (given === undefined) return NONE;
  return {
    status: 'verified',
    identity: { ...IDENTITY, ...given },
    predicateType: 'https://slsa.dev/provenance/v1',
    buildType: '',
    builder: '',
    signedAt,
    logIndex: undefined,
    digest: '0'.repeat(64),
  };
}

/** What a case does not say of an identity. */
const IDENTITY: Identity = {
  issuer: 'https://token.actions.githubusercontent.com',
  san: 'https://github.com/example/example/.github/workflows/release.yml@refs/heads/main',
  sanType: 'uri',
  repository: 'https://github.com/example/example',
  repositoryId: '1',
  ownerId: '1',
  workflow: '.github/workflows/release.yml',
  ref: 'refs/heads/main',
  commit: '0'.repeat(40),
  trigger: 'push',
  runnerEnvironment: 'github-hosted',
  runUrl: undefined,
  visibility: 'public',
};
