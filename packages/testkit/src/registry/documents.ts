import { tarballPath, type ManifestJson, type Published } from './published.ts';

const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];
/** What an abbreviated packument keeps of a version (https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md). */
const ABBREVIATED = new Set([
  'name',
  'version',
  'deprecated',
  'bin',
  'dist',
  'engines',
  'os',
  'cpu',
  'libc',
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'bundleDependencies',
  '_hasShrinkwrap',
  'hasInstallScript',
]);

/** The answer to `/<name>/<version>`; `base` is the registry's URL with a trailing slash. */
export function versionDocument(published: Published, base: string): ManifestJson {
  const { name, version } = published;
  return {
    ...published.registryManifest,
    _id: `${name}@${version}`,
    _npmUser: { name: published.publisher, email: `${published.publisher}@example.com` },
    maintainers: [{ name: published.publisher, email: `${published.publisher}@example.com` }],
    ...(hasInstallScript(published.registryManifest) ? { hasInstallScript: true } : {}),
    dist: {
      integrity: published.integrity,
      shasum: published.shasum,
      tarball: `${base}${tarballPath(name, version)}`,
      fileCount: published.files,
      unpackedSize: published.unpackedSize,
      ...(published.attestations.length === 0 ? {} : { attestations: announcement(published, base) }),
      ...(published.signatures.length === 0 ? {} : { signatures: published.signatures }),
    },
  };
}

function announcement(published: Published, base: string): object {
  const provenance = published.attestations.find(({ predicateType }) => predicateType.startsWith('https://slsa.dev/'));
  return {
    url: `${base}-/npm/v1/attestations/${published.name}@${published.version}`,
    ...(provenance === undefined ? {} : { provenance: { predicateType: provenance.predicateType } }),
  };
}

export function hasInstallScript(manifest: ManifestJson): boolean {
  const { scripts } = manifest;
  return typeof scripts === 'object' && scripts !== null && INSTALL_SCRIPTS.some((name) => name in scripts);
}

/** The answer to `/<name>`: all versions with their times, or npm's abbreviated form without them. */
export function packument(
  versions: readonly Published[],
  latest: Published,
  base: string,
  abbreviated: boolean,
): object {
  const documents = versions.map((each) => [each.version, versionDocument(each, base)] as const);
  const times = versions.map((each) => [each.version, each.publishedAt.toISOString()] as const);
  const modified = versions
    .map(({ publishedAt }) => publishedAt.toISOString())
    .toSorted()
    .at(-1);
  const common = { name: latest.name, 'dist-tags': { latest: latest.version } };
  if (abbreviated) {
    return {
      ...common,
      versions: Object.fromEntries(documents.map(([version, of]) => [version, abbreviate(of)])),
      modified,
    };
  }
  return {
    _id: latest.name,
    ...common,
    versions: Object.fromEntries(documents),
    time: { created: times[0]?.[1], modified, ...Object.fromEntries(times) },
  };
}

function abbreviate(document: ManifestJson): ManifestJson {
  return Object.fromEntries(Object.entries(document).filter(([member]) => ABBREVIATED.has(member)));
}

/** The answer to `/-/npm/v1/attestations/<name>@<version>`. */
export function attestationsDocument(published: Published): object {
  return { attestations: published.attestations };
}
