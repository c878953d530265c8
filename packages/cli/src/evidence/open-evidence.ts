import {
  createJudge,
  parseTrustedRoot,
  type EvidenceSource,
  type JudgePool,
  type LockfileFormat,
  type RegistryKey,
  type RegistryMap,
  type TrustSummary,
  type VerdictStore,
} from '@lockseal/core';
import {
  Cache,
  createFactsStore,
  createNetworkSource,
  createVerdictStore,
  HttpClient,
  loadRegistryConfig,
  loadTrust,
  readAttestations,
  type PackSource,
} from '@lockseal/registry';
import type { Console } from '../io/console.ts';
import { readVersion } from '../io/version.ts';
import { directoriesOf, type Directories } from './directories.ts';
import type { EvidenceOptions } from './options.ts';
import { boundHeapInTime } from './bound-heap.ts';
import { WorkerPool } from './judge-pool.ts';

/** Everything that a verification needs from outside the project; `close` when done. */
export interface Evidence {
  readonly source: EvidenceSource;
  readonly registries: RegistryMap;
  readonly trustedRoot: ReturnType<typeof parseTrustedRoot>;
  readonly trust: TrustSummary['root'];
  /** The trusted root as read, for an evidence pack to hold. */
  readonly rootBytes: Uint8Array;
  /** The evidence pack that answers, by its content address; undefined: registries and cache do. */
  readonly pack?: { readonly sha256: string; readonly isPinned: boolean; readonly source: PackSource } | undefined;
  /** npm's keys and those of `--registry-keys`: for bundles that no registry is asked about. */
  readonly keys: readonly RegistryKey[];
  /** What earlier runs have decided; undefined without a cache. */
  readonly verdicts: VerdictStore | undefined;
  /** Other threads that judge; left out: there are none. */
  readonly judges?: JudgePool | undefined;
  /** Packages that may be under way at once. */
  readonly concurrency: number;
  /** What the reader must be told; grows while evidence is gathered. */
  readonly warnings: readonly string[];
  close(): void;
}

/**
 * Opens the configured registries, the cache and the trust material for a project.
 * @throws LocksealError ERR_CONFIG, ERR_TRUSTED_ROOT, ERR_KEYS, ERR_EVIDENCE_*
 */
export async function openEvidence(
  options: EvidenceOptions,
  project: { readonly directory: string; readonly format: LockfileFormat | undefined },
  console: Console,
): Promise<Evidence> {
  if (options.pack !== undefined) {
    const { openPackEvidence } = await import('../pack/open-pack.ts');
    return openPackEvidence(options.pack, options, project, console);
  }
  const { registry, mirrors, attestationsRegistry, concurrency, offline } = options;
  const config = await loadRegistryConfig({
    ...project,
    env: console.env,
    home: console.home,
    flags: { registry, mirrors, attestationsRegistry, concurrency },
  });
  const warnings = [...config.warnings];
  const directories = directoriesOf(options, console);
  const trust = await loadTrust({ ...options, ...directories, now: console.now() });
  warnings.push(...trust.warnings);
  const cache = openCache(directories, console, (message) => void warnings.push(message));
  const version = await readVersion();
  const client = new HttpClient({
    config,
    offline,
    signal: console.signal,
    userAgent: `lockseal/${version}`,
  });
  const { bytes, ...root } = trust.trustedRoot;
  const release = boundHeapInTime();
  const trustedRoot = parseTrustedRoot(bytes);
  const judge = createJudge(trustedRoot, (question) => readAttestations(question.attestations, question));
  const settled =
    cache && createFactsStore(cache, { version, scope: [project.directory, attestationsRegistry], offline });
  const judges = new WorkerPool(bytes, judge);
  return {
    source: createNetworkSource({ config, client, cache, offline, trustedKeys: trust.registryKeys, settled }),
    verdicts: cache && createVerdictStore(cache, version),
    judges,
    registries: config.map,
    trustedRoot,
    trust: root,
    rootBytes: bytes,
    keys: [...trust.registryKeys.file, ...trust.registryKeys.npm],
    // A package asks for two documents at once, so as many packages keep all connections busy.
    concurrency: config.network.concurrency,
    warnings,
    close: () => {
      release();
      judges.close();
      client.close();
      cache?.close();
    },
  };
}

function openCache(
  { cacheDirectory: directory, stateDirectory }: Directories,
  { now }: Console,
  onWarning: (message: string) => void,
): Cache | undefined {
  if (directory === undefined || stateDirectory === undefined) return undefined;
  return new Cache({ directory, stateDirectory, now, onWarning });
}
