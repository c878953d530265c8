import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { LockedPackage } from '@lockseal/core';
import { programsIn } from '@lockseal/gate';

type Programs = readonly (readonly [name: string, file: string])[];

/** Others could be no file's name, or hard to type. */
const NAME = /^[\w@+-][\w.@+-]*$/;

/** @param programs as a package.json in the folder names them */
export function namedPrograms(programs: ReadonlyMap<string, string>, folder: string): Programs {
  return [...programs].flatMap(([name, file]) => (NAME.test(name) ? [[name, path.join(folder, file)] as const] : []));
}

/**
 * The programs of a package's dependencies where Yarn's pnpm linker keeps it: those lie beside it, in a `node_modules` without
 * a `.bin`. undefined: it lies where npm's runner finds them by itself.
 * @param directory of the package: absolute
 */
export async function programsBeside(
  directory: string,
  { edges }: Pick<LockedPackage, 'edges'>,
): Promise<ReadonlyMap<string, string> | undefined> {
  if (!/\/node_modules\/\.store\/[^/]+\/package$/.test(directory)) return undefined;
  const found = await Promise.all(edges.map(({ name }) => programsOf(path.join(directory, '../node_modules', name))));
  return new Map(found.flat());
}

/** None of a dependency that is not there: it is optional, which the comparison has made sure of. */
async function programsOf(folder: string): Promise<Programs> {
  const bytes = await readFile(path.join(folder, 'package.json')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return bytes === undefined ? [] : namedPrograms(programsIn(bytes), folder);
}
