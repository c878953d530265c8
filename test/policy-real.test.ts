// What `policy init` learns has nothing against the project that it was made from: on real lockfiles of every manager, with
// facts as ordinary packages have them. policy-init.test.ts runs the whole tool.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { PUBLIC_REGISTRY, type Evidence, type LockedPackage, type Lockfile, type Verification } from '@lockseal/core';
import { readLockfile } from '@lockseal/lockfile';
import { loadPolicy, type Policy } from '@lockseal/policy';
import type { Report } from '@lockseal/report';
import { judge } from '../packages/cli/src/policy/judge.ts';
import { learn } from '../packages/cli/src/policy/learn.ts';
import { writePolicy } from '../packages/cli/src/policy/write-policy.ts';
import { chances } from './support/real-registry.ts';
import { sharedDir } from './support/shared.ts';
import { evidenceOf, provenance, signedChecks, verificationOf } from './support/verification.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const DAY = 86_400_000;
const FILES = [
  'npm-create-react-app.package-lock.json',
  'npm-npmcli.package-lock.json',
  'berry-jest.yarn.lock',
  'yarn1-remix-project.yarn.lock',
  'pnpm-astro.pnpm-lock.yaml',
];

const daysAgo = (days: number): string => new Date(NOW - days * DAY).toISOString();

/** Every tenth package was published within days, one in eight is proven, one in thirty has an install script. */
function ordinaryEvidence(entry: LockedPackage): Evidence {
  if (entry.source.type !== 'registry') return evidenceOf(entry, { class: entry.source.type });
  const [proven = 0, scripted = 0, fresh = 0, age = 0, quiet = 0, taken = 0] = chances(
    `${entry.name}@${entry.version ?? ''}`,
  );
  const published = fresh < 0.1 ? age * 20 : 30 + age * 2000;
  const silence = { from: daysAgo(published + quiet * 400), to: daysAgo(published) };
  const publisher = taken < 0.03 ? 'a new maintainer' : 'the maintainer';
  const checks = proven < 0.12 ? { provenance: { status: 'verified', ...provenance } as const } : {};
  return evidenceOf(entry, {
    grade: proven < 0.12 ? 'proven' : 'signed',
    checks: signedChecks(checks),
    published: { publishedAt: undefined, publisher, deprecated: undefined, license: 'MIT' },
    installScripts: {
      proof: 'registry',
      names: scripted < 0.03 ? ['postinstall'] : [],
      sha256: scripted < 0.03 ? createHash('sha256').update(entry.name).digest('hex') : undefined,
    },
    reach: { direct: false, kind: 'prod' },
    history: {
      status: 'verified',
      publishedAt: daysAgo(published),
      firstPublishedAt: daysAgo(published + 300 + age * 1000),
      silence,
      earlierVersions: 12,
      earlierPublishers: ['the maintainer'],
      previous: undefined,
    },
  });
}

async function load(text: string): Promise<Policy> {
  const loaded = await loadPolicy({ file: 'lockseal.yaml', text }, { now: NOW, read: async () => undefined });
  return loaded.status === 'ok' ? loaded.policy : assert.fail(JSON.stringify(loaded.problems));
}

function report(lockfile: Lockfile, verification: Verification, policy: Policy): Report {
  const opened = { policy, inForce: undefined, observations: [], warnings: [] };
  return judge({ lockfile, verification, warnings: [] }, opened, { version: '', durationMs: 0 });
}

describe('a fresh policy', () => {
  for (const name of FILES) {
    test(`raises no error on ${name}`, async (t) => {
      const shared = sharedDir(t);
      if (shared === undefined) return;
      const lockfile = readLockfile(name, fs.readFileSync(path.join(shared, 'lockfiles/real', name)));
      const verification = verificationOf(lockfile.entries.map(ordinaryEvidence));
      const recommended = report(lockfile, verification, await load('version: 1\nextends: recommended\n'));
      const registries = { default: PUBLIC_REGISTRY, scopes: new Map(), named: new Map(), mirrors: [] };
      const verified = { lockfile, registries, verification };
      const learned = learn(verified, recommended, NOW);
      assert.ok(learned.scripts.length > 0 && learned.identities.length > 0 && learned.waivers.length > 0);
      const { findings, undecided } = report(lockfile, verification, await load(writePolicy(learned)));
      // What git and URL dependencies the projects have is not the registry's ordinary metadata: it stays open.
      const errors = findings.filter(({ level, rule }) => level === 'error' && !isAboutSources(rule));
      assert.deepEqual(
        errors.map(({ code, subject }) => `${code} ${subject}`),
        [],
      );
      assert.deepEqual(undecided, []);
    });
  }
});

function isAboutSources(rule: string | undefined): boolean {
  return rule === 'exotic-dependency' || rule === 'source';
}
