import process from 'node:process';
import { defaultCacheDirectory, defaultStateDirectory } from '@lockseal/registry';
import type { Console } from '../io/console.ts';
import type { EvidenceOptions } from './options.ts';

/** Folders that outlive a run; both undefined where nothing is to be kept. */
export interface Directories {
  readonly cacheDirectory: string | undefined;
  readonly stateDirectory: string | undefined;
}

/** Where answers are cached, and where that is kept which must be believed. */
export function directoriesOf({ useCache, cacheDirectory }: EvidenceOptions, { env, home }: Console): Directories {
  if (!useCache) return { cacheDirectory: undefined, stateDirectory: undefined };
  return {
    cacheDirectory: cacheDirectory ?? defaultCacheDirectory(env, home, process.platform),
    stateDirectory: defaultStateDirectory(env, home, process.platform),
  };
}
