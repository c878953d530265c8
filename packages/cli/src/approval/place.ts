import path from 'node:path';
import { LocksealError } from '@lockseal/core/approval';
import type { LockfileDigests } from '@lockseal/signer/enforce';
import type { Console } from '../io/console.ts';
import { readLockfileBytes } from '../io/find-lockfile.ts';
import type { VerifiedFile } from '../verify-file.ts';
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

/**
 * The place of a lockfile that was verified just now, and its bytes as they are read again.
 * @throws LocksealError ERR_LOCKFILE_UNREADABLE where they are other ones than were verified
 */
export async function placeOfVerified({
  file,
  verification,
}: Pick<VerifiedFile, 'file' | 'verification'>): Promise<{ readonly place: Place; readonly bytes: Uint8Array }> {
  const bytes = await readLockfileBytes(file);
  const place = await placeOf(file, bytes);
  if (place.lockfile.sha512 === verification.lockfile.sha512) return { place, bytes };
  throw new LocksealError('ERR_LOCKFILE_UNREADABLE', 'The lockfile was changed while it was verified.', { file });
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
