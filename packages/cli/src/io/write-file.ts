import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { LocksealError } from '@lockseal/core';

/**
 * Writes a file so that a reader sees the old bytes or the new ones, never half: temporary file beside it, synced,
 * then renamed.
 * @throws LocksealError ERR_OUTPUT (no such folder, no space, no permission); the temporary file is gone
 */
export async function writeFileAtomically(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}.tmp`);
  try {
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
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new LocksealError('ERR_OUTPUT', `The report could not be written to ${file}.`, {
      file,
      found,
      hint: 'Give --output a path in a folder that exists and can be written.',
      cause,
    });
  }
}
