import { type Lockfile } from '@lockseal/core';
import { dependencyPaths } from '@lockseal/lockfile';

type Path = readonly string[];

/**
 * For what was refused: from an importer to what is locked under a name, or else to who declares it without its being
 * locked (a peer that nobody brings, an optional dependency that was left out). undefined: nothing in the lockfile asks for it,
 * so that the command did, or something that it ran. Worked out at the first refusal.
 */
export function declaredPaths(lockfile: Lockfile): (name: string) => Path | undefined {
  let paths: ReadonlyMap<string, Path> | undefined;
  return (name) => {
    paths ??= walk(lockfile);
    return paths.get(name);
  };
}

function walk(lockfile: Lockfile): ReadonlyMap<string, Path> {
  const { entries, importers } = lockfile;
  const pathTo = dependencyPaths(lockfile);
  const paths = new Map<string, Path>();
  const note = (name: string, path: Path | undefined): void => {
    if (path !== undefined && !paths.has(name)) paths.set(name, path);
  };
  for (const { id, name } of entries) note(name, pathTo(id));
  const unlocked = (edges: Lockfile['importers'][number]['edges']): readonly string[] =>
    edges.flatMap(({ name, target }) => (target.type === 'none' ? [name] : []));
  for (const { path, edges } of importers) for (const name of unlocked(edges)) note(name, [path, name]);
  for (const { id, edges } of entries) {
    const declaring = pathTo(id);
    if (declaring !== undefined) for (const name of unlocked(edges)) note(name, [...declaring, name]);
  }
  return paths;
}
