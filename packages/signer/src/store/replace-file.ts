import { randomUUID } from 'node:crypto';
import { link, lstat, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a file so that a reader sees the old bytes or the new ones, never half: a temporary file beside it, synced, then
 * renamed. What is there and is neither a file nor a link (a device, a pipe, a folder) is never replaced. A symbolic link
 * is not followed: the file takes its place, so that nobody can make us write elsewhere.
 * @throws what the file system throws; the temporary file is gone
 */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  await requireReplaceable(file);
  await withTemporary(file, content, (temporary) => rename(temporary, file));
  await syncFolder(path.dirname(file));
}

/**
 * As `replaceFile`, but where nothing is yet: what is there when the file is whole stays, whatever it is, a link that
 * leads nowhere too. There is no moment between the question and the writing: the file system decides (link(2)), so
 * that of two writers at once one wins.
 * @throws what the file system throws: EEXIST where there is something; EPERM or ENOTSUP where it knows no hard links
 */
export async function createFile(file: string, content: string | Uint8Array): Promise<void> {
  await withTemporary(file, content, async (temporary) => {
    await link(temporary, file);
    await rm(temporary);
  });
  await syncFolder(path.dirname(file));
}

/** @param install gives the file its name; the temporary file has the whole content, and that is on the disk */
async function withTemporary(
  file: string,
  content: string | Uint8Array,
  install: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}.tmp`);
  try {
    // "x" fails on anything that is there, links too.
    const handle = await open(temporary, 'wx', 0o644);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await install(temporary);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

/** The new name outlasts a power failure, too. The file is in its place already: what cannot be synced is no failure. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows opens no folders, and some file systems sync none.
  }
}

async function requireReplaceable(file: string): Promise<void> {
  const found = await lstat(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  });
  if (found === undefined || found.isFile() || found.isSymbolicLink()) return;
  throw new Error(`${file} is no regular file`);
}
