// What the reader says is locked, in the words of `installedPackages`.
import process from 'node:process';
import type { LockedPackage, Lockfile } from '@lockseal/core';

/** npm: `place name@version` of every package that the lockfile puts into node_modules on this platform, sorted. */
export function lockedPlaces({ entries }: Lockfile): readonly string[] {
  const placed = entries.filter((entry) => isFetched(entry) && isForThisPlatform(entry));
  return placed.map(({ id, name, version }) => `${id} ${name}@${version}`).sort();
}

/** Other managers arrange packages as they like: `name@version` of all that are locked for this platform, sorted. */
export function lockedHere({ entries }: Lockfile): readonly string[] {
  const here = entries.filter(
    (entry) => entry.source.type !== 'bundled' && isFetched(entry) && isForThisPlatform(entry),
  );
  // bun and vlt record no version for a local tarball, and the project has but one.
  return [...new Set(here.map(({ name, version = '1.0.0' }) => `${name}@${version}`))].sort();
}

function isFetched({ source }: LockedPackage): boolean {
  return source.type === 'registry' || source.type === 'file' || source.type === 'bundled';
}

function isForThisPlatform({ name, flags }: LockedPackage): boolean {
  // Yarn 1 records no platforms: the names of the packages tell.
  const named = /-(linux|darwin)-(x64|arm64)$/.exec(name);
  const os = flags.os.length > 0 ? flags.os : named?.slice(1, 2);
  const cpu = flags.cpu.length > 0 ? flags.cpu : named?.slice(2, 3);
  return (os?.includes(process.platform) ?? true) && (cpu?.includes(process.arch) ?? true);
}
