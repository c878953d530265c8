import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import {
  canonicalize,
  type EvidenceSource,
  type Fetched,
  type Json,
  type Manifest,
  type PackageHistory,
  type PackageVersion,
  type RegistryKey,
  type TarballFacts,
  type VersionDocument,
} from '@lockseal/core';
import { hasInstallScript } from './documents.ts';
import { tarballPath, type ManifestJson, type Published, type Shelf } from './published.ts';

const REGISTRY = 'https://registry.npmjs.org/';

/** What is on the shelf as an `EvidenceSource`: for tests and benchmarks of verification without a network. */
export function createEvidenceSource(shelf: Shelf, keys: () => readonly RegistryKey[]): EvidenceSource {
  const bySha512 = (sha512: string): Published | undefined => shelf.all().find((each) => each.sha512 === sha512);
  const found = async <T>({ name, version }: PackageVersion, value: (of: Published) => T): Promise<Fetched<T>> => {
    const published = shelf.get(name, version);
    return published === undefined ? absent('no such version') : { status: 'ok', value: value(published) };
  };
  return {
    versionDocument: (version) => found(version, versionDocumentOf),
    attestations: (version) =>
      found(version, ({ attestations }) =>
        attestations.map(({ predicateType, bundle }) => ({ predicateType, bundle, digest: digestOf(bundle) })),
      ),
    keys: async () => ({ status: 'ok', value: keys() }),
    async tarball({ entry }) {
      const published = entry.version === undefined ? undefined : shelf.get(entry.name, entry.version);
      return published === undefined ? absent('no such version') : { status: 'ok', value: tarballFacts(published) };
    },
    async history({ name }) {
      const versions = shelf.versions(name);
      return versions.length === 0 ? absent('no such package') : { status: 'ok', value: historyOf(versions) };
    },
    async cachedTarball(sha512) {
      const published = bySha512(sha512);
      return published && tarballFacts(published);
    },
  };
}

function absent(reason: string): { readonly status: 'absent'; readonly reason: string } {
  return { status: 'absent', reason };
}

function digestOf(bundle: unknown): string {
  return createHash('sha256')
    .update(canonicalize(bundle as Json))
    .digest('hex');
}

function versionDocumentOf(published: Published): VersionDocument {
  return {
    manifest: toManifest(published.registryManifest),
    dist: {
      tarball: `${REGISTRY}${tarballPath(published.name, published.version)}`,
      integrity: published.integrity,
      shasum: published.shasum,
      signatures: published.signatures,
      announcesAttestations: published.attestations.length > 0,
    },
    hasInstallScript: hasInstallScript(published.registryManifest),
    publishedAt: published.publishedAt.toISOString(),
    publisher: published.publisher,
  };
}

function historyOf(published: readonly Published[]): PackageHistory {
  const oldestFirst = published.toSorted((a, b) => a.publishedAt.getTime() - b.publishedAt.getTime());
  return {
    versions: oldestFirst.map(({ version, publishedAt, publisher, attestations, integrity }) => ({
      version,
      publishedAt: publishedAt.toISOString(),
      publisher,
      announcesProvenance: attestations.some(({ predicateType }) => predicateType.startsWith('https://slsa.dev/')),
      integrity,
    })),
  };
}

/** Facts of a tarball that `publish` packed from files. Bytes and entries of the caller's choice are not looked into. */
function tarballFacts(published: Published): TarballFacts {
  const tar = gunzipSync(published.tarball);
  return {
    size: published.tarball.length,
    sha512: published.sha512,
    sha1: published.shasum,
    tarSha512: createHash('sha512').update(tar).digest('hex'),
    manifest: toManifest(published.manifest),
    hasBindingGyp: tar.includes('package/binding.gyp\0'),
    files: published.files,
    unpackedSize: published.unpackedSize,
    bundled: [],
    oddities: [],
    yarnZip: new Map(),
  };
}

function toManifest(json: ManifestJson): Manifest {
  const table = (member: string): ReadonlyMap<string, string> =>
    new Map(Object.entries((json[member] ?? {}) as Record<string, string>));
  const meta = (json['peerDependenciesMeta'] ?? {}) as Record<string, { readonly optional?: boolean }>;
  const text = (member: string): string | undefined => (typeof json[member] === 'string' ? json[member] : undefined);
  return {
    name: text('name'),
    version: text('version'),
    dependencies: table('dependencies'),
    optionalDependencies: table('optionalDependencies'),
    peerDependencies: table('peerDependencies'),
    optionalPeers: new Set(Object.keys(meta).filter((name) => meta[name]?.optional === true)),
    bundleDependencies: (json['bundleDependencies'] ?? []) as readonly string[],
    scripts: table('scripts'),
    deprecated: text('deprecated'),
    license: text('license'),
  };
}
