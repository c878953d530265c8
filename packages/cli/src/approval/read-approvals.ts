import { readFile } from 'node:fs/promises';
import { approvalsFileOf, parseApprovals, type StoredBundle } from '@lockseal/signer/enforce';
import { LocksealError } from '@lockseal/core/approval';
import { readAtRef, refuseAmbiguous } from './git.ts';
import { relativePath, type Place } from './place.ts';

/** The approvals beside a lockfile; none where there is no such file. */
export async function readApprovals(place: Place): Promise<readonly StoredBundle[]> {
  const file = approvalsFileOf(place.file);
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return new Uint8Array();
    throw unreadable(file, cause);
  });
  return parseApprovals(bytes, file);
}

/**
 * The approvals as they were at the baseline: a file of approvals, or a git ref. A path wins over a ref of that name,
 * and a ref that has no approvals yet is a baseline at which nothing was approved.
 */
export async function readBaseline(
  baseline: string,
  place: Place,
  resolve: (file: string) => string,
): Promise<readonly StoredBundle[]> {
  const given = resolve(baseline);
  const bytes = await readFile(given).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw unreadable(given, cause);
  });
  if (bytes !== undefined) {
    if (place.isRepository) await refuseAmbiguous(place.root, baseline, given);
    return parseApprovals(bytes, given);
  }
  const name = relativePath(place.root, approvalsFileOf(place.file));
  const atRef = await readAtRef(place.root, baseline, name);
  return atRef === undefined ? [] : parseApprovals(atRef, `${baseline}:${name}`);
}

function unreadable(file: string, cause: Error): LocksealError {
  return new LocksealError('ERR_CONFIG', 'The file of approvals could not be read.', {
    file,
    found: cause.message,
    cause,
  });
}
