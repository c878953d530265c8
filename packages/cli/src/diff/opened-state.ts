import path from 'node:path';
import { lockedState, type LockedState, type Lockfile, type Project, type SideFacts } from '@lockseal/core';
import { bindToProject, readLockfile, type ProjectFiles } from '@lockseal/lockfile';
import { readLockfileBytes } from '../io/find-lockfile.ts';
import { createProjectFiles } from '../io/project-files.ts';

/** A state that can be compared: a lockfile with its project, the word of an approval, or nothing at all. */
export type OpenedState = { readonly state: LockedState } & (
  | { readonly kind: 'lockfile'; readonly lockfile: Lockfile; readonly project: Project | undefined }
  /** What it says of each of its packages. */
  | { readonly kind: 'approval'; readonly facts: ReadonlyMap<LockedState['artifacts'][number], SideFacts> }
  | { readonly kind: 'nothing' }
);

/** A lockfile on disk. @throws LocksealError as `readLockfile` and `loadProject` */
export async function openFile(file: string, shown: string): Promise<OpenedState & { readonly kind: 'lockfile' }> {
  const directory = path.dirname(file);
  return openBytes(await readLockfileBytes(file), {
    shown,
    origin: shown,
    directory,
    files: createProjectFiles(directory),
  });
}

/** @param from.shown the path for messages; its last part decides the format @throws LocksealError as `readLockfile` */
export async function openBytes(
  bytes: Uint8Array,
  from: {
    readonly shown: string;
    readonly origin: string;
    readonly directory: string;
    readonly files: ProjectFiles;
  },
): Promise<OpenedState & { readonly kind: 'lockfile' }> {
  const read = readLockfile(from.shown, bytes);
  const { lockfile, project } = await bindToProject(read, from.directory, from.files);
  return { kind: 'lockfile', lockfile, project, state: lockedState(lockfile, from.origin) };
}
