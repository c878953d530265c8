// Reads tarballs from disk, several at a time, and nothing else: what a benchmark of hashing measures.
//
//   node read-tarballs.ts <folder> none|plain|known|new
//
// none: loads what the others load. plain: unpacks and hashes with Node alone, the least that one can do. known: as
// lockseal reads what it knows already, by its hash. new: as lockseal reads what it has never seen.
import { hash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { TarballFacts } from '@lockseal/core';
import { createTarballReader } from '@lockseal/registry';

/** As many as lockseal fetches at once. */
const AT_ONCE = 16;
const unpack = promisify(gunzip);

const [folder = '', mode = ''] = process.argv.slice(2);
const read = createTarballReader();
const files = readdirSync(folder).map((name) => path.join(folder, name));

/** Facts of another tarball: nobody looks at them. */
const known = (): TarballFacts => ({ sha512: '' }) as TarballFacts;
const ways: Readonly<Record<string, (bytes: Buffer) => Promise<unknown>>> = {
  plain: async (bytes) => [hash('sha512', bytes), await unpack(bytes)],
  known: (bytes) => read(once(bytes), { extras: [], known }),
  new: (bytes) => read(once(bytes), { extras: [] }),
};

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const way = ways[mode];
if (way === undefined && mode !== 'none') throw new Error(`there is no way ${mode} to read`);
const next = (way === undefined ? [] : files).values();
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (const file of next) await way?.(await readFile(file));
  }),
);
