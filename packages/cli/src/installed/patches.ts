import { hash } from 'node:crypto';
import path from 'node:path/posix';
import type { Project } from '@lockseal/core';
import type { PatchBytes } from '@lockseal/gate';
import type { ProjectFiles } from '@lockseal/lockfile';

/** Reads patch files that are still what they were when the project was loaded, which is what was verified. */
export function createPatches(project: Project | undefined, root: string, files: ProjectFiles): PatchBytes {
  return async (patch) => {
    const declared = project?.patches.find((each) => patch.path !== undefined && isSame(each.path, patch.path));
    if (declared?.file === undefined) return undefined;
    const bytes = await files.read(path.join(root, declared.path));
    return bytes !== undefined && hash('sha256', bytes) === declared.file.sha256 ? bytes : undefined;
  };
}

function isSame(declared: string, recorded: string): boolean {
  return path.normalize(declared) === path.normalize(recorded);
}
