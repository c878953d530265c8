import fs from 'node:fs';
import path from 'node:path';
import type { ProjectFiles } from '@lockseal/lockfile';

/** The files below one directory of the disk, over those below another: the first that has a path answers. */
export function diskFiles(...roots: readonly string[]): ProjectFiles {
  const find = (file: string): string | undefined =>
    roots.map((root) => path.join(root, file)).find((full) => fs.existsSync(full));
  return {
    read: async (file) => {
      const full = find(file);
      return full === undefined ? undefined : fs.readFileSync(full);
    },
    list: async (folder) => {
      const found = roots.map((root) => path.join(root, folder)).filter((full) => fs.existsSync(full));
      if (found.length === 0) return undefined;
      const items = found.flatMap((full) => fs.readdirSync(full, { withFileTypes: true }));
      const byName = new Map(items.map((item) => [item.name, item]));
      return [...byName.values()].map((item) => ({
        name: item.name,
        type: item.isDirectory() ? 'directory' : item.isFile() ? 'file' : 'other',
      }));
    },
  };
}
