import { readFile, stat } from 'node:fs/promises';
import { LocksealError } from '@lockseal/core';
import { PACK_LIMITS, readPack, type EvidencePack } from '@lockseal/registry';
import type { PackOption } from './pack-option.ts';

/** @throws LocksealError ERR_EVIDENCE_PACK, ERR_EVIDENCE_VERSION, ERR_EVIDENCE_TOO_LARGE, ERR_EVIDENCE_DIGEST */
export async function readPackFile({ file, sha256 }: PackOption): Promise<EvidencePack> {
  try {
    const { size } = await stat(file);
    // What is too large is not read at all.
    return readPack(size > PACK_LIMITS.file ? new Uint8Array(PACK_LIMITS.file + 1) : await readFile(file), sha256);
  } catch (cause) {
    if (cause instanceof LocksealError) {
      throw new LocksealError(cause.code, cause.message, { ...cause.details, file, cause: cause.cause });
    }
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new LocksealError('ERR_EVIDENCE_PACK', 'The evidence pack could not be read.', { file, found, cause });
  }
}
