import path from 'node:path';
import { LocksealError, type Baseline, type Lockfile } from '@lockseal/core';
import { readLockfile } from '@lockseal/lockfile';
import { gitRoot, readAtRef } from '../approval/git.ts';
import { relativePath } from '../approval/place.ts';

/**
 * What the lockfile locked at a git ref. A ref without the lockfile is a baseline that locks nothing: all is new then.
 * @throws LocksealError ERR_CONFIG outside of a repository, or for a ref that is not there
 */
export async function readBaseline(ref: string, file: string): Promise<Baseline> {
  const root = await gitRoot(path.dirname(file));
  if (root === undefined) {
    throw new LocksealError('ERR_CONFIG', '--base names a git ref, and this is no git repository.', {
      file,
      found: ref,
    });
  }
  const name = relativePath(root, file);
  const bytes = await readAtRef(root, ref, name);
  const origin = `${name} at ${ref}`;
  if (bytes === undefined) return { origin: `${origin}, where there is none`, versions: new Map() };
  return { origin, versions: versionsIn(readLockfile(`${ref}:${name}`, bytes)) };
}

/** Which versions a lockfile locks of each name. */
export function versionsIn({ entries }: Lockfile): Baseline['versions'] {
  const versions = new Map<string, string[]>();
  for (const { name, version } of entries) {
    if (version === undefined) continue;
    const known = versions.get(name);
    if (known === undefined) versions.set(name, [version]);
    else known.push(version);
  }
  return versions;
}
