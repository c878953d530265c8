import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { LocksealError, type TarballFacts } from '@lockseal/core';
import type { CodeCollector } from './code-collector.ts';
import { ContentsCollector, tooLarge, unreadable, UnreadableTarball } from './contents.ts';
import { TARBALL_LIMITS, type TarballLimits } from './limits.ts';
import { createYarnZips, type YarnZip, type YarnZipRequest } from './yarn-zip.ts';

export interface TarballOptions {
  readonly limits?: TarballLimits;
  /** Which of Yarn's zips to rebuild. */
  readonly yarn?: YarnZipRequest | undefined;
  /** Is shown every file of code. */
  readonly code?: CodeCollector | undefined;
}

/** Node hands over a piece in microseconds, whatever its size: a quarter of the time went there with its own 16 KiB. */
const GZIP_CHUNK = 64 * 1024;
const SNIFFED = [
  [0x1f, 0x8b],
  [0x28, 0xb5],
];

/**
 * Reads a .tgz whole, in one pass and in bounded memory, and tells what is in it.
 * The archive is read by npm's own `tar`, so that what we judge is what npm extracts; nothing is written.
 * @throws UnreadableTarball (ERR_TARBALL_UNREADABLE) once the stream has come whole, LocksealError ERR_RESPONSE_TOO_LARGE where a bound is exceeded; and whatever
 *   the stream itself fails with
 */
export async function readTarball(
  stream: AsyncIterable<Uint8Array>,
  options: TarballOptions = {},
): Promise<TarballFacts> {
  const limits = options.limits ?? TARBALL_LIMITS;
  const contents = new ContentsCollector(limits);
  const zips = await createYarnZips(options.yarn);
  const packed = { size: 0, sha512: createHash('sha512'), sha1: createHash('sha1') };
  const tarHash = createHash('sha512');
  const gunzip = createGunzip({ chunkSize: GZIP_CHUNK });
  const source = Readable.from(countPacked(stream, packed, limits), { objectMode: false });
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  const tar = new TarReader(contents, zips, options.code);
  let unpacked = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      if (unpacked > limits.unpacked) throw tooLarge('bytes unpacked', limits.unpacked);
      if (unpacked > limits.ratio * packed.size) throw tooLarge('times its packed size', limits.ratio);
      tarHash.update(chunk);
      tar.write(chunk);
    }
    tar.end();
  } catch (error) {
    const fault = isZlibError(error) ? unreadable('it is not gzip data, or is cut short', error) : error;
    if (!isUnreadable(fault)) throw fault;
    source.unpipe(gunzip);
    for await (const _ of source) continue;
    throw new UnreadableTarball(fault, { sha512: packed.sha512.digest('hex'), sha1: packed.sha1.digest('hex') });
  } finally {
    source.destroy();
    gunzip.destroy();
  }
  if (gunzip.bytesWritten < packed.size) contents.oddities.add('data after the end of the gzip stream');
  return {
    size: packed.size,
    sha512: packed.sha512.digest('hex'),
    sha1: packed.sha1.digest('hex'),
    tarSha512: tarHash.digest('hex'),
    ...contents.finish(),
    yarnZip: new Map(zips.flatMap((zip) => zip.finish())),
  };
}

async function* countPacked(
  stream: AsyncIterable<Uint8Array>,
  packed: { size: number; readonly sha512: Hash; readonly sha1: Hash },
  limits: TarballLimits,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    packed.size += chunk.length;
    if (packed.size > limits.packed) throw tooLarge('bytes', limits.packed);
    packed.sha512.update(chunk);
    packed.sha1.update(chunk);
    yield chunk;
  }
}

type Hash = ReturnType<typeof createHash>;

/** npm's tar parser, fed with the tar itself and stopped at the first fault that npm, too, would fail on. */
class TarReader {
  readonly #parser: Parser;
  readonly #contents: ContentsCollector;
  #ended = false;
  #sniffed = false;
  #fault: unknown;

  constructor(contents: ContentsCollector, zips: readonly YarnZip[], code: CodeCollector | undefined) {
    this.#contents = contents;
    this.#parser = new Parser({
      onReadEntry: (entry) => this.#onEntry(entry, zips, code),
      onwarn: (code, message) => this.#onWarning(code, String(message)),
    });
    this.#parser.on('ignoredEntry', (entry: ReadEntry) => {
      contents.oddities.add(`ignored entry of type ${entry.type}`, entry.path);
    });
    this.#parser.on('eof', () => {
      this.#ended = true;
    });
  }

  write(chunk: Buffer): void {
    if (this.#ended) {
      // The parser would hold back and copy whatever follows the end marker; npm never looks at it.
      if (chunk.some((byte) => byte !== 0)) this.#contents.oddities.add('data after the end of the archive');
      return;
    }
    if (!this.#sniffed) {
      this.#sniffed = true;
      // The parser would decompress a second time, which npm does not do.
      if (SNIFFED.some(([a, b]) => chunk[0] === a && chunk[1] === b)) throw unreadable('it is compressed twice');
    }
    this.#parser.write(chunk);
    this.#rethrow();
  }

  end(): void {
    if (!this.#ended) this.#parser.end();
    this.#rethrow();
  }

  #onEntry(entry: ReadEntry, zips: readonly YarnZip[], code: CodeCollector | undefined): void {
    try {
      const { path, whole, pieces } = this.#contents.enter(entry);
      const seen = path === undefined ? undefined : code?.enter(path, entry.size);
      const wanted = [whole, seen, ...zips.map((zip) => zip.enter(entry))].flatMap((sink) => sink ?? []);
      if (pieces !== undefined)
        entry.on('data', (bytes: Uint8Array) => pieces.add(bytes)).on('end', () => pieces.end());
      if (wanted.length > 0) collect(entry, wanted);
      if (pieces === undefined && wanted.length === 0) entry.resume();
    } catch (error) {
      this.#fault ??= error;
      entry.resume();
    }
  }

  #onWarning(code: string, message: string): void {
    if (code === 'TAR_BAD_ARCHIVE' || code === 'TAR_ABORT') this.#fault ??= unreadable(message);
    else this.#contents.oddities.add('invalid entry', message);
  }

  #rethrow(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }
}

function collect(entry: ReadEntry, wanted: readonly ((bytes: Uint8Array) => void)[]): void {
  const chunks: Uint8Array[] = [];
  entry.on('data', (bytes: Uint8Array) => void chunks.push(Buffer.from(bytes)));
  entry.on('end', () => {
    const whole = Buffer.concat(chunks);
    for (const sink of wanted) sink(whole);
  });
}

function isUnreadable(error: unknown): error is LocksealError {
  return error instanceof LocksealError && error.code === 'ERR_TARBALL_UNREADABLE';
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
}
