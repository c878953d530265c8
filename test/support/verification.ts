// A verification to judge and to render: plain data, by hand, with one line to change for each case.
import {
  NO_FLAGS,
  type Evidence,
  type Grade,
  type LockedPackage,
  type ProvenanceFacts,
  type Verification,
} from '@lockseal/core';

const NOT_READ = { status: 'not-applicable', reason: 'not read' } as const;

/** An entry of the lockfile: a registry package at the line given. */
export function locked(name: string, version: string | undefined, line: number = 1): LockedPackage {
  return {
    id: `node_modules/${name}`,
    name,
    version,
    aliases: [],
    source: { type: 'registry', url: undefined, namedRegistry: undefined },
    pin: { kind: 'none' },
    edges: [],
    flags: NO_FLAGS,
    hasInstallScript: undefined,
    bundles: [],
    patch: undefined,
    deprecated: undefined,
    position: { line, column: 5 },
  };
}

/** Evidence of a package whose registry signature verified. */
export function evidenceOf({ id, name, version }: LockedPackage, changes: Partial<Evidence> = {}): Evidence {
  const purl = `pkg:npm/${name}@${version ?? ''}`;
  const sha512 = 'ab'.repeat(64);
  const checks = signedChecks();
  return {
    entry: id,
    purl,
    class: 'registry',
    grade: 'signed',
    reason: 'registry signature',
    sha512,
    checks,
    observations: [],
    ...changes,
  };
}

export function signedChecks(changes: Partial<Evidence['checks']> = {}): Evidence['checks'] {
  return {
    integrity: { status: 'verified', algorithm: 'sha512' },
    registry: { status: 'verified', url: 'https://registry.npmjs.org/' },
    signature: { status: 'verified', keyid: 'SHA256:example', keyOrigin: 'embedded' },
    publishAttestation: { status: 'absent', reason: 'the registry announces none' },
    provenance: { status: 'absent', reason: 'the registry announces none' },
    edges: { status: 'verified', proof: 'registry', compared: 2 },
    tarball: NOT_READ,
    ...changes,
  };
}

export const provenance: ProvenanceFacts = {
  identity: {
    issuer: 'https://token.actions.githubusercontent.com',
    san: 'https://github.com/example/tool/.github/workflows/release.yml@refs/tags/v1.0.0',
    sanType: 'uri',
    repository: 'https://github.com/example/tool',
    repositoryId: '1001',
    ownerId: '2002',
    workflow: '.github/workflows/release.yml',
    ref: 'refs/tags/v1.0.0',
    commit: 'c0ffee'.padEnd(40, '0'),
    trigger: 'push',
    runnerEnvironment: 'github-hosted',
    runUrl: 'https://github.com/example/tool/actions/runs/7/attempts/1',
    visibility: 'public',
  },
  predicateType: 'https://slsa.dev/provenance/v1',
  buildType: 'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1',
  builder: 'https://github.com/actions/runner/github-hosted',
  signedAt: '2026-10-01T12:00:00.000Z',
  logIndex: '123456',
  digest: 'cd'.repeat(32),
};

/** The verification of a package-lock.json with this evidence; the counts follow from it. */
export function verificationOf(evidence: readonly Evidence[], changes: Partial<Verification> = {}): Verification {
  const grades: Record<Grade, number> = { proven: 0, signed: 0, unsigned: 0, unprovable: 0, contradicted: 0 };
  const classes: Partial<Record<Evidence['class'], number>> = {};
  for (const one of evidence) {
    grades[one.grade] += 1;
    classes[one.class] = (classes[one.class] ?? 0) + 1;
  }
  return {
    lockfile: {
      path: 'package-lock.json',
      format: 'npm',
      formatVersion: '3',
      sha256: '01'.repeat(32),
      sha512: '23'.repeat(64),
    },
    counts: { entries: evidence.length, artifacts: evidence.length, classes, grades },
    packageSet: { sha256: '45'.repeat(32), packages: evidence.length },
    trust: {
      root: { origin: 'embedded', sha256: '67'.repeat(32), asOf: '2026-11-01T00:00:00.000Z' },
      keys: [{ registry: 'https://registry.npmjs.org/', origin: 'embedded', keyids: ['SHA256:example'] }],
    },
    evidence,
    observations: [],
    verifiedAt: '2026-11-22T10:00:00.000Z',
    ...changes,
  };
}
