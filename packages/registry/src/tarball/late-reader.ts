import type { TarballReader } from './read.ts';
import type { WholeReader } from './reading.ts';

/**
 * Reads many tarballs, on all cores: see `readTarball`. What reads them, npm's `tar` above all, is loaded with the first: most
 * runs find in the cache what they want to know.
 * @param whole reads small tarballs; left out: as `readTarball` does
 */
export function createTarballReader(whole?: WholeReader): TarballReader {
  let loaded: Promise<TarballReader> | undefined;
  return async (stream, options) => {
    loaded ??= import('./read.ts').then((module) => module.createPooledReader(whole));
    return (await loaded)(stream, options);
  };
}
