import { LocksealError } from '@lockseal/core';
import { replaceFile } from '@lockseal/signer/files';

/**
 * Writes a file so that a reader sees the old bytes or the new ones, never half.
 * @throws LocksealError ERR_OUTPUT (no such folder, no space, no permission, something there that is no file)
 */
export async function writeFileAtomically(file: string, content: string | Uint8Array): Promise<void> {
  await replaceFile(file, content).catch((cause: unknown) => {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new LocksealError('ERR_OUTPUT', `The report could not be written to ${file}.`, {
      file,
      found,
      hint: 'Give --output a path in a folder that exists and can be written.',
      cause,
    });
  });
}
