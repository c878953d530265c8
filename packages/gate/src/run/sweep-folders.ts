import { lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { isAlive } from '../store/temporaries.ts';

/** What the names of the folders of runs begin with; the process that made one follows. */
export const PREFIX = 'lockseal-run-';
/** Another container may see the same folder and other processes. */
const LEFT_MS = 60 * 60 * 1000;

/** Removes what runs have left behind that were killed after their command had ended: no secrets, but files all the same. */
export async function sweepFolders(temporary: string): Promise<void> {
  const found = await readdir(temporary);
  for (const name of found.filter((each) => each.startsWith(PREFIX))) {
    const pid = Number(/^\d+/.exec(name.slice(PREFIX.length))?.[0]);
    const folder = path.join(temporary, name);
    const stat = await lstat(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    const isOurs = stat?.isDirectory() === true && stat.uid === process.getuid?.();
    if (!isOurs || isAlive(pid) || Date.now() - stat.mtimeMs < LEFT_MS) continue;
    await rm(folder, { recursive: true, force: true });
  }
}
