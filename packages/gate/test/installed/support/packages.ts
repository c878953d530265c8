// Real tarballs, listed as the command lists them and extracted by the library with which npm extracts.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, Parser, type ReadEntry } from 'tar';
import type { TarballFile } from '@lockseal/core';
import { packTarball, type TarballEntry } from '@lockseal/testkit';

/** Content by path below the package's folder, or what an archive says of it. */
export type Files = Readonly<Record<string, string | Partial<TarballEntry>>>;

export interface Packed {
  readonly name: string;
  readonly version: string;
  readonly tarball: Buffer;
  readonly sha512: string;
  readonly list: readonly TarballFile[];
}

export async function pack(name: string, version: string, files: Files, manifest: object = {}): Promise<Packed> {
  const all: Files = { 'package.json': `${JSON.stringify({ name, version, ...manifest })}\n`, ...files };
  const tarball = packTarball(
    Object.entries(all).map(([file, entry]) => ({
      path: `package/${file}`,
      ...(typeof entry === 'string' ? { content: entry } : entry),
    })),
  );
  const sha512 = createHash('sha512').update(tarball).digest('hex');
  return { name, version, tarball, sha512, list: await listOf(tarball) };
}

async function listOf(tarball: Buffer): Promise<readonly TarballFile[]> {
  const files: TarballFile[] = [];
  const parser = new Parser({
    onReadEntry: (entry: ReadEntry) => {
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => void chunks.push(chunk));
      entry.on('end', () => {
        if (entry.type !== 'File') return;
        const bytes = Buffer.concat(chunks);
        files.push({
          path: entry.path.split('/').slice(1).join('/'),
          size: bytes.length,
          sha256: createHash('sha256').update(bytes).digest('hex'),
          executable: ((entry.mode ?? 0) & 0o111) !== 0,
          program: undefined,
        });
      });
    },
  });
  await pipeline(Readable.from([tarball]), parser as unknown as NodeJS.WritableStream);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Extracts with the options of pacote, npm's fetcher: links are left out, `.gitignore` is renamed. */
export async function unpack({ tarball }: Packed, folder: string, { asNpm = false } = {}): Promise<void> {
  fs.mkdirSync(folder, { recursive: true });
  const seen = new Set<string>();
  const filter = (_: string, entry: fs.Stats | ReadEntry): boolean => {
    if (!('type' in entry)) return true;
    if (entry.type.endsWith('Link')) return false;
    if (!asNpm) return true;
    if (path.posix.basename(entry.path) === '.npmignore') seen.add(entry.path);
    if (path.posix.basename(entry.path) !== '.gitignore') return true;
    const renamed = entry.path.replace(/\.gitignore$/, '.npmignore');
    if (seen.has(renamed)) return false;
    entry.path = renamed;
    return true;
  };
  await pipeline(
    Readable.from([tarball]),
    extract({ cwd: folder, strip: 1, noMtime: true, filter }) as unknown as NodeJS.WritableStream,
  );
}
