import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * The program of this name on PATH. Folders inside the project are passed over, and so is a link from outside that leads
 * into it: what a project carries, `node_modules/.bin` above all, must not decide what installs it.
 * @param searchPath value of PATH; entries that are not absolute are passed over
 * @param project absolute path of the project's root
 * @returns undefined: there is none
 */
export async function findProgram(name: string, searchPath: string, project: string): Promise<string | undefined> {
  const root = await realpath(project);
  for (const folder of searchPath.split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    const file = path.join(folder, name);
    const real = await executable(file);
    if (real !== undefined && !isInside(real, root) && !isInside(file, root)) return file;
  }
  return undefined;
}

/**
 * PATH for what is started: without folders inside the project, links into it and relative ones. A package manager is a
 * script of `node`, and calls git and a shell by their names: a dependency's program of such a name must not be what runs.
 * @param searchPath value of PATH
 * @param project absolute path of the project's root
 */
export async function pathOutside(searchPath: string, project: string): Promise<string> {
  const root = await realpath(project);
  const folders = await Promise.all(
    searchPath.split(path.delimiter).map(async (folder) => {
      if (!path.isAbsolute(folder) || isInside(path.normalize(folder), root)) return [];
      const real = await realpath(folder).catch(() => undefined);
      return real === undefined || isInside(real, root) ? [] : [folder];
    }),
  );
  return folders.flat().join(path.delimiter);
}

async function executable(file: string): Promise<string | undefined> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile() ? await realpath(file) : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES' || code === 'ELOOP') return undefined;
    throw error;
  }
}

function isInside(file: string, root: string): boolean {
  return file === root || file.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
}
