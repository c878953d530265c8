// Attacks on lockfiles, compared with the honest one: what the two files differ in is told before any evidence is had.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { bareFacts, compareStates, lockedState, pairArtifacts, type LockedState, type TrustDiff } from '@lockseal/core';
import { readLockfile } from '@lockseal/lockfile';
import { sharedDir } from './support/shared.ts';

/** Case -> what is told of it: kind, package and signs. */
const TOLD: Readonly<Record<string, readonly string[]>> = {
  'npm-v3-artifact-substitution': ['swapped ms bytes-swapped'],
  'npm-v3-crlf-substitution': ['swapped ms bytes-swapped'],
  'npm-v3-empty-entry': ['swapped ms pin-lost'],
  'npm-v3-fake-bundled-with-url': ['swapped ms bytes-swapped'],
  'npm-v3-foreign-host-tarball': ['swapped ms bytes-swapped'],
  'npm-v3-forged-edge': ['redirected debug dependency-redirected', 'added inherits package-added'],
  'npm-v3-link-replaces-registry': ['swapped ms pin-lost source-changed'],
  'npm-v3-two-sha512-hashes': ['unbound ms pin-changed'],
  'npm-v3-unknown-algorithm': ['unbound ms pin-changed'],
  'npm-v3-unreachable-entry': ['added inherits package-added'],
  'npm-v3-undeclared-alias-url': ['added inherits package-added'],
  'npm-v3-edge-out-of-range': ['down ms version-fell'],
  'pnpm-9-artifact-substitution': ['swapped ms bytes-swapped'],
  'pnpm-9-config-dependency-substitution': ['added is-odd package-added'],
  'pnpm-9-empty-resolution': ['swapped ms pin-lost'],
  'pnpm-9-importer-edge-forged': ['added inherits package-added'],
  'pnpm-9-substitution-without-integrity': ['swapped ms pin-lost source-changed'],
  'yarn-1-forged-edge': ['redirected debug dependency-redirected'],
  'yarn-1-no-url-no-integrity': ['swapped ms pin-lost'],
  'yarn-1-substitution-sha1-fragment': ['unbound ms pin-changed'],
  'yarn-1-substitution-without-integrity': ['swapped ms pin-lost source-changed'],
  'yarn-berry-checksum-missing': ['swapped ms pin-lost'],
  'yarn-berry-foreign-cache-key-checksum': ['unbound ms pin-changed'],
  'yarn-berry-forged-edge': ['redirected debug dependency-redirected', 'added inherits package-added'],
  'bun-comment-escaped-key-substitution': ['swapped ms bytes-swapped'],
  'bun-forged-edge': ['redirected debug dependency-redirected'],
  'bun-substitution-sha1': ['unbound ms pin-changed'],
  'bun-substitution-without-integrity': ['swapped ms pin-lost'],
  'vlt-forged-edge': ['redirected debug dependency-redirected'],
  'vlt-integrity-missing': ['swapped ms pin-lost'],
  'vlt-wrong-integrity': ['swapped ms bytes-swapped'],
};

const HONEST: Readonly<Record<string, string>> = {
  npm: 'npm-v3-transitive-ok',
  pnpm: 'pnpm-9-transitive-ok',
  'yarn-1': 'yarn-1-transitive-alias-ok',
  'yarn-berry': 'yarn-berry-transitive-ok',
  bun: 'bun-transitive-alias-ok',
  vlt: 'vlt-transitive-alias-ok',
};

interface Listed {
  readonly case: string;
  readonly lockfile: string;
}

function read(name: string, shared: string): LockedState {
  const folder = path.join(shared, 'lockfiles/attacks');
  const index = JSON.parse(fs.readFileSync(path.join(folder, 'index.json'), 'utf8')) as readonly Listed[];
  const { lockfile } = index.find((each) => each.case === name) ?? assert.fail(name);
  return lockedState(readLockfile(lockfile, fs.readFileSync(path.join(folder, name, lockfile))), name);
}

function compare(name: string, shared: string): TrustDiff {
  const honest = Object.entries(HONEST).find(([prefix]) => name.startsWith(prefix))?.[1] ?? assert.fail(name);
  const [before, after] = [read(honest, shared), read(name, shared)];
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

describe('an attack against the honest lockfile', () => {
  for (const [name, told] of Object.entries(TOLD)) {
    test(name, (t: TestContext) => {
      const shared = sharedDir(t);
      if (shared === undefined) return;
      const found = compare(name, shared).changes.map(({ kind, name: of, signs }) =>
        [kind, of, ...signs.map(({ sign }) => sign)].join(' '),
      );
      assert.deepEqual(found.toSorted(), told.toSorted());
    });
  }
});
