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
import { createVerdictStore, readAttestations, type PackSource } from '@lockseal/registry';
import type { Console } from '../io/console.ts';
import { readVersion } from '../io/version.ts';
import { boundHeapInTime } from './bound-heap.ts';
import { WorkerPool } from './judge-pool.ts';
import { openGround, openKept } from './open-ground.ts';
import type { EvidenceOptions } from './options.ts';

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
  const warnings: string[] = [];
  const kept = await openKept(options, project.directory, console, (message) => void warnings.push(message));
  const ground = await openGround(options, project, console, kept);
  warnings.push(...ground.warnings);
  const version = await readVersion();
  const release = boundHeapInTime();
  const trustedRoot = parseTrustedRoot(ground.rootBytes);
  const judge = createJudge(trustedRoot, (question) => readAttestations(question.attestations, question));
  const judges = new WorkerPool(ground.rootBytes, judge);
  return {
    ...ground,
    verdicts: kept && createVerdictStore(kept.cache, version),
    judges,
    trustedRoot,
    warnings,
    close: () => {
      release();
      judges.close();
      ground.close();
      kept?.cache.close();
    },
  };
}
