import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  NO_FLAGS,
  verifyLockfile,
  type CarriedEvidence,
  type CoverableArtifact,
  type EvidenceSource,
  type LockedPackage,
  type Lockfile,
  type TrustedRootMaterial,
  type Verification,
} from '../../src/index.ts';

const SHA512 = 'ab'.repeat(64);
const PIN = `sha512-${Buffer.from(SHA512, 'hex').toString('base64')}`;
const URL = 'https://registry.npmjs.org/ms/-/ms-1.0.0.tgz';

function entry(changes: Partial<LockedPackage> = {}): LockedPackage {
  return {
    id: 'node_modules/ms',
    name: 'ms',
    version: '1.0.0',
    aliases: [],
    source: { type: 'registry', url: URL, namedRegistry: undefined },
    pin: { kind: 'integrity', text: PIN, of: 'tarball' },
    edges: [],
    flags: NO_FLAGS,
    hasInstallScript: undefined,
    patch: undefined,
    bundles: [],
    deprecated: undefined,
    position: undefined,
    ...changes,
  };
}

function lockfileOf(entries: readonly LockedPackage[]): Lockfile {
  const edges = entries.map(({ id, name }) => {
    return { name, kind: 'prod', spec: '*', target: { type: 'entry', id }, position: undefined } as const;
  });
  return {
    path: 'package-lock.json',
    format: 'npm',
    formatVersion: '3',
    bytes: { length: 0, sha256: '', sha512: '' },
    entries,
    importers: [{ path: '.', edges, position: undefined }],
    descriptors: new Map(),
    claims: { overrides: new Map(), packageExtensions: [], patches: new Map(), catalogs: new Map() },
    observations: [],
  };
}

const CARRIED: CarriedEvidence = {
  grade: 'proven',
  identity: undefined,
  scripts: undefined,
  requires: {
    dependencies: new Map(),
    optionalDependencies: new Map(),
    peerDependencies: new Map(),
    optionalPeers: [],
    bundleDependencies: [],
    usesGyp: false,
  },
  origin: {
    sha256: '01'.repeat(32),
    sequence: 3,
    approvedAt: '2026-06-01T12:00:00Z',
    expiresAt: '2026-07-01T12:00:00Z',
  },
};

interface Run {
  readonly verification: Verification;
  /** Artifacts that the approval was asked about. */
  readonly about: readonly CoverableArtifact[];
  /** Packages that the source was asked about. */
  readonly looked: readonly string[];
}

async function verify(entries: readonly LockedPackage[], carried: CarriedEvidence = CARRIED): Promise<Run> {
  const about: CoverableArtifact[] = [];
  const looked = new Set<string>();
  const unavailable = { status: 'unavailable', error: 'ERR_OFFLINE', reason: 'a test' } as const;
  const look = async ({ name }: { readonly name: string }): Promise<typeof unavailable> => {
    looked.add(name);
    return unavailable;
  };
  const source: EvidenceSource = {
    versionDocument: look,
    attestations: look,
    keys: look,
    tarball: async ({ entry: { name } }) => look({ name }),
    cachedTarball: async () => undefined,
  };
  const verification = await verifyLockfile({
    lockfile: lockfileOf(entries),
    project: undefined,
    registries: { default: 'https://registry.npmjs.org/', scopes: new Map(), named: new Map(), mirrors: [] },
    source,
    trustedRoot: {} as TrustedRootMaterial,
    trust: { origin: 'file', sha256: '', asOf: undefined },
    clock: { now: () => 0 },
    tarballs: 'needed',
    concurrency: 1,
    covered: (artifact) => {
      about.push(artifact);
      return carried;
    },
  });
  return { verification, about, looked: [...looked] };
}

describe('what an approval covers', () => {
  test('is graded as it was, named as carried, and asked about nowhere', async () => {
    const { verification, about, looked } = await verify([entry()]);
    const [evidence] = verification.evidence;
    assert.deepEqual(looked, []);
    assert.deepEqual(about, [
      {
        spec: 'ms@1.0.0',
        row: { purl: 'pkg:npm/ms@1.0.0', digest: { sha512: SHA512 }, source: 'registry' },
        reach: [{ direct: true, kind: 'prod' }],
        hasInstallScript: undefined,
        needsTarball: false,
      },
    ]);
    assert.deepEqual([evidence?.grade, evidence?.carried, evidence?.sha512], ['proven', CARRIED, SHA512]);
    assert.match(evidence?.reason ?? '', /^carried forward from approval 3 of 2026-06-01$/);
    assert.equal(verification.counts.grades.proven, 1);
  });

  test('is never told as verified now, but for what the lockfile itself tells', async () => {
    const { verification } = await verify([entry()]);
    const checks = Object.entries(verification.evidence[0]?.checks ?? {});
    const verified = checks.filter(([, { status }]) => status === 'verified').map(([name]) => name);
    assert.deepEqual(verified, ['integrity', 'edges']);
    assert.deepEqual(verification.evidence[0]?.checks.edges, { status: 'verified', proof: 'approval', compared: 0 });
  });

  test('has its edges held against what was recorded: one that is missing, one too many', async () => {
    const dependencies = new Map([['debug', '^2.0.0']]);
    const missing = await verify([entry()], { ...CARRIED, requires: { ...CARRIED.requires, dependencies } });
    assert.deepEqual(
      missing.verification.evidence[0]?.observations.map(({ code }) => code),
      ['dependency-not-locked'],
    );
    const edge = { name: 'evil', kind: 'prod', spec: '*', target: { type: 'entry', id: 'node_modules/evil' } } as const;
    const evil = entry({
      id: 'node_modules/evil',
      name: 'evil',
      source: { type: 'registry', url: undefined, namedRegistry: undefined },
    });
    const forged = await verify([entry({ edges: [{ ...edge, position: undefined }] }), evil]);
    const [evidence] = forged.verification.evidence;
    assert.equal(evidence?.grade, 'contradicted', 'what is carried excuses no forged edge');
    assert.deepEqual(
      evidence?.observations.map(({ code }) => code),
      ['edge-forged'],
    );
  });

  test('is one artifact however often it is locked', async () => {
    const again = entry({ id: 'node_modules/a/node_modules/ms' });
    const { verification, about } = await verify([entry(), again]);
    assert.equal(about.length, 1);
    assert.deepEqual(
      verification.evidence.map(({ grade }) => grade),
      ['proven', 'proven'],
    );
  });

  const inside = entry({
    id: 'node_modules/ms/node_modules/a',
    name: 'a',
    source: { type: 'bundled', parent: 'node_modules/ms' },
    pin: { kind: 'none' },
  });
  const unasked: readonly (readonly [why: string, entries: readonly LockedPackage[]])[] = [
    ['it is pinned by sha1', [entry({ pin: { kind: 'integrity', text: `sha1-${'A'.repeat(27)}=`, of: 'tarball' } })]],
    [
      'it is pinned twice',
      [entry({ pin: { kind: 'integrity', text: `${PIN} sha512-${'B'.repeat(86)}==`, of: 'tarball' } })],
    ],
    ['it is pinned by the tar inside', [entry({ pin: { kind: 'integrity', text: PIN, of: 'tar' } })]],
    [
      "it is pinned by Yarn's own zip",
      [entry({ pin: { kind: 'yarn-checksum', cacheKey: '10c0', lockfileCacheKey: '10c0', sha512: SHA512 } })],
    ],
    ['nothing pins it', [entry({ pin: { kind: 'none' } })]],
    [
      'its URL is at another host',
      [
        entry({
          source: { type: 'registry', url: 'https://evil.example.com/ms/-/ms-1.0.0.tgz', namedRegistry: undefined },
        }),
      ],
    ],
    [
      'its URL is that of another version',
      [entry({ source: { type: 'registry', url: URL.replace('1.0.0', '1.0.1'), namedRegistry: undefined } })],
    ],
    [
      'its URL is not encrypted',
      [entry({ source: { type: 'registry', url: URL.replace('https', 'http'), namedRegistry: undefined } })],
    ],
    ['the project patches it', [entry({ patch: { path: 'ms.patch', hash: undefined } })]],
    ['another package is said to be inside its tarball', [entry(), inside]],
  ];
  for (const [why, entries] of unasked) {
    test(`is not even asked where ${why}`, async () => {
      const { about, looked, verification } = await verify(entries);
      assert.deepEqual(about, []);
      assert.ok(looked.includes('ms'), 'it is looked at');
      assert.equal(
        verification.evidence.every(({ carried }) => carried === undefined),
        true,
      );
    });
  }
});
