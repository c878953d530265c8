import { constants } from 'node:fs';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import process from 'node:process';

/** Follows no link and waits for nobody at a pipe; what is opened must still be asked whether it is a file. */
export const READ_REGULAR: number = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** Makes a file that was not there before. */
export const CREATE: number = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** The folder cannot be had, or not be believed. */
export class StoreError extends Error {}

/**
 * Makes the folder where there is none, for its owner alone. What is there already must be a folder of this user, and
 * no link: whoever can put one there must not choose where we write.
 * @throws StoreError, or what the file system throws
 */
export async function ownDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const stat = await lstat(directory);
  if (!stat.isDirectory()) throw new StoreError(`${directory} is no folder`);
  if (process.geteuid !== undefined && stat.uid !== process.geteuid()) {
    throw new StoreError(`${directory} belongs to somebody else`);
  }
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) await chmod(directory, 0o700);
}
