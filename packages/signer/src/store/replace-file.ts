import { randomUUID } from 'node:crypto';
import { lstat, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a file so that a reader sees the old bytes or the new ones, never half: a temporary file beside it, synced, then
 * renamed. What is there and is neither a file nor a link (a device, a pipe, a folder) is never replaced. A symbolic link
 * is not followed: the file takes its place, so that nobody can make us write elsewhere.
 * @throws what the file system throws; the temporary file is gone
 */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  await requireReplaceable(file);
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
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
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
