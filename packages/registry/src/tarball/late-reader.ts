import type { TarballReader } from './read.ts';
import type { WholeReader } from './reading.ts';

/**
 * Reads many tarballs, on all cores: see `readTarball`. What reads them, npm's `tar` above all, is loaded with the first: most
 * runs find in the cache what they want to know.
 * @param whole reads small tarballs; left out: as `readTarball` does
 * @param threads beside this one; left out: as many as there are cores for
 */
export function createTarballReader(whole?: WholeReader, threads?: number): TarballReader {
  let loaded: Promise<TarballReader> | undefined;
  return async (stream, options) => {
    loaded ??= import('./read.ts').then((module) => module.createPooledReader(whole, threads));
    return (await loaded)(stream, options);
  };
}
