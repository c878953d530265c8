import { canonicalTarballUrl, PUBLIC_REGISTRY, YARN_PUBLIC_ALIAS, type RegistryMap } from '@lockseal/core';
import type { ApprovedArtifact } from '../artifact.ts';

/** The approved artifacts, by everything that clients ask with. */
export class Catalogue {
  readonly #byName: ReadonlyMap<string, readonly ApprovedArtifact[]>;
  readonly #byUrl: ReadonlyMap<string, readonly ApprovedArtifact[]>;
  /** Base URLs of registries, the longest first. */
  readonly #bases: readonly string[];
  readonly #origins: ReadonlySet<string>;

  constructor(artifacts: readonly ApprovedArtifact[], { default: main, scopes, named, mirrors }: RegistryMap) {
    const published = artifacts.filter(({ registry, version }) => registry !== undefined && version !== undefined);
    this.#byName = Map.groupBy(published, ({ name }) => name);
    this.#byUrl = Map.groupBy(
      artifacts.filter(({ lockedUrl }) => urlKey(lockedUrl) !== undefined),
      ({ lockedUrl }) => urlKey(lockedUrl) ?? '',
    );
    const own = artifacts.flatMap(({ registry }) => registry ?? []);
    const bases = new Set([main, ...scopes.values(), ...named.values(), ...mirrors, ...own]);
    if (bases.has(PUBLIC_REGISTRY)) bases.add(YARN_PUBLIC_ALIAS);
    this.#bases = [...bases].toSorted((a, b) => b.length - a.length);
    this.#origins = new Set([...bases, ...this.#byUrl.keys()].flatMap((url) => URL.parse(url)?.origin ?? []));
  }

  /** Origins whose requests the gate answers itself. */
  get origins(): ReadonlySet<string> {
    return this.#origins;
  }

  /** The registry below whose base URL an address lies. */
  baseOf(url: URL): string | undefined {
    const address = `${url.origin}${url.pathname}`;
    return this.#bases.find((base) => address.startsWith(base));
  }

  /** What a lockfile records this very address for; several only where they differ in their bytes. */
  atUrl(url: URL): ApprovedArtifact | undefined {
    return unambiguous(this.#byUrl.get(urlKey(url.href) ?? '') ?? []);
  }

  /**
   * The locked versions of a package, as somebody sees them who asks a registry: its own, and those of which there is
   * one alone. Which registry is asked decides nothing else, because the bytes are held against the approved digest.
   * @param registry base URL; undefined: nobody says
   */
  versions(name: string, registry: string | undefined): ReadonlyMap<string, ApprovedArtifact> {
    const found = new Map<string, ApprovedArtifact>();
    const byVersion = Map.groupBy(this.#byName.get(name) ?? [], ({ version }) => version ?? '');
    for (const [version, artifacts] of byVersion) {
      const own = artifacts.filter((artifact) => artifact.registry === registry);
      const chosen = unambiguous(own.length > 0 ? own : artifacts);
      if (chosen !== undefined) found.set(version, chosen);
    }
    return found;
  }

  /** The locked version whose tarball has this file name. */
  tarball(name: string, file: string, registry: string | undefined): ApprovedArtifact | undefined {
    const matching = [...this.versions(name, registry)].filter(([version]) => tarballName(name, version) === file);
    return unambiguous(matching.map(([, artifact]) => artifact));
  }
}

/** Where a lockfile records an address that no client would derive: some clients compare the two. */
export function recordedUrl({ name, version, registry, lockedUrl }: ApprovedArtifact): string | undefined {
  if (lockedUrl === undefined || version === undefined || registry === undefined) return lockedUrl;
  const url = lockedUrl.replace(/#.*$/s, '');
  const derived = [registry, PUBLIC_REGISTRY, YARN_PUBLIC_ALIAS].map((base) =>
    canonicalTarballUrl(base, name, version),
  );
  return derived.includes(url) ? undefined : url;
}

/** Below a registry's base URL; see `canonicalTarballUrl`. */
function tarballName(name: string, version: string): string {
  return canonicalTarballUrl('', name, version).slice(`${name}/-/`.length);
}

function unambiguous(artifacts: readonly ApprovedArtifact[]): ApprovedArtifact | undefined {
  const [first, ...others] = artifacts;
  return others.every(({ sha512 }) => sha512 === first?.sha512) ? first : undefined;
}

/** Without the fragment, in which Yarn 1 keeps a hash. */
function urlKey(text: string | undefined): string | undefined {
  const url = text === undefined ? null : URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  url.hash = '';
  return url.href;
}
