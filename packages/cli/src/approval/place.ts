import path from 'node:path';
import type { LockfileDigests } from '@lockseal/signer/enforce';
import type { Console } from '../io/console.ts';
import { hashLockfile } from './hash.ts';
import { gitRoot } from './git.ts';

/** A lockfile and the tree that it lies in. */
export interface Place {
  /** Absolute path of the lockfile. */
  readonly file: string;
  /** The root of the git working tree, or the lockfile's folder where there is none. */
  readonly root: string;
  readonly isRepository: boolean;
  /** Path within the root, with forward slashes, and digests. */
  readonly lockfile: LockfileDigests;
}

export async function placeOf(file: string, bytes: Uint8Array): Promise<Place> {
  const directory = path.dirname(file);
  const found = await gitRoot(directory);
  const root = found ?? directory;
  return { file, root, isRepository: found !== undefined, lockfile: hashLockfile(relativePath(root, file), bytes) };
}

/** With forward slashes on every system: it is signed. */
export function relativePath(root: string, file: string): string {
  return path.relative(root, file).split(path.sep).join('/');
}

/** A path as the person at the terminal would write it. */
export function shownPath(file: string, { cwd }: Pick<Console, 'cwd'>): string {
  const shown = path.relative(cwd, file);
  return shown.startsWith('..') ? file : shown;
}
