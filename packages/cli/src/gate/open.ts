import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LocksealError } from '@lockseal/core';
import { openGate, TarballStore, type Gate, type GateOptions } from '@lockseal/gate';
import { directoriesOf } from '../evidence/directories.ts';
import type { EvidenceOptions } from '../evidence/options.ts';
import type { Console } from '../io/console.ts';
import { readVersion } from '../io/version.ts';
import { reasonsByName, selectArtifacts, type Selection } from './artifacts.ts';
import { declaredPaths } from './declared-paths.ts';
import type { GoodBasis } from './basis.ts';
import { loadConfig } from './load-config.ts';
import { createUpstream } from './upstream.ts';

/** A gate in front of one lockfile; `close` when done. */
export interface OpenedGate {
  readonly gate: Gate;
  readonly selection: Selection;
  /** Grows while it is open. */
  readonly warnings: readonly string[];
  close(): Promise<void>;
}

/**
 * Opens the gate for a lockfile that may be installed.
 * @throws LocksealError ERR_GATE, ERR_CONFIG, ERR_CACHE
 */
export async function openGateFor(
  { place, lockfile, registries, voucher, policy: { install } }: GoodBasis,
  evidence: EvidenceOptions,
  console: Console,
  options: Pick<GateOptions, 'port' | 'host' | 'onRefusal'> = {},
): Promise<OpenedGate> {
  const directory = path.dirname(place.file);
  const project = { directory, format: lockfile.format };
  const config = await loadConfig(evidence, project, install.allowHosts, console);
  const selection = selectArtifacts(lockfile, registries, voucher, install.git);
  const userAgent = `lockseal/${await readVersion()}`;
  const upstream = createUpstream({ config, offline: evidence.offline, userAgent, signal: console.signal });
  const warnings = [...config.warnings];
  const { store, remove } = await openStore(evidence, console, warnings);
  const { artifacts } = selection;
  const { allowHosts } = install;
  const { now } = console;
  const onWarning = (message: string): void => void warnings.push(message);
  const told = { pathTo: declaredPaths(lockfile), whyNot: reasonsByName(lockfile, selection) };
  const opening = openGate({ ...options, ...told, artifacts, upstream, store, registries, allowHosts, now, onWarning });
  const gate = await opening.catch(async (error: unknown) => {
    upstream.close();
    await remove();
    throw error;
  });
  return {
    gate,
    selection,
    warnings,
    close: async () => {
      await gate.close();
      const { tarballs, fromStore } = gate.served;
      if (tarballs > fromStore)
        await store.prune().catch((error: Error) => onWarning(`The cache cannot be pruned: ${error.message}`));
      await remove();
    },
  };
}

interface OpenedStore {
  readonly store: TarballStore;
  readonly remove: () => Promise<void>;
}

/** In the cache; where there is to be none, or none can be had, in a folder that goes away with the gate. */
async function openStore(evidence: EvidenceOptions, console: Console, warnings: string[]): Promise<OpenedStore> {
  const { cacheDirectory } = directoriesOf(evidence, console);
  if (cacheDirectory !== undefined) {
    try {
      return { store: await TarballStore.open(cacheDirectory, console.now()), remove: async () => undefined };
    } catch (error) {
      warnings.push(
        `The cache in ${cacheDirectory} cannot be used (${(error as Error).message}); going on without it.`,
      );
    }
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'lockseal-')).catch((cause: Error) => {
    throw new LocksealError('ERR_CACHE', 'There is no place for tarballs.', { found: cause.message, cause });
  });
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return { store: await TarballStore.open(folder, console.now()), remove };
}
