import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  keepVerification,
  NO_FLAGS,
  openVerification,
  type Evidence,
  type FactsStore,
  type Fetched,
  type LockedPackage,
  type Lockfile,
  type RegistryKey,
  type SettledVerification,
  type Verification,
  type VerificationContext,
} from '@lockseal/core';

const SHA512 = `sha512-${'A'.repeat(86)}==`;
const KEY: RegistryKey = {
  keyid: 'SHA256:a',
  usages: ['npm:signatures'],
  spki: 'AAAA',
  validFrom: undefined,
  validUntil: undefined,
  origin: 'file',
};
const BAD = { status: 'invalid', code: 'integrity-mismatch', reason: 'for a test' } as const;
const OPEN = { status: 'unavailable', error: 'ERR_OFFLINE', reason: 'for a test' } as const;

function locked(number: number, changes: Partial<LockedPackage> = {}): LockedPackage {
  return {
    id: `node_modules/p${number}`,
    name: number % 2 === 0 ? `p${number}` : `@scope/p${number}`,
    version: `1.${number}.0`,
    aliases: [],
    source: { type: 'registry', url: `https://example.com/${number}.tgz`, namedRegistry: undefined },
    pin: { kind: 'integrity', text: SHA512, of: 'tarball' },
    edges: [],
    flags: NO_FLAGS,
    hasInstallScript: undefined,
    patch: undefined,
    bundles: [],
    deprecated: undefined,
    position: { line: number, column: 1 },
    ...changes,
  };
}

function evidenceOf({ id }: LockedPackage, number: number, changes: Partial<Evidence> = {}): Evidence {
  const verified = { status: 'not-applicable', reason: 'for a test' } as const;
  return {
    entry: id,
    purl: `pkg:npm/p${number}`,
    class: 'registry',
    grade: 'signed',
    reason: 'for a test',
    sha512: 'ab'.repeat(64),
    checks: {
      integrity: { status: 'verified', algorithm: 'sha512' },
      registry: { status: 'verified', url: 'https://example.com/' },
      signature: { status: 'verified', keyid: 'SHA256:a', keyOrigin: 'file' },
      publishAttestation: verified,
      provenance: verified,
      edges: { status: 'verified', proof: 'registry', compared: number },
      tarball: verified,
    },
    observations: [{ code: 'non-registry-source', entry: id }],
    signedDigest: undefined,
    published: undefined,
    installScripts: undefined,
    contents: undefined,
    reach: { direct: true, kind: 'prod' },
    change: undefined,
    history: undefined,
    requires: {
      dependencies: new Map([['ms', '2.0.0']]),
      optionalDependencies: new Map(),
      peerDependencies: new Map([['__proto__', '1']]),
      optionalPeers: [],
      bundleDependencies: [],
      usesGyp: false,
    },
    carried: undefined,
    ...changes,
  };
}

function verificationOf(evidence: readonly Evidence[]): Verification {
  return {
    lockfile: { path: 'package-lock.json', format: 'npm', formatVersion: '3', sha256: '', sha512: '' },
    counts: {
      entries: evidence.length,
      artifacts: evidence.length,
      classes: {},
      grades: { proven: 0, signed: evidence.length, unsigned: 0, unprovable: 0, contradicted: 0 },
    },
    packageSet: { sha256: '', packages: evidence.length },
    trust: { root: { origin: 'file', sha256: '', asOf: undefined }, keys: [] },
    evidence,
    observations: [],
    verifiedAt: '2026-11-22T00:00:00.000Z',
  };
}

function keysOf(...keys: readonly RegistryKey[]): VerificationContext['source'] {
  return { keys: async (): Promise<Fetched<readonly RegistryKey[]>> => ({ status: 'ok', value: keys }) };
}

const CONTEXT: VerificationContext = {
  source: keysOf(KEY),
  registries: { default: 'https://example.com/', scopes: new Map(), named: new Map(), mirrors: [] },
  tarballs: 'needed',
  trustedRoot: 'ab'.repeat(32),
  contents: 'none',
  baseline: undefined,
};

function memory(): FactsStore {
  const kept = new Map<string, ReadonlyMap<string, unknown>>();
  return { get: (name) => structuredClone(kept.get(name)), put: (name, facts) => void kept.set(name, facts) };
}

/** As much of a lockfile as is kept. */
async function keep(
  store: FactsStore,
  entries: readonly LockedPackage[],
  evidence: readonly Evidence[] = entries.map((entry, at) => evidenceOf(entry, at)),
  context = CONTEXT,
): Promise<SettledVerification> {
  const verification = verificationOf(evidence);
  const lockfile = { entries } as Lockfile;
  const steps = { importers: ['.'], before: entries.map(() => null), roots: entries.map(() => 0) };
  await keepVerification(store, 'name', { basis: 'basis', lockfile, verification, steps }, context);
  return { verification, entries, steps };
}

describe('a settled verification', () => {
  for (const count of [0, 1, 1234]) {
    test(`of ${count} entries comes back`, async () => {
      const store = memory();
      const given = await keep(
        store,
        Array.from({ length: count }, (_, at) => locked(at)),
      );
      const known = openVerification(store, 'name');
      assert.equal(known?.basis, 'basis');
      const restored = await known?.restore(CONTEXT);
      assert.deepEqual(restored?.verification, given.verification);
      assert.deepEqual(restored?.steps, given.steps);
      const outlines = given.entries.map(({ id, name, version, pin, position }, at) => {
        // Members of members that are undefined are left out, which is all the same to who asks for them.
        const source = { type: 'registry', url: `https://example.com/${at}.tgz` };
        return { id, name, version, source, pin, hasInstallScript: undefined, deprecated: undefined, position };
      });
      assert.deepEqual(restored?.entries, outlines);
    });
  }

  test('is known by its name alone', async () => {
    const store = memory();
    await keep(store, [locked(0)]);
    assert.equal(openVerification(store, 'other'), undefined);
  });

  const { registries } = CONTEXT;
  const contexts: readonly (readonly [what: string, changes: Partial<VerificationContext>])[] = [
    ['another trusted root', { trustedRoot: 'cd'.repeat(32) }],
    ['tarballs to be read', { tarballs: 'all' }],
    ['another registry', { registries: { ...registries, default: 'https://other.example.com/' } }],
    [
      'a registry for a scope',
      { registries: { ...registries, scopes: new Map([['@scope', 'https://example.com/']]) } },
    ],
    ['a named registry', { registries: { ...registries, named: new Map([['work', 'https://example.com/']]) } }],
    ['a mirror', { registries: { ...registries, mirrors: ['https://example.com/'] } }],
    ['no keys', { source: keysOf() }],
    ['one key more', { source: keysOf(KEY, KEY) }],
    ['a key that ends', { source: keysOf({ ...KEY, validUntil: '2026-01-01T00:00:00.000Z' }) }],
    ['keys that cannot be had', { source: { keys: async () => OPEN } }],
    ['a baseline', { baseline: { origin: 'a test', versions: new Map() } }],
  ];
  for (const [what, changes] of contexts) {
    test(`${what}: it does not stand`, async () => {
      const store = memory();
      await keep(store, [locked(0), locked(1)]);
      const known = openVerification(store, 'name');
      assert.equal(await known?.restore({ ...CONTEXT, ...changes }), undefined);
      assert.ok((await known?.restore(CONTEXT)) !== undefined);
    });
  }

  test('against another baseline it does not stand, nor where contents are to be compared', async () => {
    const store = memory();
    const baseline = { origin: 'a test', versions: new Map([['p0', ['1.0.0']]]) };
    const context = { ...CONTEXT, baseline };
    await keep(store, [locked(0)], undefined, context);
    const known = openVerification(store, 'name');
    assert.ok((await known?.restore(context)) !== undefined);
    const others = [{ ...baseline, origin: 'other' }, { ...baseline, versions: new Map() }, undefined];
    for (const other of others) assert.equal(await known?.restore({ ...CONTEXT, baseline: other }), undefined);
    assert.equal(await known?.restore({ ...context, contents: 'changed' }), undefined);
  });

  const entry = locked(0);
  const good = evidenceOf(entry, 0);
  const unsettled: readonly (readonly [what: string, entry: LockedPackage, changes: Partial<Evidence>])[] = [
    ['a check that failed', entry, { checks: { ...good.checks, edges: BAD } }],
    ['a check that could not be made', entry, { checks: { ...good.checks, provenance: OPEN } }],
    ['a version that changed', entry, { change: 'changed' }],
    ['a version that is new', entry, { change: 'added' }],
    ['a history that was looked at', entry, { history: { status: 'absent', reason: 'for a test' } }],
    ['nothing that pins it', { ...entry, pin: { kind: 'none' } }, {}],
    ['a weak pin', { ...entry, pin: { kind: 'integrity', text: `sha1-${'A'.repeat(27)}=`, of: 'tarball' } }, {}],
    ['a pin of the tar inside', { ...entry, pin: { kind: 'integrity', text: SHA512, of: 'tar' } }, {}],
  ];
  for (const [what, each, changes] of unsettled) {
    test(`with ${what} is not kept`, async () => {
      const store = memory();
      await keep(store, [locked(1), each], [evidenceOf(locked(1), 1), { ...good, ...changes }]);
      assert.equal(openVerification(store, 'name'), undefined);
    });
  }

  test('is not kept where keys cannot be had', async () => {
    const store = memory();
    await keep(store, [entry], [good], { ...CONTEXT, source: { keys: async () => OPEN } });
    assert.equal(openVerification(store, 'name'), undefined);
  });
});
