import type { LockedPackage, Lockfile, LockfileFormat } from '@lockseal/core';

/** A lockfile of one format with nothing in it but the given entries. */
export function emptyLockfile(format: LockfileFormat, entries: readonly LockedPackage[] = []): Lockfile {
  return {
    path: 'some.lock',
    format,
    formatVersion: '1',
    bytes: { length: 0, sha256: '', sha512: '' },
    entries,
    importers: [],
    descriptors: new Map(),
    claims: { overrides: new Map(), packageExtensions: [], patches: new Map(), catalogs: new Map() },
    observations: [],
  };
}
