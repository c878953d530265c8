import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import path from 'node:path';
import { LocksealError } from '@lockseal/core';
import { parseApprovals } from './approvals-file.ts';
import { replaceFile } from './replace-file.ts';

/** An approval takes seconds at most to write; a lock that was not renewed for this long belongs to a dead process. */
const STALE_MS = 20_000;
const RETRIES = { retries: 60, minTimeout: 25, maxTimeout: 1000, factor: 1.4 };

/**
 * Changes a file of approvals while a lock keeps other processes out. It must be well-formed before and after, and no
 * symbolic link: whoever can write a folder could make us read, or carry into the repository, a file from elsewhere.
 * @param change gets the bytes (none where there is no file) and returns the new ones; the same ones: nothing is written
 * @throws LocksealError ERR_APPROVALS_WRITE; as `parseApprovals` where the file is not well-formed
 */
export async function editApprovals(
  file: string,
  change: (bytes: Buffer) => Uint8Array | Promise<Uint8Array>,
): Promise<void> {
  const lock = await acquire(file);
  try {
    const before = await readExisting(file);
    parseApprovals(before, file);
    const after = await change(before);
    if (after === before) return;
    parseApprovals(after, file);
    if (lock.isLost()) throw unwritable(file, new Error('the lock was lost while the file was changed'));
    await replaceFile(file, after).catch((cause: unknown) => {
      throw unwritable(file, cause);
    });
  } finally {
    await lock.release();
  }
}

interface Lock {
  /** Somebody else took it over: this process stood still for too long. */
  readonly isLost: () => boolean;
  readonly release: () => Promise<void>;
}

async function acquire(file: string): Promise<Lock> {
  const { default: lockfile } = await import('proper-lockfile');
  let lost = false;
  const onCompromised = (): void => void (lost = true);
  try {
    // The library would try again and again, for a minute, where the folder is not there or may not be written.
    await access(path.dirname(file), constants.W_OK);
    const release = await lockfile.lock(file, { realpath: false, stale: STALE_MS, retries: RETRIES, onCompromised });
    return { isLost: () => lost, release: async () => (lost ? undefined : release()) };
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

async function readExisting(file: string): Promise<Buffer> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return Buffer.alloc(0);
    throw unwritable(file, code === 'ELOOP' ? new Error('it is a symbolic link') : cause);
  }
}

function unwritable(file: string, cause: unknown): LocksealError {
  return new LocksealError('ERR_APPROVALS_WRITE', `${file} could not be changed.`, {
    file,
    found: cause instanceof Error ? cause.message : String(cause),
    hint: `Check that the folder can be written, that the file is no link, and that ${file}.lock is not left over; then try again.`,
    cause,
  });
}
