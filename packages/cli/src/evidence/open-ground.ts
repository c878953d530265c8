import type {
  EvidenceSource,
  FactsStore,
  LockfileFormat,
  RegistryKey,
  RegistryMap,
  TrustSummary,
} from '@lockseal/core';
import {
  Cache,
  createFactsStore,
  createNetworkSource,
  HttpClient,
  loadRegistryConfig,
  loadTrust,
} from '@lockseal/registry';
import type { Console } from '../io/console.ts';
import { readVersion } from '../io/version.ts';
import { directoriesOf } from './directories.ts';
import type { EvidenceOptions } from './options.ts';

/** What earlier runs have left. */
export interface Kept {
  readonly cache: Cache;
  /** What followed from the answers in the cache. */
  readonly settled: FactsStore;
}

/** Configuration, trust material and registries, before anything is verified with them; `close` when done. */
export interface Ground {
  readonly source: EvidenceSource;
  readonly registries: RegistryMap;
  readonly trust: TrustSummary['root'];
  /** The trusted root as read. */
  readonly rootBytes: Uint8Array;
  readonly keys: readonly RegistryKey[];
  readonly concurrency: number;
  readonly warnings: readonly string[];
  close(): void;
}

/**
 * The cache, as far as the user wants one.
 * @param onWarning told at most once, of a disk that refuses
 */
export async function openKept(
  options: EvidenceOptions,
  directory: string,
  console: Console,
  onWarning: (message: string) => void,
): Promise<Kept | undefined> {
  const { cacheDirectory, stateDirectory } = directoriesOf(options, console);
  if (cacheDirectory === undefined || stateDirectory === undefined) return undefined;
  const { now } = console;
  const cache = new Cache({ directory: cacheDirectory, stateDirectory, now, onWarning });
  const { offline, attestationsRegistry } = options;
  const scope = [directory, attestationsRegistry];
  return { cache, settled: createFactsStore(cache, { version: await readVersion(), scope, offline }) };
}

/**
 * Opens the configured registries, through the cache where there is one, and loads the trust material.
 * @throws LocksealError ERR_CONFIG, ERR_TRUSTED_ROOT, ERR_KEYS
 */
export async function openGround(
  options: EvidenceOptions,
  project: { readonly directory: string; readonly format: LockfileFormat | undefined },
  console: Console,
  kept: Kept | undefined,
): Promise<Ground> {
  const { registry, mirrors, attestationsRegistry, concurrency, offline } = options;
  const flags = { registry, mirrors, attestationsRegistry, concurrency };
  const config = await loadRegistryConfig({ ...project, env: console.env, home: console.home, flags });
  const material = await loadTrust({ ...options, ...directoriesOf(options, console), now: console.now() });
  const userAgent = `lockseal/${await readVersion()}`;
  const client = new HttpClient({ config, offline, signal: console.signal, userAgent });
  const { bytes, ...trust } = material.trustedRoot;
  const { registryKeys: trustedKeys } = material;
  return {
    source: createNetworkSource({ config, client, offline, trustedKeys, cache: kept?.cache, settled: kept?.settled }),
    registries: config.map,
    trust,
    rootBytes: bytes,
    keys: [...trustedKeys.file, ...trustedKeys.npm],
    // A package asks for two documents at once, so as many packages keep all connections busy.
    concurrency: config.network.concurrency,
    warnings: [...config.warnings, ...material.warnings],
    close: () => client.close(),
  };
}
