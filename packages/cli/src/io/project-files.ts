import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DirectoryItem, ProjectFiles } from '@lockseal/lockfile';

/** A single file of a project is never larger; a package.json or patch that is, is not read. */
const MAX_BYTES = 1024 * 1024 * 1024;
/** Errors that mean "there is no such file". */
const ABSENT = new Set(['ENOENT', 'ENOTDIR']);

/** The files under a directory. A symbolic link that leads out of it is answered as if nothing were there. */
export function createProjectFiles(directory: string): ProjectFiles {
  const real = realpath(directory);
  const inside = async (file: string): Promise<string | undefined> => {
    const target = await realpath(file).catch(undefinedIfAbsent);
    const base = await real;
    return target === undefined || (target !== base && !target.startsWith(base + path.sep)) ? undefined : target;
  };
  return {
    read: async (file) => {
      const target = await inside(file);
      if (target === undefined) return undefined;
      const found = await stat(target);
      if (!found.isFile()) return undefined;
      if (found.size > MAX_BYTES) throw new Error(`${file} is larger than ${MAX_BYTES} bytes`);
      return readFile(target);
    },
    list: async (folder) => {
      const target = await inside(folder);
      if (target === undefined) return undefined;
      const items = await readdir(target, { withFileTypes: true }).catch(undefinedIfAbsent);
      return items?.map((item): DirectoryItem => ({ name: item.name, type: typeOf(item) }));
    },
  };
}

function typeOf(item: { isFile(): boolean; isDirectory(): boolean }): DirectoryItem['type'] {
  if (item.isFile()) return 'file';
  return item.isDirectory() ? 'directory' : 'other';
}

function undefinedIfAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== undefined && ABSENT.has(error.code)) return undefined;
  throw error;
}
