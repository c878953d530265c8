import { createHash } from 'node:crypto';
import semver from 'semver';
import type { BundleJson } from '../sigstore/bundle.ts';
import type { PackageSignature } from '../sigstore/registry-key.ts';

/** A package.json or version document: plain JSON. */
export type ManifestJson = Readonly<Record<string, unknown>>;

/** One member of an answer to `/-/npm/v1/attestations/<name>@<version>`. */
export interface AttestationJson {
  readonly predicateType: string;
  readonly bundle: BundleJson;
}

/** One published version with everything that the registry holds of it. */
export interface Published {
  readonly name: string;
  readonly version: string;
  readonly tarball: Buffer;
  /** Lower-case hex. */
  readonly sha512: string;
  /** `sha512-<base64>`. */
  readonly integrity: string;
  /** Lower-case hex sha1. */
  readonly shasum: string;
  /** package.json inside the tarball. */
  readonly manifest: ManifestJson;
  /** What the registry's version document says instead; equal to `manifest` unless overridden. */
  readonly registryManifest: ManifestJson;
  readonly files: number;
  readonly unpackedSize: number;
  readonly signatures: readonly PackageSignature[];
  readonly attestations: readonly AttestationJson[];
  readonly publishedAt: Date;
  readonly publisher: string;
}

export interface TarballDigests {
  readonly sha512: string;
  readonly integrity: string;
  readonly shasum: string;
}

export function digestsOf(tarball: Uint8Array): TarballDigests {
  const sha512 = createHash('sha512').update(tarball).digest();
  return {
    sha512: sha512.toString('hex'),
    integrity: `sha512-${sha512.toString('base64')}`,
    shasum: createHash('sha1').update(tarball).digest('hex'),
  };
}

/** Everything published, by name and version. */
export interface Shelf {
  put(published: Published): void;
  get(name: string, version: string): Published | undefined;
  /** All versions of a name in the order of publication; empty when there is none. */
  versions(name: string): readonly Published[];
  /** The highest version in range; `latest` and the empty range mean the highest release. */
  best(name: string, range: string): Published | undefined;
  all(): readonly Published[];
}

export function createShelf(): Shelf {
  const names = new Map<string, Map<string, Published>>();
  const versions = (name: string): readonly Published[] => [...(names.get(name)?.values() ?? [])];
  return {
    put(published) {
      const known = names.get(published.name) ?? new Map<string, Published>();
      names.set(published.name, known.set(published.version, published));
    },
    get: (name, version) => names.get(name)?.get(version),
    versions,
    best(name, range) {
      const wanted = range === 'latest' || range === '' ? '*' : range;
      const candidates = versions(name).map(({ version }) => version);
      const found = semver.maxSatisfying(candidates, wanted) ?? (wanted === '*' ? candidates.at(-1) : undefined);
      return found === undefined ? undefined : names.get(name)?.get(found);
    },
    all: () => [...names.values()].flatMap((known) => [...known.values()]),
  };
}

/** Path of a tarball below a registry's base URL: `@scope/name/-/name-1.0.0.tgz`. */
export function tarballPath(name: string, version: string): string {
  return `${name}/-/${name.slice(name.indexOf('/') + 1)}-${version}.tgz`;
}
