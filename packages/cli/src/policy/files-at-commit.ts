import type { DirectoryItem, ProjectFiles } from '@lockseal/lockfile';
import { listTree, readBlob } from '../approval/git.ts';

/** Blobs by id: most files of a project are the same in many commits. */
export type BlobCache = Map<string, Uint8Array>;

/**
 * The files of a repository as they were at a commit, by their paths from its root. Links are answered as if nothing were
 * there: what they lead to may be anywhere.
 */
export async function filesAtCommit(root: string, commit: string, blobs: BlobCache): Promise<ProjectFiles> {
  const tree = await listTree(root, commit);
  const folders = foldersOf(tree.keys());
  return {
    read: async (file) => {
      const id = tree.get(file);
      if (id === undefined) return undefined;
      const bytes = blobs.get(id) ?? (await readBlob(root, id));
      blobs.set(id, bytes);
      return bytes;
    },
    list: async (folder) => {
      const items = folders.get(folder.replace(/\/$/, ''));
      return items && [...items].map(([name, type]) => ({ name, type }));
    },
  };
}

type Folders = ReadonlyMap<string, ReadonlyMap<string, DirectoryItem['type']>>;

/** What each folder holds; '.' is the root. */
function foldersOf(files: Iterable<string>): Folders {
  const folders = new Map<string, Map<string, DirectoryItem['type']>>();
  const add = (path: string, type: DirectoryItem['type']): void => {
    const slash = path.lastIndexOf('/');
    const folder = slash < 0 ? '.' : path.slice(0, slash);
    const items = folders.get(folder);
    if (items === undefined) {
      folders.set(folder, new Map([[path.slice(slash + 1), type]]));
      if (folder !== '.') add(folder, 'directory');
    } else items.set(path.slice(slash + 1), type);
  };
  for (const file of files) add(file, 'file');
  return folders;
}
