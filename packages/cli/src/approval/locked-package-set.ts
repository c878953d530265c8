import path from 'node:path';
import { lockedSha512, packageSet, packageSetFacts } from '@lockseal/core';
import { bindToProject, readLockfile } from '@lockseal/lockfile';
import { loadRegistryConfig } from '@lockseal/registry';
import type { Console } from '../io/console.ts';
import { createProjectFiles } from '../io/project-files.ts';

/**
 * Digest of the package set that a lockfile pins by itself, without any evidence. Equal to the approved one wherever
 * the lockfile pins tarballs by sha512; where it pins something else the two differ, and nothing is approved.
 * @param bytes of the lockfile, as they are decided on: what lies there now may be another one
 * @returns lower-case hex sha256
 */
export async function lockedPackageSet(
  file: string,
  bytes: Uint8Array,
  console: Pick<Console, 'env' | 'home'>,
): Promise<string> {
  const directory = path.dirname(file);
  const read = readLockfile(file, bytes);
  const { lockfile, project } = await bindToProject(read, directory, createProjectFiles(directory));
  const { env, home } = console;
  const flags = { registry: undefined, attestationsRegistry: undefined, concurrency: undefined };
  const { map } = await loadRegistryConfig({ directory, format: lockfile.format, env, home, flags });
  return packageSet(lockfile, ({ pin }) => lockedSha512(pin), packageSetFacts(map, project)).sha256;
}
