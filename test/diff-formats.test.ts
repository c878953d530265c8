// One project locked by every package manager: between formats nothing is told that only the formats make differ.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { bareFacts, compareStates, lockedState, pairArtifacts, type LockedState, type TrustDiff } from '@lockseal/core';
import { readLockfile } from '@lockseal/lockfile';
import { sharedDir } from './support/shared.ts';

const samples: readonly (readonly [folder: string, file: string])[] = [
  ['npm-6.14.18', 'package-lock.json'],
  ['npm-11.21.2-lockv2', 'package-lock.json'],
  ['npm-11.21.2-omitresolved', 'package-lock.json'],
  ['pnpm-6.35.1', 'pnpm-lock.yaml'],
  ['pnpm-8.15.9', 'pnpm-lock.yaml'],
  ['pnpm-12.21.0', 'pnpm-lock.yaml'],
  ['yarn-1.22.22', 'yarn.lock'],
  ['yarn-4.18.1', 'yarn.lock'],
  ['bun-1.4.5', 'bun.lock'],
  ['deno-2.9.6', 'deno.lock'],
  ['vlt-1.0.0-rc.23', 'vlt-lock.json'],
];
/** What is told, because lockfiles alone do not explain it. */
const TOLD: Readonly<Record<string, readonly string[]>> = {
  // pnpm 6 links it and records nothing.
  'pnpm-6.35.1': ['local-dir@0.1.0'],
  // Asked for by a newer version of a bundled package.
  'yarn-4.18.1': ['undici@8.12.4'],
  // Asked for by what Deno leaves out.
  'deno-2.9.6': ['wrappy@1.0.2'],
};

function compare(before: LockedState, after: LockedState): TrustDiff {
  const pairing = pairArtifacts(before, after);
  return compareStates({
    before,
    after,
    pairing,
    factsBefore: bareFacts,
    factsAfter: bareFacts,
    pathTo: () => undefined,
    now: 0,
  });
}

describe('the same project', () => {
  for (const [folder, file] of samples) {
    test(`npm 11 and ${folder}`, (t) => {
      const shared = sharedDir(t);
      if (shared === undefined) return;
      const read = (name: string, lockfile: string): LockedState =>
        lockedState(
          readLockfile(lockfile, fs.readFileSync(path.join(shared, 'lockfiles/samples', name, lockfile))),
          name,
        );
      const [npm, other] = [read('npm-11.21.2', 'package-lock.json'), read(folder, file)];
      for (const diff of [compare(npm, other), compare(other, npm)]) {
        const told = [...diff.changes, ...diff.quiet, ...diff.removed].map(
          ({ before, after }) => (after ?? before)?.spec,
        );
        assert.deepEqual(told, TOLD[folder] ?? []);
        const unbound = diff.byDesign.find(({ reason }) => reason === 'pinned-otherwise')?.packages.length ?? 0;
        assert.ok(diff.unchanged + unbound >= 192, `${diff.unchanged} and ${unbound}`);
      }
    });
  }
});
