import type { TarballExtra, TarballFacts } from '@lockseal/core';
import type { CodeCollector } from './code-collector.ts';
import { ContentsCollector } from './contents.ts';
import { ALL_EXTRAS } from './extras.ts';
import { TARBALL_LIMITS, type TarballLimits } from './limits.ts';
import { TarReader } from './tar-reader.ts';
import { createYarnZips, type YarnZipRequest } from './yarn-zip.ts';

export interface TarballOptions {
  readonly limits?: TarballLimits;
  /** Which of Yarn's zips to rebuild. */
  readonly yarn?: YarnZipRequest | undefined;
  /** What to compute beside the rest; left out: everything. */
  readonly extras?: readonly TarballExtra[] | undefined;
  /** Is shown every file of code. */
  readonly code?: CodeCollector | undefined;
}

/** Reads a small tarball, which is all there, here or on another thread: see `readWhole`. */
export type WholeReader = (pieces: readonly Uint8Array[], options: TarballOptions) => Promise<TarballFacts>;

/** What only all bytes together tell; `sha1` and `tarSha512` where they were asked for. */
export interface TarballDigests {
  readonly size: number;
  readonly sha512: string;
  readonly sha1?: string;
  readonly tarSha512?: string;
}

/** One tarball that is being read: whoever has its bytes feeds `tar` with what they unpack to. */
export interface Reading {
  readonly limits: TarballLimits;
  readonly extras: ReadonlySet<TarballExtra>;
  readonly contents: ContentsCollector;
  readonly tar: TarReader;
  /** Asked at the end: see `YarnZip`. */
  readonly repeats: () => boolean;
  /** @throws LocksealError ERR_TARBALL_UNREADABLE */
  readonly finish: (digests: TarballDigests) => TarballFacts;
}

export async function openReading(options: TarballOptions): Promise<Reading> {
  const limits = options.limits ?? TARBALL_LIMITS;
  const extras = new Set(options.extras ?? ALL_EXTRAS);
  const contents = new ContentsCollector(limits, extras.has('list'));
  const zips = await createYarnZips(options.yarn);
  return {
    limits,
    extras,
    contents,
    tar: new TarReader(contents, zips, options.code),
    repeats: () => zips.some((zip) => zip.repeats),
    finish: ({ size, sha512, sha1, tarSha512 }) => ({
      size,
      sha512,
      sha1,
      tarSha512,
      ...contents.finish(),
      yarnZip: new Map(zips.flatMap((zip) => zip.finish())),
    }),
  };
}
