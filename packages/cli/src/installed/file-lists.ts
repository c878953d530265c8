import { asLocksealError, LocksealError, type TarballFacts, type TarballFile } from '@lockseal/core';
import type { ApprovedArtifact, FileLists } from '@lockseal/gate';
import {
  createTarballReader,
  getTarballFacts,
  putTarballFacts,
  type Cache,
  type TarballReader,
} from '@lockseal/registry';

/** Opens the bytes of a tarball; nothing about them is believed. */
export type TarballBytes = (
  artifact: ApprovedArtifact,
) => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>;

/** Lists of tarballs' files, by the sha512 of the tarball. */
export type KnownLists = ReadonlyMap<string, readonly TarballFile[]>;

/**
 * Lists the files of approved tarballs, from the sealed cache where an earlier run has read the same bytes. A list always
 * comes from bytes of the approved sha512; others reject with ERR_INSTALLED.
 */
export function createFileLists(
  tarball: TarballBytes,
  cache: Cache | undefined,
  known: KnownLists = new Map(),
  read: TarballReader = createTarballReader(),
): FileLists {
  const listed = new Map([...known].map(([sha512, list]) => [sha512, Promise.resolve(list)]));
  return (artifact) => {
    const list = listed.get(artifact.sha512) ?? listOf(artifact, () => readBytes(artifact, tarball, read), cache);
    listed.set(artifact.sha512, list);
    return list;
  };
}

async function listOf(
  artifact: ApprovedArtifact,
  read: () => Promise<TarballFacts>,
  cache: Cache | undefined,
): Promise<readonly TarballFile[]> {
  const known = getTarballFacts(cache, artifact.sha512)?.list;
  if (known !== undefined) return known;
  const facts = await read();
  if (facts.sha512 !== artifact.sha512) throw failure('its bytes are not the approved ones');
  putTarballFacts(cache, facts, ['list']);
  if (facts.list === undefined) throw failure('it has more files than are listed');
  return facts.list;
}

async function readBytes(
  artifact: ApprovedArtifact,
  tarball: TarballBytes,
  read: TarballReader,
): Promise<TarballFacts> {
  try {
    return await read(await tarball(artifact), { extras: ['list'] });
  } catch (error) {
    const cause = asLocksealError(error);
    throw failure(cause.message, cause);
  }
}

function failure(reason: string, cause?: unknown): LocksealError {
  return new LocksealError('ERR_INSTALLED', reason, { cause });
}
