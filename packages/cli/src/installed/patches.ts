import { hash } from 'node:crypto';
import path from 'node:path/posix';
import type { DeclaredPatch, Patch, Project } from '@lockseal/core';
import type { PatchBytes } from '@lockseal/gate';
import type { ProjectFiles } from '@lockseal/lockfile';

/** Reads patch files that are still what they were when the project was loaded, which is what was verified. */
export function createPatches(project: Project | undefined, root: string, files: ProjectFiles): PatchBytes {
  return async (patch) => {
    const declared = project?.patches.find((each) => isDeclared(each, patch));
    if (declared?.file === undefined) return undefined;
    const bytes = await files.read(path.join(root, declared.path));
    return bytes !== undefined && hash('sha256', bytes) === declared.file.sha256 ? bytes : undefined;
  };
}

/** By its path, or by its digest where the lockfile records that alone (pnpm 11). */
function isDeclared({ path: declared, file }: DeclaredPatch, { path: recorded, hash: pin }: Patch): boolean {
  if (recorded !== undefined) return path.normalize(declared) === path.normalize(recorded);
  return pin?.algorithm === 'sha256' && (pin.value === file?.sha256 || pin.value === file?.sha256LF);
}
