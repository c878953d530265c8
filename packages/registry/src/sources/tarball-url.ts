import {
  canonicalTarballUrl,
  LocksealError,
  PUBLIC_REGISTRY,
  registryFor,
  YARN_PUBLIC_ALIAS,
  type LockedPackage,
} from '@lockseal/core';
import type { RegistryConfig } from '../config/config.ts';

/** A package of a registry, by what decides where it is asked for. */
export interface RegistryQuestion {
  readonly name: string;
  readonly namedRegistry: string | undefined;
}

/**
 * Base URL of the registry that serves a package: its named registry, its scope's, or the default one.
 * @throws LocksealError ERR_HOST_REFUSED for a named registry that nothing configures
 */
export function registryOf(config: RegistryConfig, { name, namedRegistry }: RegistryQuestion): string {
  const registry = registryFor(config.map, name, namedRegistry);
  if (registry !== undefined) return registry;
  throw new LocksealError('ERR_HOST_REFUSED', `No configuration names the registry "${namedRegistry}"`, {
    hint: 'Add it to namedRegistries in pnpm-workspace.yaml.',
  });
}

/**
 * Where the tarball of an entry is fetched. The registry's own word (`dist.tarball`) comes before the canonical URL;
 * npm's public hosts stand for the configured registry (npm's replace-registry-host); a locked URL counts only for
 * entries that a manifest asks for by URL. Hosts that nothing configures are refused later, by the client.
 * @throws LocksealError ERR_HOST_REFUSED, or ERR_RESPONSE_INVALID for an entry that no tarball can be fetched for
 */
export function tarballUrlOf(entry: LockedPackage, documented: string | undefined, config: RegistryConfig): string {
  if (entry.source.type === 'tarball') return entry.source.url;
  if (entry.source.type !== 'registry' || entry.version === undefined) {
    throw new LocksealError('ERR_RESPONSE_INVALID', `${entry.name} has no tarball of its own (${entry.source.type})`);
  }
  const registry = registryOf(config, { name: entry.name, namedRegistry: entry.source.namedRegistry });
  const canonical = canonicalTarballUrl(registry, entry.name, entry.version);
  if (documented === undefined) return canonical;
  const url = URL.parse(documented);
  if (url === null) return canonical;
  if (config.allows(url)) return url.href;
  const rest = [PUBLIC_REGISTRY, YARN_PUBLIC_ALIAS].find((base) => url.href.startsWith(base));
  if (rest !== undefined) return `${registry}${url.href.slice(rest.length)}`;
  return canonical;
}
