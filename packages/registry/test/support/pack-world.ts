// Answers of a made-up registry, for packs: plain data, drawn by fast-check.
import { createHash } from 'node:crypto';
import {
  canonicalize,
  type EvidenceSource,
  type Fetched,
  type Json,
  type LockedPackage,
  type Manifest,
  type PackageHistory,
  type PackageVersion,
  type RawAttestation,
  type RegistryKey,
  type RegistryMap,
  type TarballFacts,
  type TarballFile,
  type TarballRequest,
  type VersionDocument,
} from '@lockseal/core';
import fc from 'fast-check';

export const REGISTRIES: RegistryMap = {
  default: 'https://registry.npmjs.org/',
  scopes: new Map([['@acme', 'https://npm.acme.example/']]),
  named: new Map(),
  mirrors: [],
};

/** What a registry knows of one version. */
export interface Known {
  readonly name: string;
  readonly version: string;
  readonly document: Fetched<VersionDocument>;
  readonly attestations: Fetched<readonly RawAttestation[]>;
  readonly tarball: Fetched<TarballFacts>;
  readonly history: Fetched<PackageHistory>;
  readonly keys: Fetched<readonly RegistryKey[]>;
}

export function sourceOf(world: readonly Known[]): EvidenceSource {
  const find = ({ name, version }: PackageVersion): Known =>
    world.find((each) => each.name === name && each.version === version) ?? assertFail(`${name}@${version}`);
  return {
    versionDocument: async (version) => find(version).document,
    attestations: async (version) => find(version).attestations,
    keys: async ({ name }) => (world.find((each) => isOf(each.name, name)) ?? assertFail(name)).keys,
    tarball: async ({ entry }) =>
      find({ name: entry.name, version: entry.version ?? '', namedRegistry: undefined }).tarball,
    cachedTarball: async () => undefined,
    history: async ({ name }) => (world.find((each) => each.name === name) ?? assertFail(name)).history,
  };
}

/** Packages of one scope have one registry. */
function isOf(a: string, b: string): boolean {
  return a.startsWith('@') === b.startsWith('@');
}

function assertFail(what: string): never {
  throw new Error(`nobody should ask for ${what}`);
}

/** Asks a source everything about these versions. */
export async function askAll(source: EvidenceSource, asked: readonly Known[]): Promise<unknown[]> {
  return Promise.all(
    asked.map(async ({ name, version }) => {
      const question = { name, version, namedRegistry: undefined };
      return [
        await source.versionDocument(question),
        await source.attestations(question),
        await source.history?.(question),
        await source.keys(question),
        await source.tarball(tarballRequest(name, version)),
      ];
    }),
  );
}

function tarballRequest(name: string, version: string, yarnCacheKeys: readonly string[] = ['10c0']): TarballRequest {
  const entry = { name, version, source: { type: 'registry', url: undefined, namedRegistry: undefined } };
  return { entry: entry as unknown as LockedPackage, url: undefined, yarnCacheKeys };
}

/** fast-check likes objects without a prototype, which compare as different. */
function plain<T extends object>(model: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model as { [K in keyof T]: fc.Arbitrary<T[K]> }, { noNullPrototype: true });
}

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const table = fc
  .array(fc.tuple(fc.oneof(text, fc.constant('__proto__')), text), { maxLength: 3 })
  .map((pairs) => new Map(pairs));

function fetched<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Fetched<T>> {
  return fc.oneof(
    { weight: 6, arbitrary: value.map((each): Fetched<T> => ({ status: 'ok', value: each })) },
    { weight: 1, arbitrary: text.map((reason): Fetched<T> => ({ status: 'absent', reason })) },
    {
      weight: 1,
      arbitrary: text.map((reason): Fetched<T> => {
        return { status: 'unavailable', error: 'ERR_HTTP', reason, digests: undefined };
      }),
    },
  );
}

const manifest: fc.Arbitrary<Manifest> = plain({
  name: maybe(text),
  version: maybe(text),
  dependencies: table,
  optionalDependencies: table,
  peerDependencies: table,
  optionalPeers: fc.array(text, { maxLength: 2 }).map((names) => new Set(names)),
  bundleDependencies: fc.array(text, { maxLength: 2 }),
  scripts: table,
  deprecated: maybe(text),
  license: maybe(text),
  platformBound: maybe(fc.boolean()),
});

const document: fc.Arbitrary<VersionDocument> = plain({
  manifest,
  dist: plain({
    tarball: maybe(text),
    integrity: maybe(text),
    shasum: maybe(text),
    signatures: fc.array(plain({ keyid: text, sig: text }), { maxLength: 2 }),
    announcesAttestations: fc.boolean(),
  }),
  hasInstallScript: maybe(fc.boolean()),
  publishedAt: maybe(text),
  publisher: maybe(text),
});

const base64 = fc.string({ minLength: 12 }).map((each) => Buffer.from(each).toString('base64'));
const bundle = fc.dictionary(text, fc.oneof(text, base64), { noNullPrototype: true });

const attestation: fc.Arbitrary<RawAttestation> = plain({ predicateType: text, bundle }).map((each) => ({
  ...each,
  digest: createHash('sha256')
    .update(canonicalize(each.bundle as Json))
    .digest('hex'),
}));

const tarball: fc.Arbitrary<TarballFacts> = plain({
  size: fc.nat(),
  sha512: text,
  sha1: text,
  tarSha512: text,
  manifest,
  hasBindingGyp: fc.boolean(),
  files: fc.nat(),
  unpackedSize: fc.nat(),
  list: maybe(
    fc.array(
      plain<TarballFile>({
        path: text,
        size: fc.nat(),
        sha256: text,
        executable: fc.boolean(),
        program: fc.constantFrom(undefined, 'elf', 'mach-o', 'pe', 'wasm', 'script'),
      }),
      { maxLength: 2 },
    ),
  ),
  bundled: fc.array(text, { maxLength: 2 }),
  oddities: fc.array(text, { maxLength: 2 }),
  yarnZip: maybe(text).map((zip) => new Map(zip === undefined ? [] : [['10c0', zip]])),
});

const history: fc.Arbitrary<PackageHistory> = fc.constant({
  versions: [
    {
      version: '0.1.0',
      publishedAt: undefined,
      publisher: undefined,
      announcesProvenance: false,
      integrity: undefined,
    },
    {
      version: '1.0.0',
      publishedAt: '2026-01-02T03:04:05.000Z',
      publisher: 'ana',
      announcesProvenance: true,
      integrity: 'sha512-AA==',
    },
  ],
});

const key: fc.Arbitrary<RegistryKey> = plain({
  keyid: fc.constantFrom('SHA256:one', 'SHA256:two', 'SHA256:three'),
  usages: fc.constantFrom(['npm:signatures'], ['npm:attestations'], ['npm:signatures', 'npm:attestations']),
  spki: fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  validFrom: maybe(fc.constant('2025-01-13T00:00:00.000Z')),
  validUntil: fc.constant(undefined),
  origin: fc.constant('registry'),
}) as fc.Arbitrary<RegistryKey>;

const keys = fc
  .uniqueArray(key, { maxLength: 3, selector: ({ keyid }) => keyid })
  .map((list) => list.toSorted((a, b) => (a.keyid < b.keyid ? -1 : 1)));

const NAMES = ['ms', 'debug', '@acme/tool', '@acme/kit'];

/** Versions of a few packages, in no order; packages of one registry agree on its keys, versions of one on its history. */
export const worlds: fc.Arbitrary<readonly Known[]> = fc
  .tuple(
    fc.record({ open: fetched(keys), acme: fetched(keys), history: fetched(history) }),
    fc.uniqueArray(
      fc.record({
        name: fc.constantFrom(...NAMES),
        version: fc.constantFrom('1.0.0', '2.0.0', '3.0.0-rc.1+build'),
        document: fetched(document),
        attestations: fetched(fc.array(attestation, { maxLength: 2 })),
        tarball: fetched(tarball),
      }),
      { minLength: 1, maxLength: 6, selector: ({ name, version }) => `${name}@${version}` },
    ),
  )
  .map(([shared, known]) =>
    known.map((each) => ({
      ...each,
      history: shared.history,
      keys: each.name.startsWith('@') ? shared.acme : shared.open,
    })),
  );
