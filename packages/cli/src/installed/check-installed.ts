import { realpath } from 'node:fs/promises';
import { compareInstalled, installedFindings, type InstalledReport, type InstalledRequest } from '@lockseal/gate';
import type { Finding, Project } from '@lockseal/core';
import type { Cache } from '@lockseal/registry';
import { createProjectFiles } from '../io/project-files.ts';
import { createPatches } from './patches.ts';
import { yarnZipDigest } from './yarn-zip.ts';
import { createFileLists, type KnownLists, type TarballBytes } from './file-lists.ts';

export interface InstalledCheckRequest extends Omit<InstalledRequest, 'fileList' | 'patch' | 'yarnZip'> {
  /** The bytes of an approved tarball: from the gate's store, from a local file, or fetched. */
  readonly tarball: TarballBytes;
  /** As it was when it was verified; its patches are what patched packages are compared by. */
  readonly project: Project | undefined;
  /** Keeps what was listed, so that no tarball is read twice; undefined: each is read. Not closed here. */
  readonly cache: Cache | undefined;
  /** Lists that were read before, from bytes of the approved sha512. Default: none. */
  readonly known?: KnownLists | undefined;
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
export async function checkInstalled(request: InstalledCheckRequest): Promise<InstalledCheck> {
  const { tarball, cache, known, project, ...rest } = request;
  // Managers write the real path where they write absolute ones.
  const root = await realpath(request.root);
  const patch = createPatches(project, root, createProjectFiles(root));
  const report = await compareInstalled({
    ...rest,
    root,
    patch,
    yarnZip: yarnZipDigest,
    fileList: createFileLists(tarball, cache, known),
  });
  return { findings: installedFindings(report), report };
}
