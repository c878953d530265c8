// The worlds that benchmarks run in: N packages, each with a registry signature, a publish attestation (bundle v0.2,
// by key) and provenance (bundle v0.3, by certificate), as npm serves them today. Minted once, then kept.
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createRegistry, createSigstore, type RegistryBox } from '@lockseal/testkit';

/** Part of the folder's name: raise it when worlds change. */
const EDITION = 1;
const CACHE = path.resolve(import.meta.dirname, '../../node_modules/.cache/bench');

/** An answer of the registry: what `serve-world.ts` puts on the wire. `{base}` in it stands for the server's URL. */
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
  const directory = path.join(CACHE, `world-${EDITION}-${packages}`);
  if (existsSync(directory)) return directory;
  process.stderr.write(`minting ${packages} packages\n`);
  const unfinished = `${directory}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await mint(unfinished, packages);
  await rename(unfinished, directory);
  return directory;
}

async function mint(directory: string, packages: number): Promise<void> {
  const sigstore = await createSigstore();
  const registry = createRegistry({ sigstore });
  const { dependencies } = registry.publishMany(packages);
  const project = { name: 'bench', dependencies };
  const files = {
    'trusted_root.json': sigstore.trustedRoot,
    'keys.json': sigstore.keysTarget(),
    'package.json': { name: 'bench', version: '1.0.0', private: true, dependencies },
    'package-lock.json': registry.lockfile('npm-v3', project),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(path.join(directory, name), JSON.stringify(content, null, 2));
  }
  await pipeline(Readable.from(answersOf(registry)), createWriteStream(path.join(directory, 'answers.jsonl')));
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

/** The attestations and version documents of a world, as the registry sends them. */
export async function readAnswers(directory: string): Promise<Answer[]> {
  const text = await readFile(path.join(directory, 'answers.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Answer);
}
