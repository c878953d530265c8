import { hash } from 'node:crypto';
import { gunzipSync, type Gunzip } from 'node:zlib';
import type { TarballExtra, TarballFacts } from '@lockseal/core';
import { ContentsCollector, isUnreadable, UnreadableTarball } from './contents.ts';
import { TARBALL_LIMITS, type TarballLimits } from './limits.ts';
import { readPieces } from './read-pieces.ts';
import { openReading, type TarballDigests, type TarballOptions } from './reading.ts';
import { TarReader } from './tar-reader.ts';
import { createHeldZips } from './yarn-zip.ts';

const MiB = 1024 * 1024;

/** Bytes of a tarball that is held in memory while it is read. Nine of ten packages have less than a tenth. */
export const SMALL: number = 4 * MiB;
/** Bytes of the tar inside that are unpacked at once; what has more is read piece by piece. */
const UNPACKED: number = 32 * MiB;
/** Room that zlib gets at least, and in which the parser gets the tar: with all of it at once it is half as fast. */
const PIECE = 64 * 1024;

/** What comes in one piece is not copied. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only, ...others] = pieces;
  return only !== undefined && others.length === 0 ? only : Buffer.concat(pieces);
}

/**
 * Reads a small tarball, which is all there: see `readTarball`. Unpacked in one go, in a third of the time that a stream takes
 * for it; whatever is wrong with them is left to `readPieces`, so that both ways say the same.
 */
export async function readWhole(pieces: readonly Uint8Array[], options: TarballOptions = {}): Promise<TarballFacts> {
  const bytes = joined(pieces);
  const reading = await openReading(options);
  const { limits, extras, contents, tar, repeats, finish } = reading;
  const unpacked = unpack(bytes, limits);
  if (unpacked === undefined) return readPieces(once(bytes), reading);
  const digests = digestsOf(bytes, unpacked.buffer, extras);
  try {
    feed(tar, unpacked.buffer);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    throw new UnreadableTarball(error, digests);
  }
  if (unpacked.engine.bytesWritten < bytes.length) contents.oddities.add('data after the end of the gzip stream');
  const facts = finish(digests);
  return repeats() ? { ...facts, yarnZip: heldZips(unpacked.buffer, options) } : facts;
}

/** In pieces, which the parser takes faster. */
function feed(tar: TarReader, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; at += PIECE) tar.write(bytes.subarray(at, at + PIECE));
  tar.end();
}

/** Some few archives have a path twice, of which the first pass could make no zip. */
function heldZips(tar: Buffer, { yarn, limits }: TarballOptions): ReadonlyMap<string, string> {
  const zips = yarn === undefined ? [] : createHeldZips(yarn);
  feed(new TarReader(new ContentsCollector(limits ?? TARBALL_LIMITS, false), zips, undefined), tar);
  return new Map(zips.flatMap((zip) => zip.finish()));
}

interface Unpacked {
  readonly buffer: Buffer;
  readonly engine: Gunzip;
}

/** undefined: it is no gzip, cut short, or more than is unpacked at once. */
function unpack(bytes: Uint8Array, limits: TarballLimits): Unpacked | undefined {
  const most = Math.min(UNPACKED, limits.unpacked, limits.ratio * bytes.length);
  if (most < 1) return undefined;
  const chunkSize = Math.max(PIECE, Math.min(most, toldLength(bytes) + 1));
  try {
    return gunzipSync(bytes, { info: true, maxOutputLength: most, chunkSize }) as unknown as Unpacked;
  } catch (error) {
    if (isAboutData(error)) return undefined;
    throw error;
  }
}

/** What the end of the file says about its length (RFC 1952, 2.3.1): a hint, so that all of it is had in one piece. */
function toldLength(bytes: Uint8Array): number {
  return bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true);
}

function digestsOf(bytes: Uint8Array, tar: Uint8Array, extras: ReadonlySet<TarballExtra>): TarballDigests {
  return {
    size: bytes.length,
    sha512: hash('sha512', bytes),
    ...(extras.has('sha1') && { sha1: hash('sha1', bytes) }),
    ...(extras.has('tarSha512') && { tarSha512: hash('sha512', tar) }),
  };
}

function isAboutData(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return false;
  return error.code.startsWith('Z_') || error.code === 'ERR_BUFFER_TOO_LARGE';
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
