import {
  canonicalTarballUrl,
  lockedSha512,
  parseManifest,
  PUBLIC_REGISTRY,
  toSpec,
  type EvidenceSource,
  type Fetched,
  type Lockfile,
  type PackageVersion,
  type VersionDocument,
} from '@lockseal/core';

/**
 * What the published manifests of the packages in the attack lockfiles say, as far as edges are concerned. A version
 * that is not here was never published.
 */
const MANIFESTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'debug@4.4.3': { dependencies: { ms: '^2.1.3' }, peerDependenciesMeta: { 'supports-color': { optional: true } } },
  'inherits@2.0.4': {},
  'is-number@6.0.0': {},
  'is-odd@3.0.1': { dependencies: { 'is-number': '^6.0.0' } },
  'js-tokens@4.0.0': {},
  'loose-envify@1.4.0': { dependencies: { 'js-tokens': '^3.0.0 || ^4.0.0' } },
  'ms@2.0.0': {},
  'ms@2.1.3': {},
  'react@18.3.1': { dependencies: { 'loose-envify': '^1.1.0' } },
  'react-dom@18.3.1': {
    dependencies: { 'loose-envify': '^1.1.0', scheduler: '^0.23.2' },
    peerDependencies: { react: '^18.3.1' },
  },
  'scheduler@0.23.2': { dependencies: { 'loose-envify': '^1.1.0' } },
  'semver@7.7.3': {},
};

/**
 * A registry that knows these versions with the digests of genuine lockfiles, and neither signs nor attests. Versions
 * whose manifest is not listed above are answered with the edges that the genuine lockfile records.
 */
export function knownPackages(
  genuine: readonly Lockfile[],
  tarballUrl: (version: PackageVersion) => string = publicTarball,
): EvidenceSource {
  const integrities = new Map<string, string>();
  const recorded = new Map<string, Record<string, unknown>>();
  for (const entry of genuine.flatMap(({ entries }) => entries)) {
    const sha512 = lockedSha512(entry.pin);
    if (entry.source.type !== 'registry' || sha512 === undefined) continue;
    const spec = toSpec(entry.name, entry.version);
    integrities.set(spec, `sha512-${Buffer.from(sha512, 'hex').toString('base64')}`);
    const table = (kind: string): Record<string, string | undefined> =>
      Object.fromEntries(entry.edges.filter((edge) => edge.kind === kind).map((edge) => [edge.name, edge.spec]));
    recorded.set(spec, {
      dependencies: table('prod'),
      optionalDependencies: table('optional'),
      peerDependencies: { ...table('peer'), ...table('optional-peer') },
      bundleDependencies: entry.bundles,
    });
  }
  const document = ({ name, version }: PackageVersion): Fetched<VersionDocument> => {
    const spec = toSpec(name, version);
    const integrity = integrities.get(spec);
    const listed = MANIFESTS[spec] ?? (integrity === undefined ? undefined : recorded.get(spec));
    if (listed === undefined) return { status: 'absent', reason: `404 for ${spec}` };
    return {
      status: 'ok',
      value: {
        manifest: parseManifest({ name, version, ...listed }, spec),
        dist: {
          tarball: tarballUrl({ name, version, namedRegistry: undefined }),
          integrity,
          shasum: undefined,
          signatures: [],
          announcesAttestations: false,
        },
        hasInstallScript: undefined,
        publishedAt: undefined,
        publisher: undefined,
      },
    };
  };
  return {
    versionDocument: (version) => Promise.resolve(document(version)),
    attestations: () => Promise.resolve({ status: 'absent', reason: 'none' }),
    keys: () => Promise.resolve({ status: 'absent', reason: 'none' }),
    tarball: () => Promise.resolve({ status: 'unavailable', error: 'ERR_OFFLINE', reason: 'no tarballs here' }),
    cachedTarball: () => Promise.resolve(undefined),
  };
}

function publicTarball({ name, version }: PackageVersion): string {
  return canonicalTarballUrl(PUBLIC_REGISTRY, name, version);
}
