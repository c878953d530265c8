import {
  parseProjectManifest,
  parseTrustedRoot,
  PUBLIC_REGISTRY,
  verifyLockfile,
  type Baseline,
  type Lockfile,
  type Project,
  type Verification,
} from '@lockseal/core';
import { readLockfile } from '@lockseal/lockfile';
import type { NpmLockfile } from '@lockseal/testkit';
import type { Policy } from '@lockseal/policy';
import { judge } from '../judge.ts';
import type { Incident } from './incident.ts';
import { setStage, type Stage } from './stage.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What a policy would have said of one incident. */
export interface Replay {
  readonly incident: Incident;
  /** Rules that object at error level to the update, on the day it was made. */
  readonly errors: readonly string[];
  /** Rules that only warn. */
  readonly warnings: readonly string[];
  /** Rules that still object if the same update is made thirty days later. */
  readonly later: readonly string[];
  /** Rules that object at error level to the state before the update: false alarms. */
  readonly alarms: readonly string[];
}

/**
 * Publishes what was published then, locks what a project would have locked, verifies it by real evidence of a Sigstore
 * instance in this process, and asks the policy.
 */
export async function replayIncident(incident: Incident, policy: Policy): Promise<Replay> {
  const stage = await setStage(incident);
  const published = Date.parse(incident.date);
  const locked = published + (incident.hours ?? 2) * HOUR;
  const update = { lockfile: toLockfile(stage.after), dependencies: incident.after };
  const facts = await verify(stage, update, locked);
  const before = { lockfile: toLockfile(stage.before), dependencies: incident.before };
  const earlier = await verify(stage, before, published - DAY);
  const asOf = (time: number): Verification => ({ ...facts, verifiedAt: new Date(time).toISOString() });
  return {
    incident,
    errors: rulesOf(facts, update.lockfile, policy, 'error'),
    warnings: rulesOf(facts, update.lockfile, policy, 'warn'),
    later: rulesOf(asOf(locked + 30 * DAY), update.lockfile, policy, 'error'),
    alarms: rulesOf(earlier, before.lockfile, policy, 'error'),
  };
}

interface State {
  readonly lockfile: Lockfile;
  readonly dependencies: Incident['before'];
}

async function verify(stage: Stage, { lockfile, dependencies }: State, now: number): Promise<Verification> {
  return verifyLockfile({
    lockfile,
    project: toProject(dependencies),
    registries: { default: PUBLIC_REGISTRY, scopes: new Map(), named: new Map(), mirrors: [] },
    source: stage.registry.evidenceSource(),
    trustedRoot: parseTrustedRoot(Buffer.from(JSON.stringify(stage.sigstore.trustedRoot))),
    trust: { origin: 'tuf', sha256: '0'.repeat(64), asOf: new Date(now).toISOString() },
    clock: { now: () => now },
    tarballs: 'all',
    concurrency: 4,
    baseline: baselineOf(stage.before),
    history: 'all',
  });
}

function toLockfile(lockfile: NpmLockfile): Lockfile {
  return readLockfile('package-lock.json', Buffer.from(JSON.stringify(lockfile)));
}

function toProject(dependencies: Incident['before']): Project {
  const manifest = parseProjectManifest({ name: 'project', version: '1.0.0', dependencies }, 'package.json');
  return {
    manifests: new Map([['.', manifest]]),
    overrides: [],
    packageExtensions: [],
    patches: [],
    catalogs: new Map(),
    configDependencies: new Map(),
    otherLockfiles: [],
    localTarballs: new Map(),
  };
}

function baselineOf(before: NpmLockfile): Baseline {
  const locked = Object.entries(before.packages).filter(([place]) => place !== '');
  return {
    origin: 'the lockfile before the update',
    versions: new Map(locked.map(([place, { version }]) => [place.slice('node_modules/'.length), [String(version)]])),
  };
}

function rulesOf(
  verification: Verification,
  lockfile: Lockfile,
  policy: Policy,
  level: 'error' | 'warn',
): readonly string[] {
  const opened = { policy, inForce: undefined, observations: [], warnings: [] };
  const { findings } = judge({ lockfile, verification, warnings: [] }, opened, { version: '', durationMs: 0 });
  const rules = findings.filter((finding) => finding.level === level && !isAboutPolicy(finding.rule));
  return [...new Set(rules.map(({ rule, code }) => rule ?? code))].toSorted();
}

/** A policy made for a project names packages that no incident has. */
function isAboutPolicy(rule: string | undefined): boolean {
  return rule === 'policy-file';
}
