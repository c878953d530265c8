import type { Lockfile } from '@lockseal/core';
import { readBun } from './bun/read.ts';
import { readDeno } from './deno/read.ts';
import { detect, refuseBinary } from './detect.ts';
import { readNpm } from './npm/read.ts';
import { readPnpm } from './pnpm/read.ts';
import { decodeLockfile } from './text.ts';
import { readVlt } from './vlt/read.ts';
import { readYarnBerry } from './yarn-berry/read.ts';
import { readYarnClassic } from './yarn-classic/read.ts';

/**
 * The bytes of a lockfile as locked packages. `path` serves to tell the format (see `detectFormat`) and stands in
 * messages; nothing is read from disk.
 * @throws LocksealError one of the ERR_LOCKFILE_* codes, with file, position, expected and found where they apply
 */
export function readLockfile(path: string, bytes: Uint8Array): Lockfile {
  refuseBinary(path, bytes);
  const text = decodeLockfile(path, bytes);
  const { format, json } = detect(text);
  switch (format) {
    case 'npm':
      return readNpm(text, json);
    case 'pnpm':
      return readPnpm(text);
    case 'yarn-classic':
      return readYarnClassic(text);
    case 'yarn-berry':
      return readYarnBerry(text);
    case 'bun':
      return readBun(text);
    case 'deno':
      return readDeno(text);
    case 'vlt':
      return readVlt(text);
  }
}
