import { compareInstalled, installedFindings, type InstalledReport, type InstalledRequest } from '@lockseal/gate';
import type { Finding } from '@lockseal/core';
import type { Cache } from '@lockseal/registry';
import { createFileLists, type TarballBytes } from './file-lists.ts';

export interface InstalledCheckRequest extends Omit<InstalledRequest, 'fileList'> {
  /** The bytes of an approved tarball: from the gate's store, from a local file, or fetched. */
  readonly tarball: TarballBytes;
  /** Keeps what was listed, so that no tarball is read twice; undefined: each is read. Not closed here. */
  readonly cache: Cache | undefined;
}

/** What comparing the disk with what was approved comes to. */
export interface InstalledCheck {
  /** At error level, all of them. */
  readonly findings: readonly Finding[];
  /** Also what could not be decided (`undecided`), which is never a pass. */
  readonly report: InstalledReport;
}

/**
 * Compares every file of every installed package with its approved tarball.
 * @throws LocksealError ERR_INSTALLED where there is more than the bounds allow
 */
export async function checkInstalled({ tarball, cache, ...request }: InstalledCheckRequest): Promise<InstalledCheck> {
  const report = await compareInstalled({ ...request, fileList: createFileLists(tarball, cache) });
  return { findings: installedFindings(report), report };
}
