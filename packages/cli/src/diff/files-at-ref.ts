import path from 'node:path/posix';
import type { DirectoryItem, ProjectFiles } from '@lockseal/lockfile';
import { askGit, readAtRef } from '../approval/git.ts';

/**
 * The files of a project as they are at a git ref; symbolic links are answered as if nothing were there.
 * @param directory of the lockfile, relative to the root of the repository
 */
export function filesAtRef(root: string, ref: string, directory: string): ProjectFiles {
  const inside = (file: string): string | undefined => {
    const normal = path.normalize(file).replace(/\/$/, '');
    const base = path.normalize(directory);
    return base === '.' ? (normal.startsWith('..') ? undefined : normal) : isBelow(normal, base) ? normal : undefined;
  };
  return {
    read: async (file) => {
      const name = inside(file);
      return name === undefined ? undefined : readAtRef(root, ref, name);
    },
    list: async (folder) => {
      const name = inside(folder);
      return name === undefined ? undefined : listAtRef(root, ref, name);
    },
  };
}

function isBelow(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

/** What a folder holds at a ref; undefined: there is no such folder. */
export async function listAtRef(
  root: string,
  ref: string,
  folder: string,
): Promise<readonly DirectoryItem[] | undefined> {
  const commit = await askGit(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  if (commit === undefined) return undefined;
  const tree = folder === '.' ? [] : ['--', `${folder}/`];
  const listed = await askGit(root, ['ls-tree', '--full-tree', '-z', commit, ...tree]);
  return listed?.split('\0').flatMap((row): DirectoryItem[] => {
    const found = /^(100|040)\d{3} (?:blob|tree) [0-9a-f]+\t(.+)$/s.exec(row);
    return found?.[2] === undefined
      ? []
      : [{ name: path.basename(found[2]), type: found[1] === '040' ? 'directory' : 'file' }];
  });
}
