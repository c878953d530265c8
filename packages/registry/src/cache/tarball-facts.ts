import { deserialize, serialize } from 'node:v8';
import type { TarballFacts, TarballFile } from '@lockseal/core';
import type { Cache } from './store.ts';

/** Raised whenever `readTarball` changes what it tells, so that no older reading is taken for a new one. */
const READER = 'r3';

/** What is known of a tarball by its sha512 (lower-case hex); undefined: nothing, or nothing usable. */
export async function getTarballFacts(cache: Cache | undefined, sha512: string): Promise<TarballFacts | undefined> {
  const cached = await cache?.get(keyOf(sha512));
  if (cached === undefined) return undefined;
  try {
    const record: unknown = deserialize(cached.bytes);
    if (!isRecord(record) || record.sha512 !== sha512) return undefined;
    return { ...record, list: record.list && unpack(record.list) };
  } catch {
    // Written by a newer Node, or not by us: as good as absent, and replaced when the tarball is read again.
    return undefined;
  }
}

/** Structured clone data, since the facts hold Maps and Sets. */
export async function putTarballFacts(cache: Cache | undefined, facts: TarballFacts): Promise<void> {
  const record: CachedFacts = { ...facts, list: facts.list && pack(facts.list) };
  await cache?.put(keyOf(facts.sha512), serialize(record), undefined);
}

type CachedFacts = Omit<TarballFacts, 'list'> & { readonly list: PackedList | undefined };

/** The list by columns, in a quarter of the room: some packages have tens of thousands of files. */
interface PackedList {
  readonly paths: readonly string[];
  readonly sizes: readonly number[];
  /** 32 bytes a file. */
  readonly sha256: Uint8Array;
  /** One byte a file. */
  readonly executable: Uint8Array;
  readonly programs: readonly (TarballFile['program'] | null)[];
}

function pack(list: readonly TarballFile[]): PackedList {
  return {
    paths: list.map(({ path }) => path),
    sizes: list.map(({ size }) => size),
    sha256: Buffer.concat(list.map(({ sha256 }) => Buffer.from(sha256, 'hex'))),
    executable: Uint8Array.from(list, ({ executable }) => Number(executable)),
    programs: list.map(({ program }) => program ?? null),
  };
}

function unpack({ paths, sizes, sha256, executable, programs }: PackedList): readonly TarballFile[] {
  const digests = Buffer.from(sha256.buffer, sha256.byteOffset, sha256.byteLength);
  return paths.map((path, index) => ({
    path,
    size: sizes[index] ?? 0,
    sha256: digests.toString('hex', index * 32, index * 32 + 32),
    executable: executable[index] === 1,
    program: programs[index] ?? undefined,
  }));
}

function keyOf(sha512: string): string {
  return `tarball-facts:${READER}:${sha512}`;
}

/** The cache checks content against its digest, so that these members tell our records from anything else. */
function isRecord(value: unknown): value is CachedFacts {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'sha512' in value && 'manifest' in value && 'list' in value && 'yarnZip' in value && value.yarnZip instanceof Map
  );
}
