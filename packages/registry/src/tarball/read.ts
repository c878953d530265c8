import { hash, webcrypto } from 'node:crypto';
import type { TarballFacts } from '@lockseal/core';
import { TARBALL_LIMITS } from './limits.ts';
import { readPieces } from './read-pieces.ts';
import { joined, readWhole, SMALL } from './read-whole.ts';
import { openReading, type TarballOptions, type WholeReader } from './reading.ts';
import { ReadingPool } from './reading-pool.ts';

export type { TarballOptions } from './reading.ts';

export interface ReadOptions extends TarballOptions {
  /** What is known already of a tarball by its sha512 (lower-case hex): it is not unpacked again. */
  readonly known?: ((sha512: string) => TarballFacts | undefined) | undefined;
}

/**
 * Reads a .tgz whole, in one pass and in bounded memory, and tells what is in it.
 * The archive is read by npm's own `tar`, so that what we judge is what npm extracts; nothing is written.
 * @throws UnreadableTarball (ERR_TARBALL_UNREADABLE) once the stream has come whole, LocksealError ERR_RESPONSE_TOO_LARGE where a bound is exceeded; and whatever
 *   the stream itself fails with
 */
export async function readTarball(
  stream: AsyncIterable<Uint8Array>,
  { known, ...options }: ReadOptions = {},
  whole: WholeReader = readWhole,
): Promise<TarballFacts> {
  const start = await startOf(stream, Math.min(SMALL, (options.limits ?? TARBALL_LIMITS).packed));
  if (start.rest !== undefined) return readPieces(start.rest, await openReading(options));
  if (known === undefined) return whole(start.pieces, options);
  const bytes = joined(start.pieces);
  return known(await sha512Of(bytes)) ?? whole([bytes], options);
}

/** Bytes from which a hash is worth a way to another thread and back. */
const WORTH_A_THREAD = 64 * 1024;

/** On libuv's threads, several at once: without the webcrypto interface Node hashes on this one. */
async function sha512Of(bytes: Uint8Array): Promise<string> {
  if (bytes.length < WORTH_A_THREAD || !isOwn(bytes)) return hash('sha512', bytes);
  return Buffer.from(await webcrypto.subtle.digest('SHA-512', bytes)).toString('hex');
}

/** What threads share the webcrypto interface does not take. */
function isOwn(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer;
}

export type TarballReader = (stream: AsyncIterable<Uint8Array>, options?: ReadOptions) => Promise<TarballFacts>;

/** Reads many tarballs, on all cores. */
export function createPooledReader(whole: WholeReader = readWhole, threads?: number): TarballReader {
  const pool = new ReadingPool(whole, threads);
  return (stream, options) => readTarball(stream, options, (pieces, rest) => pool.read(pieces, rest));
}

/** The bytes of a stream that ends within a bound, or all of the stream where it goes on. */
type Start =
  | { readonly pieces: readonly Uint8Array[]; readonly rest?: undefined }
  | { readonly rest: AsyncIterable<Uint8Array> };

async function startOf(stream: AsyncIterable<Uint8Array>, most: number): Promise<Start> {
  const iterator = stream[Symbol.asyncIterator]();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) return { pieces };
    pieces.push(next.value);
    size += next.value.length;
    if (size > most) return { rest: resume(pieces, iterator) };
  }
}

async function* resume(chunks: readonly Uint8Array[], iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}
