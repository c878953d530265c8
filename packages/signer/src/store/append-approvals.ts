import { randomUUID } from 'node:crypto';
import { access, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { canonicalize, LocksealError, type Json } from '@lockseal/core';
import type { BundleJson } from '../sign/sign-statements.ts';
import { parseApprovals } from './approvals-file.ts';

/** An approval takes seconds at most to write; a lock that was not renewed for this long belongs to a dead process. */
const STALE_MS = 20_000;
const RETRIES = { retries: 60, minTimeout: 25, maxTimeout: 1000, factor: 1.4 };

/**
 * Adds bundles to a file of approvals, which is made where there is none. What was there stays, byte by byte: the new
 * file is written beside the old one, synced and renamed, and a lock keeps other processes out meanwhile.
 * @throws LocksealError ERR_APPROVALS_WRITE; as `parseApprovals` where the file is not well-formed: nothing is added to it
 */
export async function appendApprovals(file: string, bundles: readonly BundleJson[]): Promise<void> {
  const release = await lock(file);
  try {
    const before = await readExisting(file);
    parseApprovals(before, file);
    const added = bundles.map((bundle) => `${canonicalize(bundle as Json)}\n`).join('');
    const after = Buffer.concat([before, Buffer.from(added)]);
    parseApprovals(after, file);
    await replace(file, after);
  } finally {
    await release();
  }
}

async function lock(file: string): Promise<() => Promise<void>> {
  const { default: lockfile } = await import('proper-lockfile');
  try {
    // The library would try again and again where the folder is not there.
    await access(path.dirname(file));
    return await lockfile.lock(file, { realpath: false, stale: STALE_MS, retries: RETRIES });
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

async function readExisting(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return Buffer.alloc(0);
    throw unwritable(file, cause);
  });
}

async function replace(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}.tmp`);
  try {
    const handle = await open(temporary, 'wx', 0o644);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw unwritable(file, cause);
  }
}

function unwritable(file: string, cause: unknown): LocksealError {
  return new LocksealError('ERR_APPROVALS_WRITE', `The approval could not be added to ${file}.`, {
    file,
    found: cause instanceof Error ? cause.message : String(cause),
    hint: `Check that the folder can be written and that ${file}.lock is not left over; then approve again.`,
    cause,
  });
}
