import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RegistryKey } from '@lockseal/core';
import { toRegistryKey } from '../sigstore/registry-key.ts';
import type { SigstoreBox } from '../sigstore/sigstore-box.ts';
import type { JsonObject } from '../sigstore/trusted-root.ts';
import { createShelf, type Published } from './published.ts';
import type { RegistryBox } from './registry-box.ts';
import { createRegistryView, type RegistryView } from './registry-view.ts';

/** What was minted once and can be verified ever after; there are no private keys in it, so it mints no more. */
export interface World {
  readonly trustedRoot: JsonObject;
  readonly keysTarget: JsonObject;
  readonly registry: RegistryView;
}

interface WorldFile {
  readonly format: 1;
  readonly trustedRoot: JsonObject;
  readonly keysTarget: JsonObject;
  readonly keys: readonly RegistryKey[];
}

type StoredPackage = Omit<Published, 'tarball' | 'publishedAt'> & {
  readonly tarball: string;
  readonly publishedAt: string;
};

/** Writes trust and packages into a directory: `world.json`, and `packages.jsonl` with one version a line. */
export async function saveWorld(directory: string, sigstore: SigstoreBox, registry: RegistryBox): Promise<void> {
  const world: WorldFile = {
    format: 1,
    trustedRoot: sigstore.trustedRoot,
    keysTarget: sigstore.keysTarget(),
    keys: registry.keys.map((key) => toRegistryKey(key)),
  };
  await mkdir(directory, { recursive: true });
  const lines = registry.packages().map((published) => `${JSON.stringify(stored(published))}\n`);
  await pipeline(Readable.from(lines), createWriteStream(path.join(directory, 'packages.jsonl')));
  await writeFile(path.join(directory, 'world.json'), JSON.stringify(world));
}

function stored(published: Published): StoredPackage {
  return {
    ...published,
    tarball: published.tarball.toString('base64'),
    publishedAt: published.publishedAt.toISOString(),
  };
}

/** Reads what `saveWorld` wrote. The directory is trusted: nothing in it is checked. */
export async function loadWorld(directory: string): Promise<World> {
  const world = JSON.parse(await readFile(path.join(directory, 'world.json'), 'utf8')) as WorldFile;
  if (world.format !== 1) throw new TypeError('this world is of a format that is not known here');
  const shelf = createShelf();
  const lines = createInterface({ input: createReadStream(path.join(directory, 'packages.jsonl')) });
  for await (const line of lines) {
    const each = JSON.parse(line) as StoredPackage;
    shelf.put({ ...each, tarball: Buffer.from(each.tarball, 'base64'), publishedAt: new Date(each.publishedAt) });
  }
  const registry = createRegistryView(shelf, () => world.keys);
  return { trustedRoot: world.trustedRoot, keysTarget: world.keysTarget, registry };
}
