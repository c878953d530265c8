import type { Lockfile, Project } from '@lockseal/core';
import { bindProject } from '../graph/bind-project.ts';
import { loadProject } from './load-project.ts';
import type { ProjectFiles } from './project-files.ts';

/** A lockfile and the project that it locks; where there is none, the lockfile as it was read. */
export interface LockedProject {
  readonly lockfile: Lockfile;
  readonly project: Project | undefined;
}

/**
 * Loads the project around a lockfile, and binds the lockfile to it.
 * @throws LocksealError as `loadProject`
 */
export async function bindToProject(read: Lockfile, directory: string, files: ProjectFiles): Promise<LockedProject> {
  const project = await loadProject(read, directory, files);
  return { project, lockfile: project === undefined ? read : bindProject(read, project) };
}
