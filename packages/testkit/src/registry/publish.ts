import { signPackage, type PackageSignature, type RegistryKeyPair } from '../sigstore/registry-key.ts';
import type { ProvenanceOptions, PublishAttestationOptions, SigstoreBox } from '../sigstore/sigstore-box.ts';
import { PUBLISH_PREDICATE } from '../sigstore/statements.ts';
import { digestsOf, type AttestationJson, type ManifestJson, type Published } from './published.ts';
import { packTarball, type TarballEntry } from './tarball.ts';

export type Dependencies = Readonly<Record<string, string>>;

export interface PublishOptions {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Dependencies;
  readonly optionalDependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly bundleDependencies?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  /** Further members of package.json, or others in place of the ones above. */
  readonly manifest?: ManifestJson;
  /** Files beside package.json, by path in the package. Default: an `index.js` that names the package. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Entries put into the archive as they are, after the files. */
  readonly entries?: readonly TarballEntry[];
  /** Bytes to publish in place of a packed tarball. */
  readonly tarball?: Uint8Array;
  /** Members of the registry's version document that differ from the tarball's package.json; undefined removes one. */
  readonly manifestOverride?: ManifestJson;
  readonly evidence?: Evidence;
  /** Default: the time of the Sigstore box's clock. */
  readonly publishedAt?: Date;
  /** Name of the account. Default: `acme-bot`. */
  readonly publisher?: string;
}

/** What the registry can show for a version. Everything is there unless it is said otherwise. */
export interface Evidence {
  readonly signature?: boolean;
  readonly publishAttestation?: boolean | Partial<PublishAttestationOptions>;
  readonly provenance?: boolean | Partial<ProvenanceOptions>;
}

export interface Publisher {
  readonly sigstore: SigstoreBox;
  /** The key that signs now; undefined for a registry that signs nothing. */
  readonly key: RegistryKeyPair | undefined;
  /** The `registry` of publish attestations. */
  readonly registry: string;
}

/** Packs, signs and attests one version. */
export function publishPackage(publisher: Publisher, options: PublishOptions): Published {
  const manifest = manifestOf(options);
  const entries = entriesOf(options, manifest);
  const tarball = options.tarball === undefined ? packTarball(entries) : Buffer.from(options.tarball);
  const digests = digestsOf(tarball);
  const publishedAt = options.publishedAt ?? publisher.sigstore.services.clock();
  const artifact = { name: options.name, version: options.version, sha512: digests.sha512 };
  return {
    name: options.name,
    version: options.version,
    tarball,
    ...digests,
    manifest,
    registryManifest: overridden(manifest, options.manifestOverride),
    files: entries.length,
    unpackedSize: entries.reduce((sum, { content = '' }) => sum + Buffer.byteLength(content), 0),
    signatures: signaturesOf(publisher, options, digests.integrity),
    attestations: attestationsOf(publisher, options.evidence ?? {}, artifact, publishedAt),
    publishedAt,
    publisher: options.publisher ?? 'acme-bot',
  };
}

function manifestOf(options: PublishOptions): ManifestJson {
  const { name, version, dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = options;
  const { bundleDependencies, scripts } = options;
  const declared = { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta };
  const members = { name, version, license: 'MIT', main: 'index.js', scripts, ...declared, bundleDependencies };
  return overridden({}, { ...members, ...options.manifest });
}

function overridden(manifest: ManifestJson, changes: ManifestJson = {}): ManifestJson {
  return Object.fromEntries(Object.entries({ ...manifest, ...changes }).filter(([, value]) => value !== undefined));
}

function entriesOf(options: PublishOptions, manifest: ManifestJson): readonly TarballEntry[] {
  const files = options.files ?? { 'index.js': `module.exports = ${JSON.stringify(options.name)};\n` };
  return [
    { path: 'package/package.json', content: `${JSON.stringify(manifest, null, 2)}\n` },
    ...Object.entries(files).map(([path, content]) => ({ path: `package/${path}`, content })),
    ...(options.entries ?? []),
  ];
}

function signaturesOf(publisher: Publisher, options: PublishOptions, integrity: string): PackageSignature[] {
  if (options.evidence?.signature === false || publisher.key === undefined) return [];
  return [signPackage(publisher.key, options.name, options.version, integrity)];
}

function attestationsOf(
  publisher: Publisher,
  evidence: Evidence,
  artifact: { readonly name: string; readonly version: string; readonly sha512: string },
  at: Date,
): AttestationJson[] {
  const { sigstore, key: registryKey, registry } = publisher;
  const attestations: AttestationJson[] = [];
  if (evidence.publishAttestation !== false && registryKey !== undefined) {
    const options = { registryKey, registry, at, ...artifact, ...settings(evidence.publishAttestation) };
    attestations.push({ predicateType: PUBLISH_PREDICATE, bundle: sigstore.publishAttestation(options) });
  }
  if (evidence.provenance !== false) {
    const options = { at, repository: repositoryOf(artifact.name), ...artifact, ...settings(evidence.provenance) };
    const version = options.predicate === undefined || options.predicate === 'slsa-v1' ? 'v1' : 'v0.2';
    const predicateType = `https://slsa.dev/provenance/${version}`;
    attestations.push({ predicateType, bundle: sigstore.provenance(options) });
  }
  return attestations;
}

function settings<T extends object>(asked: boolean | T | undefined): T | undefined {
  return typeof asked === 'object' ? asked : undefined;
}

/** `https://github.com/<scope or acme>/<name>`. */
function repositoryOf(name: string): string {
  return `https://github.com/${name.startsWith('@') ? name.slice(1) : `acme/${name}`}`;
}
