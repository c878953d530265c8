import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  NO_FLAGS,
  PUBLIC_REGISTRY,
  type Evidence,
  type LockedPackage,
  type Lockfile,
  type PackageSetEntry,
  type Source,
} from '@lockseal/core';
import { canonicalize, type Json } from '@lockseal/core';
import type { ApprovedPackage, StoredBundle } from '@lockseal/signer';
import { approvedVoucher } from '../../src/gate/approved-voucher.ts';
import { countOnlySigned, refusedOf, selectArtifacts, type Voucher } from '../../src/gate/artifacts.ts';
import { verifiedVoucher } from '../../src/gate/verified-voucher.ts';
import { createHash } from 'node:crypto';

const A = 'a'.repeat(128);
const B = 'b'.repeat(128);
const COMMIT = 'c'.repeat(40);
const CORP = 'https://npm.corp.example/';
const registries = {
  default: PUBLIC_REGISTRY,
  scopes: new Map([['@corp', CORP]]),
  named: new Map([['work', CORP]]),
  mirrors: [],
};

const UNBOUND =
  'it was approved without a digest: neither the lockfile nor a signature of the registry bound its bytes (lock it with a hash, or approve it where the registry serves its signatures: `lockseal approve --registry=<url>`)';

const sri = (hex: string): string => `sha512-${Buffer.from(hex, 'hex').toString('base64')}`;
const fromRegistry: Source = { type: 'registry', url: undefined, namedRegistry: undefined };

function entry(id: string, other: Partial<LockedPackage> = {}): LockedPackage {
  return {
    id,
    name: 'ms',
    version: '1.0.0',
    aliases: [],
    source: fromRegistry,
    pin: { kind: 'integrity', text: sri(A), of: 'tarball' },
    edges: [],
    flags: NO_FLAGS,
    hasInstallScript: undefined,
    patch: undefined,
    bundles: [],
    deprecated: undefined,
    position: undefined,
    ...other,
  };
}

function lockfileOf(...entries: readonly LockedPackage[]): Lockfile {
  return {
    path: 'package-lock.json',
    format: 'npm',
    formatVersion: '3',
    bytes: { length: 0, sha256: '', sha512: '' },
    entries,
    importers: [
      {
        path: '.',
        position: undefined,
        edges: entries.map(({ id, name }) => ({
          name,
          kind: 'prod' as const,
          spec: undefined,
          target: { type: 'entry' as const, id },
          position: undefined,
        })),
      },
    ],
    descriptors: new Map(),
    claims: { overrides: new Map(), packageExtensions: [], patches: new Map(), catalogs: new Map() },
    observations: [],
  };
}

const vouching = (sha512: string): Voucher => ({
  sha512Of: () => ({ status: 'vouched', pin: sha512 }),
  commitOf: () => ({ status: 'vouched', pin: COMMIT }),
});

const classOf = (source: Source, git: 'refuse' | 'pinned' = 'refuse'): string | undefined => {
  const { standings } = selectArtifacts(lockfileOf(entry('x', { source })), registries, vouching(A), git);
  return standings.get('x')?.class;
};

describe('every entry of a lockfile has one standing', () => {
  const sources: readonly (readonly [source: Source, expected: string])[] = [
    [fromRegistry, 'served'],
    [{ type: 'registry', url: 'https://evil.example/x.tgz', namedRegistry: undefined }, 'served'],
    [{ type: 'registry', url: undefined, namedRegistry: 'work' }, 'served'],
    [{ type: 'registry', url: undefined, namedRegistry: 'unknown' }, 'refused'],
    [{ type: 'tarball', url: 'https://files.example/x.tgz' }, 'served'],
    [{ type: 'git', repository: 'https://github.com/a/b', commit: COMMIT, path: undefined }, 'refused'],
    [{ type: 'file', path: 'x.tgz' }, 'local'],
    [{ type: 'directory', path: 'x' }, 'local'],
    [{ type: 'link', path: 'x' }, 'local'],
    [{ type: 'workspace', path: 'x' }, 'local'],
    [{ type: 'bundled', parent: undefined }, 'local'],
    [{ type: 'patched', inner: 'y' }, 'local'],
    [{ type: 'jsr' }, 'refused'],
    [{ type: 'https', url: 'https://deno.example/x.ts' }, 'refused'],
    [{ type: 'runtime', variants: [] }, 'refused'],
    [{ type: 'unknown', reason: 'nobody knows' }, 'refused'],
  ];
  for (const [source, expected] of sources) {
    test(`${JSON.stringify(source)} is ${expected}`, () => assert.equal(classOf(source), expected));
  }

  const advised: readonly (readonly [source: Source, advice: RegExp])[] = [
    [
      { type: 'runtime', variants: [] },
      /no registry serves; install it before .*"onFail": "error".*devEngines\.runtime/,
    ],
    [{ type: 'jsr' }, /`npm:@jsr\/<scope>__<name>` from npm\.jsr\.io/],
    [{ type: 'https', url: 'https://example.com/mod.ts' }, /a published package instead/],
  ];
  for (const [source, advice] of advised) {
    test(`${source.type}: says what to do instead`, () => {
      const lockfile = lockfileOf(entry('x', { source }));
      const [refusal] = refusedOf(selectArtifacts(lockfile, registries, vouching(A), 'refuse'));
      assert.match(refusal?.reason ?? '', advice);
    });
  }

  test('by git only where the policy says so', () => {
    assert.equal(classOf({ type: 'git', repository: 'r', commit: COMMIT, path: undefined }, 'pinned'), 'git');
  });

  test('without a version none is served', () => {
    const { standings } = selectArtifacts(
      lockfileOf(entry('x', { version: undefined })),
      registries,
      vouching(A),
      'refuse',
    );
    assert.equal(standings.get('x')?.class, 'refused');
  });

  test('entries that are one artifact become one, and each has it', () => {
    const lockfile = lockfileOf(entry('a'), entry('b'), entry('c', { version: '2.0.0' }));
    const { artifacts, standings } = selectArtifacts(lockfile, registries, vouching(A), 'refuse');
    assert.deepEqual(
      artifacts.map(({ entries }) => entries),
      [['a', 'b'], ['c']],
    );
    assert.equal(standings.size, 3);
    const [a, b] = ['a', 'b'].map((id) => standings.get(id));
    assert.deepEqual(a, b);
    assert.deepEqual(artifacts[0]?.path, ['.', 'ms@1.0.0']);
  });

  test('the registry of its scope serves a scoped package', () => {
    const lockfile = lockfileOf(entry('a', { name: '@corp/ui' }));
    const { artifacts } = selectArtifacts(lockfile, registries, vouching(A), 'refuse');
    assert.equal(artifacts[0]?.registry, CORP);
  });

  test('a lockfile that pins other bytes than somebody vouches for is refused', () => {
    const selection = selectArtifacts(lockfileOf(entry('a')), registries, vouching(B), 'refuse');
    assert.deepEqual(refusedOf(selection), [
      { entry: 'a', reason: 'the lockfile pins other bytes than were approved' },
    ]);
    assert.deepEqual(selection.artifacts, []);
  });

  test('a weak pin does not stand against the approved digest', () => {
    const pin = { kind: 'integrity', text: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=', of: 'tarball' } as const;
    const { artifacts } = selectArtifacts(lockfileOf(entry('a', { pin })), registries, vouching(B), 'refuse');
    assert.equal(artifacts[0]?.sha512, B);
  });
});

describe('an approval vouches', () => {
  const row = (
    purl: string,
    digest: PackageSetEntry['digest'],
    source: PackageSetEntry['source'] = 'registry',
  ): PackageSetEntry => ({ purl, digest, source });
  const signed = (sha512: string): SignedRow => {
    return { ...row('pkg:npm/ms@1.0.0', null), signedDigest: { sha512, source: 'registry-signature' } };
  };
  const voucherOf = (
    rows: readonly SignedRow[],
    more: readonly (readonly SignedRow[])[] = [],
    subject: 'bytes' | 'package-set' = 'bytes',
  ): Voucher => {
    const stored = [rows, ...more].map(approvalOf);
    const counted = stored.map(({ line }) => ({ line }) as never);
    return approvedVoucher(counted, stored, { registries, project: undefined, subject });
  };
  const sha512Of = (rows: readonly SignedRow[], of = entry('x')): unknown => voucherOf(rows).sha512Of(of);
  const none = (reason: string): object => ({ status: 'none', reason });

  test('for the digest of this very version', () => {
    assert.deepEqual(sha512Of([row('pkg:npm/ms@1.0.0', { sha512: A })]), { status: 'vouched', pin: A });
  });

  test('for a version that was approved from another registry: the digest decides', () => {
    const rows = [row(`pkg:npm/ms@1.0.0?repository_url=${encodeURIComponent(CORP)}`, { sha512: A })];
    assert.deepEqual(sha512Of(rows), { status: 'vouched', pin: A });
  });

  test('for a tarball by its address', () => {
    const url = 'https://files.example/x.tgz';
    const rows = [row(`pkg:npm/ms?download_url=${encodeURIComponent(url)}`, { sha512: A }, 'tarball')];
    assert.deepEqual(sha512Of(rows, entry('x', { source: { type: 'tarball', url } })), { status: 'vouched', pin: A });
    const other = entry('x', { source: { type: 'tarball', url: `${url}?v=2` } });
    assert.deepEqual(sha512Of(rows, other), none('it is not among the approved packages'));
  });

  test('for a commit', () => {
    const source: Source = { type: 'git', repository: 'https://github.com/a/b', commit: COMMIT, path: undefined };
    const voucher = voucherOf([row('pkg:npm/ms', { gitCommit: COMMIT }, 'git')]);
    assert.deepEqual(voucher.commitOf(entry('x', { source })), { status: 'vouched', pin: COMMIT });
    assert.equal(voucher.sha512Of(entry('x', { source })).status, 'none');
  });

  describe('for what the registry signed', () => {
    const checksum = { kind: 'yarn-checksum', cacheKey: '10c0', lockfileCacheKey: '10c0', sha512: B } as const;
    const open = entry('x', { pin: { kind: 'none' } });
    const odd = entry('x', { pin: checksum });

    test('where the lockfile pins nothing', () => {
      assert.deepEqual(sha512Of([signed(A)], open), { status: 'vouched', pin: A, isOnlySigned: true });
    });

    test('where the lockfile that was approved pins what cannot be rebuilt', () => {
      assert.deepEqual(sha512Of([signed(A)], odd), { status: 'vouched', pin: A, isOnlySigned: true });
    });

    test('beside an entry of it that is pinned, if that is the same', () => {
      assert.deepEqual(sha512Of([row('pkg:npm/ms@1.0.0', { sha512: A }), signed(A)]), { status: 'vouched', pin: A });
    });

    test('not where only the package set was approved, and the lockfile pins something now', () => {
      const voucher = voucherOf([signed(A)], [], 'package-set');
      assert.deepEqual(voucher.sha512Of(open), { status: 'vouched', pin: A, isOnlySigned: true });
      const reason = 'it was approved by what the registry signed, and the lockfile may pin something else now';
      assert.deepEqual(voucher.sha512Of(odd), none(reason));
    });

    test('once an artifact, however many entries it has, and never where a hash binds it or it is refused', () => {
      const counted = (rows: readonly SignedRow[], ...entries: readonly LockedPackage[]): number =>
        countOnlySigned(selectArtifacts(lockfileOf(...entries), registries, voucherOf(rows), 'refuse'));
      const twin = { ...open, id: 'y' };
      assert.equal(counted([signed(A)], open, twin), 1);
      assert.equal(counted([row('pkg:npm/ms@1.0.0', { sha512: A })], open), 0);
      assert.equal(counted([row('pkg:npm/ms@1.0.0', { sha512: A }), signed(A)], open, twin), 0);
      assert.equal(counted([row('pkg:npm/ms@1.0.0', null)], open), 0);
      assert.equal(counted([signed(B)], entry('x')), 0);
    });

    test('not where the lockfile pins other bytes', () => {
      for (const subject of ['bytes', 'package-set'] as const) {
        const selection = selectArtifacts(
          lockfileOf(entry('x')),
          registries,
          voucherOf([signed(B)], [], subject),
          'refuse',
        );
        assert.deepEqual(selection.artifacts, []);
      }
    });

    test('not where approvers were told different digests, or only one of them any', () => {
      for (const other of [signed(B), row('pkg:npm/ms@1.0.0', null)])
        assert.throws(() => voucherOf([signed(A)], [[other]]), { code: 'ERR_STATEMENT' });
    });
  });

  const refused: readonly (readonly [why: string, rows: readonly SignedRow[], reason: string])[] = [
    ['nothing', [], 'it is not among the approved packages'],
    ['another version', [row('pkg:npm/ms@2.0.0', { sha512: A })], 'it is not among the approved packages'],
    ['another package', [row('pkg:npm/ms-evil@1.0.0', { sha512: A })], 'it is not among the approved packages'],
    [
      'a tarball of that name',
      [row('pkg:npm/ms@1.0.0', { sha512: A }, 'tarball')],
      'it is not among the approved packages',
    ],
    ['no digest', [row('pkg:npm/ms@1.0.0', null)], UNBOUND],
    ['a digest of another kind', [row('pkg:npm/ms@1.0.0', { sha256: 'd'.repeat(64) })], UNBOUND],
    [
      'two digests',
      [row('pkg:npm/ms@1.0.0', { sha512: A }), row('pkg:npm/ms@1.0.0', { sha512: B })],
      'it was approved with several digests',
    ],
    [
      'a digest and another one that the registry signed',
      [row('pkg:npm/ms@1.0.0', { sha512: A }), signed(B)],
      'it was approved with several digests',
    ],
    [
      'a digest and none',
      [row('pkg:npm/ms@1.0.0', { sha512: A }), row('pkg:npm/ms@1.0.0', null)],
      'it was approved with several digests',
    ],
  ];
  for (const [why, rows, reason] of refused) {
    test(`for nothing where ${why} was approved`, () => assert.deepEqual(sha512Of(rows), none(reason)));
  }

  test('by several approvers, who must have signed the same', () => {
    const rows = [row('pkg:npm/ms@1.0.0', { sha512: A })];
    assert.equal(voucherOf(rows, [rows]).sha512Of(entry('x')).status, 'vouched');
    assert.throws(() => voucherOf(rows, [[row('pkg:npm/ms@1.0.0', { sha512: B })]]), { code: 'ERR_STATEMENT' });
  });

  test('by nobody: that is an error', () => {
    const context = { registries, project: undefined, subject: 'bytes' } as const;
    assert.throws(() => approvedVoucher([], [], context), { code: 'ERR_STATEMENT' });
  });
});

describe('a verification vouches', () => {
  const evidence = (sha512: string | undefined, more: Partial<Evidence> = {}): Voucher =>
    verifiedVoucher({ evidence: [{ entry: 'x', sha512, reason: 'why', ...more } as Evidence] });

  test('for what it bound, and for nothing else', () => {
    assert.deepEqual(evidence(A).sha512Of(entry('x')), { status: 'vouched', pin: A });
    assert.deepEqual(evidence(undefined).sha512Of(entry('x')), {
      status: 'none',
      reason: 'nothing binds its bytes: why',
    });
    assert.equal(evidence(A).sha512Of(entry('y')).status, 'none');
  });

  test('for what the registry signs, where the lockfile binds nothing and nothing speaks against it', () => {
    const signedDigest = { status: 'verified', sha512: B, keyid: 'SHA256:one', keyOrigin: 'tuf' } as const;
    const pinOf = (voucher: Voucher): unknown => voucher.sha512Of(entry('x'));
    assert.deepEqual(pinOf(evidence(undefined, { signedDigest })), { status: 'vouched', pin: B, isOnlySigned: true });
    assert.deepEqual(pinOf(evidence(A, { signedDigest })), { status: 'vouched', pin: A });
    assert.deepEqual(pinOf(evidence(undefined, { signedDigest, grade: 'contradicted' })), {
      status: 'none',
      reason: 'nothing binds its bytes: why',
    });
    const absent = { status: 'absent', reason: 'it signs nothing' } as const;
    assert.deepEqual(pinOf(evidence(undefined, { signedDigest: absent })), {
      status: 'none',
      reason:
        'nothing binds its bytes: why, and no signature of the registry tells its sha512: it signs nothing (lock it with a hash, or verify where the registry serves its signatures: `--registry=<url>`)',
    });
  });

  for (const [commit, status] of [
    [COMMIT, 'vouched'],
    ['main', 'none'],
    ['cccccc', 'none'],
    [undefined, 'none'],
  ] as const) {
    test(`for the commit ${commit}: ${status}`, () => {
      const source: Source = { type: 'git', repository: 'r', commit, path: undefined };
      assert.equal(evidence(A).commitOf(entry('x', { source })).status, status);
    });
  }
});

type SignedRow = PackageSetEntry & Pick<ApprovedPackage, 'signedDigest'>;

/** A stored approval of these packages; who signed it is not asked here. */
function approvalOf(packages: readonly SignedRow[], index: number): StoredBundle {
  const type = 'https://lockseal.dev/package-set/v1';
  const rows = packages.map(({ purl, digest, source }) => ({ purl, digest, source }));
  const sha256 = createHash('sha256')
    .update(canonicalize({ type, packages: rows } as unknown as Json))
    .digest('hex');
  return { line: index + 1, payload: Buffer.from(JSON.stringify(statement(packages, type, sha256))) } as never;
}

function statement(packages: readonly SignedRow[], type: string, sha256: string): object {
  const hex = 'e'.repeat(64);
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [
      { name: 'package-lock.json', digest: { sha256: hex, sha512: A } },
      { name: 'package-set', digest: { sha256 } },
    ],
    predicateType: 'https://lockseal.dev/attestation/approved-lockfile/v1',
    predicate: {
      lockfile: { path: 'package-lock.json', format: 'npm', formatVersion: '3' },
      counts: {
        entries: packages.length,
        grades: { proven: 0, signed: 0, unsigned: 0, unprovable: 0, contradicted: 0 },
      },
      packageSet: { type, packages: packages.map((each) => ({ ...each, grade: 'signed' })) },
      policy: { name: 'lockseal.yaml', digest: { sha256: hex } },
      waivers: [],
      findings: [],
      verifier: { id: 'https://lockseal.dev/lockseal', version: '1' },
      trustedRoot: { digest: { sha256: hex } },
      evidence: { digest: { sha256: hex } },
      approvedAt: '2026-11-01T00:00:00Z',
      expiresAt: '2026-12-01T00:00:00Z',
      sequence: 1,
      previous: null,
      carried: null,
      signedDigests: packages.filter(({ signedDigest }) => signedDigest !== undefined).length,
      source: { repository: null, ref: null, commit: null },
      approver: { role: 'security', comment: '' },
    },
  };
}
