import { asLocksealError, LocksealError, type TarballFile } from '@lockseal/core';
import type { ApprovedArtifact, FileLists } from '@lockseal/gate';
import { getTarballFacts, putTarballFacts, readTarball, type Cache } from '@lockseal/registry';

/** Opens the bytes of a tarball; nothing about them is believed. */
export type TarballBytes = (
  artifact: ApprovedArtifact,
) => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>;

/**
 * Lists the files of approved tarballs, from the sealed cache where an earlier run has read the same bytes. A list always
 * comes from bytes of the approved sha512; others reject with ERR_INSTALLED.
 */
export function createFileLists(tarball: TarballBytes, cache: Cache | undefined): FileLists {
  const listed = new Map<string, Promise<readonly TarballFile[]>>();
  return (artifact) => {
    const list = listed.get(artifact.sha512) ?? listOf(artifact, tarball, cache);
    listed.set(artifact.sha512, list);
    return list;
  };
}

async function listOf(
  artifact: ApprovedArtifact,
  tarball: TarballBytes,
  cache: Cache | undefined,
): Promise<readonly TarballFile[]> {
  const known = getTarballFacts(cache, artifact.sha512)?.list;
  if (known !== undefined) return known;
  const facts = await readBytes(artifact, tarball);
  if (facts.sha512 !== artifact.sha512) throw failure('its bytes are not the approved ones');
  putTarballFacts(cache, facts, ['list']);
  if (facts.list === undefined) throw failure('it has more files than are listed');
  return facts.list;
}

async function readBytes(artifact: ApprovedArtifact, tarball: TarballBytes): ReturnType<typeof readTarball> {
  try {
    return await readTarball(await tarball(artifact), { extras: ['list'] });
  } catch (error) {
    const cause = asLocksealError(error);
    throw failure(cause.message, cause);
  }
}

function failure(reason: string, cause?: unknown): LocksealError {
  return new LocksealError('ERR_INSTALLED', reason, { cause });
}
