// The worlds that benchmarks run in: N packages, each with a registry signature, a publish attestation (bundle v0.2,
// by key) and provenance (bundle v0.3, by certificate), as npm serves them today. Minted once, then kept.
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  createRegistry,
  createSigstore,
  sourceFiles,
  type Dependencies,
  type RegistryBox,
  type SigstoreBox,
} from '@lockseal/testkit';

/** Part of the folder's name: raise it when worlds change. */
const EDITION = 2;
const CACHE = path.resolve(import.meta.dirname, '../../node_modules/.cache/bench');

/** An answer of the registry, or of Sigstore's TUF repository: what `serve-world.ts` puts on the wire. `{base}` in it stands for the server's URL. */
export interface Answer {
  readonly path: string;
  readonly type: string;
  readonly body: string;
}

export const BASE = 'http://base.invalid/';

/**
 * The folder of the world with this many packages: `answers.jsonl`, `trusted_root.json`, `keys.json`, and a project
 * (`package.json`, `package-lock.json`) that depends on all of them.
 */
export async function benchWorld(packages: number): Promise<string> {
  return once(`world-${EDITION}-${packages}`, async (directory) => {
    const sigstore = await createSigstore();
    const registry = createRegistry({ sigstore });
    await writeWorld(directory, sigstore, registry, registry.publishMany(packages).dependencies);
  });
}

/** The folder of this name in the cache, made if it is not there; never half a folder. */
async function once(name: string, make: (directory: string) => Promise<void>): Promise<string> {
  const directory = path.join(CACHE, name);
  if (existsSync(directory)) return directory;
  process.stderr.write(`minting ${name}\n`);
  const unfinished = `${directory}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await make(unfinished);
  await rename(unfinished, directory);
  return directory;
}

async function writeWorld(
  directory: string,
  sigstore: SigstoreBox,
  registry: RegistryBox,
  dependencies: Dependencies,
): Promise<void> {
  const project = { name: 'bench', dependencies };
  const files = {
    'trusted_root.json': sigstore.trustedRoot,
    'keys.json': sigstore.keysTarget(),
    'tuf.json': Object.fromEntries(await tufFilesOf(sigstore)),
    'package.json': { name: 'bench', version: '1.0.0', private: true, dependencies },
    'package-lock.json': registry.lockfile('npm-v3', project),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(path.join(directory, name), JSON.stringify(content, null, 2));
  }
  await pipeline(Readable.from(answersOf(registry)), createWriteStream(path.join(directory, 'answers.jsonl')));
}

/** What tarballs of a world hold: text in many small files, as most packages do, or bytes that do not compress. */
export type TarballKind = 'source' | 'noise';

const MiB = 1024 * 1024;
const NOISE = [0.5, 1, 2, 3.5];

const TARBALLS: Readonly<Record<TarballKind, { readonly count: number; files(index: number): PackageFiles }>> = {
  source: { count: 300, files: (index) => sourceFiles(index, 5 + ((index * 37) % 90)) },
  noise: { count: 96, files: (index) => ({ data: randomBytes((NOISE[index % NOISE.length] ?? 1) * MiB) }) },
};

type PackageFiles = Readonly<Record<string, string | Uint8Array>>;

/** The folder of a world whose tarballs are looked at; they lie in `tarballs`. */
export async function benchTarballs(kind: TarballKind): Promise<string> {
  return once(`tarballs-${kind}-${EDITION}`, async (directory) => {
    const sigstore = await createSigstore();
    const registry = createRegistry({ sigstore });
    const set = TARBALLS[kind];
    const names = Array.from({ length: set.count }, (_, index) => `${kind}-${index}`);
    await mkdir(path.join(directory, 'tarballs'));
    for (const [index, name] of names.entries()) {
      const { tarball } = registry.publish({ name, version: '1.0.0', files: set.files(index) });
      await writeFile(path.join(directory, 'tarballs', `${name}-1.0.0.tgz`), tarball);
    }
    await writeWorld(directory, sigstore, registry, Object.fromEntries(names.map((name) => [name, '1.0.0'])));
  });
}

/** All files of the TUF repository that speaks for this Sigstore: path -> base64. npm begins with `1.root.json`. */
async function tufFilesOf(sigstore: SigstoreBox): Promise<ReadonlyMap<string, string>> {
  const server = await sigstore.serve();
  const { tuf } = server;
  await server.close();
  const targets = JSON.parse(String(tuf.file('1.targets.json'))) as TargetsMetadata;
  const names = Object.entries(targets.signed.targets).map(([name, { hashes }]) =>
    path.posix.join('targets', path.posix.dirname(name), `${hashes.sha256}.${path.posix.basename(name)}`),
  );
  const files = ['1.root.json', 'timestamp.json', '1.snapshot.json', '1.targets.json', ...names];
  return new Map(files.map((name) => [name, tuf.file(name)?.toString('base64') ?? '']));
}

interface TargetsMetadata {
  readonly signed: { readonly targets: Readonly<Record<string, { readonly hashes: { readonly sha256: string } }>> };
}

/** What the registry says to everything that a verification asks, one answer a line. */
async function* answersOf(registry: RegistryBox): AsyncGenerator<string> {
  const server = await registry.serve();
  const ask = async (where: string): Promise<string> => {
    const response = await fetch(new URL(where, server.url));
    if (!response.ok) throw new Error(`${where}: ${response.status}`);
    const body = (await response.text()).replaceAll(server.url, BASE);
    const type = response.headers.get('content-type') ?? '';
    return `${JSON.stringify({ path: `/${where}`, type, body } satisfies Answer)}\n`;
  };
  try {
    yield await ask('-/npm/v1/keys');
    for (const { name, version } of registry.packages()) {
      yield await ask(`${name}/${version}`);
      yield await ask(`-/npm/v1/attestations/${name}@${version}`);
    }
  } finally {
    await server.close();
  }
}

/** The attestations and version documents of a world, as the registry sends them, one after the other. */
export async function* readAnswers(directory: string): AsyncGenerator<Answer> {
  const lines = createInterface({ input: createReadStream(path.join(directory, 'answers.jsonl')) });
  for await (const line of lines) yield JSON.parse(line) as Answer;
}
