// What earlier runs have decided: saves time, changes nothing, and can be forged by nobody.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import {
  parseTrustedRoot,
  verifyLockfile,
  type EvidenceSource,
  type RegistryKey,
  type VerdictStore,
  type Verification,
  type VerifyInput,
} from '@lockseal/core';
import { readLockfile } from '@lockseal/lockfile';
import { Cache, createVerdictStore } from '@lockseal/registry';
import { createRegistry, createSigstore, type RegistryBox, type SigstoreBox } from '@lockseal/testkit';

interface World {
  readonly sigstore: SigstoreBox;
  readonly registry: RegistryBox;
}

const REGISTRY = 'https://registry.npmjs.org/';
const OTHER_SPKI = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .publicKey.export({ format: 'der', type: 'spki' })
  .toString('base64');

async function createWorld(): Promise<World> {
  const sigstore = await createSigstore();
  const registry = createRegistry({ sigstore });
  registry.publish({ name: 'all', version: '1.0.0' });
  registry.publish({ name: 'signed', version: '1.0.0', evidence: { provenance: false, publishAttestation: false } });
  registry.publish({
    name: 'bare',
    version: '1.0.0',
    evidence: { provenance: false, publishAttestation: false, signature: false },
  });
  return { sigstore, registry };
}

/** A source whose bundles are told by digest and counted when somebody reads them. */
function countingSource(inner: EvidenceSource): { readonly source: EvidenceSource; readonly read: string[] } {
  const read: string[] = [];
  const source: EvidenceSource = {
    ...inner,
    async attestationDocument(version) {
      const answer = await inner.attestations(version);
      if (answer.status !== 'ok') return answer;
      const digest = answer.value.map((raw) => raw.digest).join();
      const reading = async (): Promise<typeof answer> => {
        if (answer.value.length > 0) read.push(version.name);
        return answer;
      };
      return { status: 'ok', value: { digest, read: reading } };
    },
  };
  return { source, read };
}

interface Run {
  readonly verification: Verification;
  /** Names of the packages whose bundles were read. */
  readonly read: readonly string[];
}

async function run({ sigstore, registry }: World, changes: Partial<VerifyInput> = {}): Promise<Run> {
  const dependencies = { all: '^1.0.0', signed: '^1.0.0', bare: '^1.0.0' };
  const lockfile = registry.lockfile('npm-v3', { name: 'project', dependencies });
  const { source, read } = countingSource(changes.source ?? registry.evidenceSource());
  const root = Buffer.from(JSON.stringify(sigstore.trustedRoot));
  const verification = await verifyLockfile({
    lockfile: readLockfile('package-lock.json', Buffer.from(JSON.stringify(lockfile))),
    project: undefined,
    registries: { default: REGISTRY, scopes: new Map(), named: new Map(), mirrors: [] },
    trustedRoot: parseTrustedRoot(root),
    trust: { origin: 'file', sha256: '', asOf: undefined },
    clock: { now: () => 0 },
    tarballs: 'none',
    concurrency: 4,
    ...changes,
    source,
  });
  return { verification, read };
}

function tempDir(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockseal-verdicts-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The verdicts in a folder, as one process has them; `state` is the user. */
function openVerdicts(
  folder: string,
  state = 'state',
  version = '1.0.0',
): { readonly verdicts: VerdictStore; readonly close: () => void } {
  const cache = new Cache({
    directory: path.join(folder, 'cache'),
    stateDirectory: path.join(folder, state),
    now: () => Date.now(),
    onWarning: assert.fail,
  });
  return { verdicts: createVerdictStore(cache, version), close: () => cache.close() };
}

async function runIn(folder: string, world: World, changes: Partial<VerifyInput> = {}, state?: string): Promise<Run> {
  const { verdicts, close } = openVerdicts(folder, state);
  const result = await run(world, { ...changes, verdicts });
  close();
  return result;
}

const gradesOf = ({ verification }: Run): string[] => verification.evidence.map(({ grade }) => grade);

describe('verdicts of earlier runs', () => {
  test('tell the same to the letter, and no bundle is read for them', async (t) => {
    const world = await createWorld();
    const folder = tempDir(t);
    const without = await run(world);
    const first = await runIn(folder, world);
    const second = await runIn(folder, world);
    assert.deepEqual(gradesOf(without).toSorted(), ['proven', 'signed', 'unsigned']);
    assert.deepEqual(first.verification, without.verification);
    assert.deepEqual(second.verification, without.verification);
    assert.deepEqual([first.read, second.read], [['all'], []]);
  });

  test('one package that has changed costs one', async (t) => {
    const world = await createWorld();
    const folder = tempDir(t);
    world.registry.publish({ name: 'signed', version: '1.0.0' });
    await runIn(folder, world);
    world.registry.publish({ name: 'signed', version: '1.0.0', files: { 'new.js': '1' } });
    const { read, verification } = await runIn(folder, world);
    assert.deepEqual(read, ['signed']);
    assert.deepEqual(verification, (await run(world)).verification);
  });

  /** Everything that a verdict follows from: with another one of it, the verdict is reached anew. */
  const followed: readonly (readonly [what: string, change: (world: World) => Promise<Partial<VerifyInput>>])[] = [
    [
      'another trusted root',
      async () => {
        const other = await createSigstore();
        return { trustedRoot: parseTrustedRoot(Buffer.from(JSON.stringify(other.trustedRoot))) };
      },
    ],
    ['no keys', async ({ registry }) => ({ source: withKeys(registry, () => []) })],
    [
      'a key that is good no longer',
      async ({ registry }) => ({
        source: withKeys(registry, (keys) => keys.map((key) => ({ ...key, validUntil: '2000-01-01T00:00:00.000Z' }))),
      }),
    ],
    [
      'a key for other uses',
      async ({ registry }) => ({
        source: withKeys(registry, (keys) => keys.map((key) => ({ ...key, usages: ['npm:signatures'] }))),
      }),
    ],
    [
      'one attestation less',
      async ({ registry }) => {
        const source = registry.evidenceSource();
        return {
          source: {
            ...source,
            async attestations(version) {
              const answer = await source.attestations(version);
              return answer.status === 'ok' ? { ...answer, value: answer.value.slice(1) } : answer;
            },
          },
        };
      },
    ],
    [
      'another registry signature',
      async ({ registry }) => {
        const source = registry.evidenceSource();
        return {
          source: {
            ...source,
            async versionDocument(version) {
              const answer = await source.versionDocument(version);
              if (answer.status !== 'ok') return answer;
              const [signature] = answer.value.dist.signatures;
              const signatures = signature === undefined ? [] : [{ ...signature, sig: 'AAAA' }];
              return { ...answer, value: { ...answer.value, dist: { ...answer.value.dist, signatures } } };
            },
          },
        };
      },
    ],
  ];

  for (const [what, change] of followed) {
    test(`${what}: nothing of an earlier verdict is left`, async (t) => {
      const world = await createWorld();
      const folder = tempDir(t);
      await runIn(folder, world);
      const changes = await change(world);
      const { read, verification } = await runIn(folder, world, changes);
      assert.deepEqual(read, ['all']);
      assert.deepEqual(verification, (await run(world, changes)).verification);
    });
  }

  test('what speaks against a package is found anew each time', async (t) => {
    const world = await createWorld();
    const folder = tempDir(t);
    const broken = { source: withKeys(world.registry, () => []) };
    assert.deepEqual((await runIn(folder, world, broken)).read, ['all']);
    assert.deepEqual((await runIn(folder, world, broken)).read, ['all']);
  });

  test('so is what could not be decided, and what was good before does not stand for it', async (t) => {
    const world = await createWorld();
    const folder = tempDir(t);
    const gone = withoutKeys(world.registry);
    for (const _ of [1, 2]) assert.deepEqual((await runIn(folder, world, gone)).read, ['all']);
    await runIn(folder, world);
    const again = await runIn(folder, world, gone);
    assert.deepEqual([again.read, gradesOf(again).includes('proven')], [['all'], false]);
    assert.deepEqual((await runIn(folder, world)).read, []);
  });

  test("another package's verdict, or another version's, goes by another name", async () => {
    const world = await createWorld();
    for (const name of ['b', 'c']) world.registry.publish({ name, version: '1.0.0' });
    const names = new Set<string>();
    const verdicts: VerdictStore = { get: (name) => void names.add(name), put: (name) => assert.ok(names.has(name)) };
    await run(world, { verdicts });
    assert.equal(names.size, 3);
  });
});

function withKeys(
  registry: RegistryBox,
  change: (keys: readonly RegistryKey[]) => readonly RegistryKey[],
): EvidenceSource {
  const source = registry.evidenceSource();
  return {
    ...source,
    async keys(version) {
      const answer = await source.keys(version);
      return answer.status === 'ok' ? { ...answer, value: change(answer.value) } : answer;
    },
  };
}

function withoutKeys(registry: RegistryBox): { readonly source: EvidenceSource } {
  const keys: EvidenceSource['keys'] = async () => ({
    status: 'unavailable',
    error: 'ERR_NETWORK',
    reason: 'for a test',
  });
  return { source: { ...registry.evidenceSource(), keys } };
}

test("another version of lockseal's verdicts are not seen", async (t) => {
  const world = await createWorld();
  const folder = tempDir(t);
  const reads: (readonly string[])[] = [];
  for (const version of ['1.0.0', '1.0.1', '1.0.0']) {
    const { verdicts, close } = openVerdicts(folder, 'state', version);
    reads.push((await run(world, { verdicts })).read);
    close();
  }
  assert.deepEqual(reads, [['all'], ['all'], []]);
});

describe('facts of the last run', () => {
  /** Remembers as a source does whose answers never change, and counts whom the run has asked about. */
  function remembering(
    inner: EvidenceSource,
    kept = new Map<string, ReadonlyMap<string, object | string>>(),
  ): { readonly source: EvidenceSource; readonly asked: string[] } {
    const asked: string[] = [];
    const source: EvidenceSource = {
      ...inner,
      versionDocument: (version) => {
        asked.push(version.name);
        return inner.versionDocument(version);
      },
      settled: { get: (name) => structuredClone(kept.get(name)), put: (name, facts) => void kept.set(name, facts) },
    };
    return { source, asked };
  }

  async function runWith(
    world: World,
    kept: Map<string, ReadonlyMap<string, object | string>>,
    changes: Partial<VerifyInput> = {},
  ): Promise<{ readonly verification: Verification; readonly asked: readonly string[] }> {
    const { source, asked } = remembering(changes.source ?? world.registry.evidenceSource(), kept);
    const { verification } = await run(world, { ...changes, source });
    return { verification, asked: asked.toSorted() };
  }

  test('tell the same to the letter, and nobody is asked', async () => {
    const world = await createWorld();
    const kept = new Map<string, ReadonlyMap<string, object | string>>();
    const without = await run(world);
    const first = await runWith(world, kept);
    const second = await runWith(world, kept);
    assert.deepEqual([first.verification, second.verification], [without.verification, without.verification]);
    assert.deepEqual([first.asked, second.asked], [['all', 'bare', 'signed'], []]);
  });

  test('hold nothing that could not be decided', async () => {
    const world = await createWorld();
    const kept = new Map<string, ReadonlyMap<string, object | string>>();
    const without = await runWith(world, kept, withoutKeys(world.registry));
    assert.ok(without.verification.evidence.some(({ checks }) => checks.publishAttestation.status === 'unavailable'));
    assert.equal(kept.size, 0);
    // Keys that are there and are of no use: one id, two keys.
    const two = withKeys(world.registry, (keys) =>
      keys.flatMap((key, at) => [key, { ...key, spki: at === 0 ? OTHER_SPKI : key.spki }]),
    );
    const useless = await runWith(world, kept, { source: two });
    const open = useless.verification.evidence.find(({ purl }) => purl.startsWith('pkg:npm/all@'));
    assert.ok(open?.checks.publishAttestation.status === 'unavailable', open?.reason);
    assert.deepEqual([open.checks.publishAttestation.error, open.checks.provenance.status], ['ERR_KEYS', 'verified']);
    assert.equal(open.grade, 'unprovable');
    const settled = [...kept.values()].flatMap((facts) => [...facts.keys()]);
    assert.equal(settled.length, 1, 'of the one package that nobody has signed');
  });

  test('one package that has changed is asked about alone', async () => {
    const world = await createWorld();
    const kept = new Map<string, ReadonlyMap<string, object | string>>();
    await runWith(world, kept);
    world.registry.publish({ name: 'signed', version: '1.0.0', files: { 'new.js': '1' } });
    const changed = await runWith(world, kept);
    assert.deepEqual(changed.asked, ['signed']);
    assert.deepEqual(changed.verification, (await run(world)).verification);
    assert.deepEqual((await runWith(world, kept)).asked, []);
  });

  const EVERYTHING = ['all', 'bare', 'signed'];
  const nothingServed = (registry: RegistryBox): EvidenceSource => ({
    ...registry.evidenceSource(),
    versionDocument: async () => ({ status: 'unavailable', error: 'ERR_NETWORK', reason: 'for a test' }),
  });
  const others: readonly (readonly [what: string, change: (world: World) => Promise<Partial<VerifyInput>>])[] = [
    [
      'another trusted root',
      async () => {
        const other = await createSigstore();
        return { trustedRoot: parseTrustedRoot(Buffer.from(JSON.stringify(other.trustedRoot))) };
      },
    ],
    [
      'other keys',
      async ({ registry }) => ({
        source: { ...registry.evidenceSource(), keys: async () => ({ status: 'ok', value: [] }) },
      }),
    ],
    ['keys that cannot be had', async ({ registry }) => withoutKeys(registry)],
    [
      'another registry map',
      async () => ({
        registries: { default: REGISTRY, scopes: new Map(), named: new Map(), mirrors: ['https://example.org/'] },
      }),
    ],
    ['tarballs to be read', async () => ({ tarballs: 'all' })],
    ['history to be looked at', async () => ({ history: 'all' })],
    ['a baseline that has none of them', async () => ({ baseline: { origin: 'a test', versions: new Map() } })],
  ];
  for (const [what, change] of others) {
    test(`${what}: every package is looked at`, async () => {
      const world = await createWorld();
      const kept = new Map<string, ReadonlyMap<string, object | string>>();
      await runWith(world, kept);
      const changes = await change(world);
      const { asked, verification } = await runWith(world, kept, changes);
      assert.deepEqual(asked, EVERYTHING);
      assert.deepEqual(verification, (await run(world, changes)).verification);
    });
  }

  for (const [what, source] of [
    ['could not be decided', nothingServed],
    [
      'speaks against a package',
      (registry: RegistryBox): EvidenceSource => ({
        ...registry.evidenceSource(),
        attestations: async () => ({
          status: 'ok',
          value: [{ predicateType: 'https://slsa.dev/provenance/v1', bundle: {}, digest: '' }],
        }),
      }),
    ],
  ] as const) {
    test(`what ${what} is looked at each time`, async () => {
      const world = await createWorld();
      const kept = new Map<string, ReadonlyMap<string, object | string>>();
      for (const _ of [1, 2]) {
        const { asked } = await runWith(world, kept, { source: source(world.registry) });
        assert.deepEqual(asked, EVERYTHING);
      }
      assert.deepEqual((await runWith(world, kept)).asked, EVERYTHING);
    });
  }
});

describe('a cache of verdicts that somebody else has been at', () => {
  /** The one file of a folder's cache. */
  function segment(folder: string): string {
    const layout = path.join(folder, 'cache', 'v2');
    const [name = '', ...more] = readdirSync(layout);
    assert.deepEqual(more, []);
    return path.join(layout, name);
  }

  test("an attacker's own verdict of a package that is not what it says is not believed", async (t) => {
    const world = await createWorld();
    const [folder, theirs] = [tempDir(t), tempDir(t)];
    await runIn(folder, world);
    // The attacker runs their own lockseal, which believes their own trust store: it finds everything proven.
    const other = await createWorld();
    await runIn(theirs, other);
    cpSync(segment(theirs), segment(folder));
    const broken = { source: withoutEvidence(world.registry) };
    const { verification } = await runIn(folder, world, broken);
    assert.deepEqual(verification, (await run(world, broken)).verification);
    assert.deepEqual(gradesOf({ verification, read: [] }).toSorted(), ['signed', 'signed', 'unsigned']);
  });

  function withoutEvidence(registry: RegistryBox): EvidenceSource {
    const source = registry.evidenceSource();
    return { ...source, attestations: async () => ({ status: 'ok', value: [] }) };
  }

  for (const [what, spoil] of [
    ['a cache restored for another user', undefined],
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 100)],
    [
      'its words changed',
      (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replaceAll('verified', 'invalid.'), 'latin1'),
    ],
    ['of a format to come', () => Buffer.from('lockseal records v3\n'.repeat(50))],
    ['emptied', () => Buffer.alloc(0)],
  ] as const) {
    test(`${what}: costs time and nothing else`, async (t) => {
      const world = await createWorld();
      const folder = tempDir(t);
      const first = await runIn(folder, world);
      if (spoil !== undefined) writeFileSync(segment(folder), spoil(readFileSync(segment(folder))));
      const state = spoil === undefined ? 'other state' : 'state';
      const second = await runIn(folder, world, {}, state);
      const third = await runIn(folder, world, {}, state);
      assert.deepEqual([second.verification, third.verification], [first.verification, first.verification]);
      assert.deepEqual([second.read, third.read], [['all'], []]);
    });
  }
});
