import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { availableParallelism } from 'node:os';
import { measure, type Contender } from './measure.ts';
import { benchWorld } from './world.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CLI = path.join(ROOT, 'packages/cli/bin/lockseal.js');
const FROM_SOURCE = '--conditions=@lockseal/source';
/** Where no proxy listens: TUF must not be asked, and must not be waited for. */
const NO_TUF = { HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9', NODE_USE_ENV_PROXY: '1' };

/** Names by which figures are compared with each other. */
export const EMPTY = 'empty node';
export const BARE = 'bare signatures, all cores';
export const STOCK = '@sigstore/verify in a loop';
export const LOCAL = 'lockseal, evidence local';

export interface Field {
  readonly contenders: readonly Contender[];
  close(): Promise<void>;
}

/** Everything that is measured at one size, ready to run: world, server, projects and filled caches. */
export async function openField(packages: number): Promise<Field> {
  const world = await benchWorld(packages);
  const scratch = await mkdtemp(path.join(tmpdir(), 'lockseal-bench-'));
  const server = await startServer(world);
  const verify = verifyIn(world, scratch, server.url);
  const filled = path.join(scratch, 'filled');
  const stale = path.join(scratch, 'stale');
  await measure(verify('fill the cache', filled, {}));
  const used = path.join(scratch, 'used');
  const fresh = (from?: string) => async (): Promise<void> => {
    await rm(used, { recursive: true, force: true });
    if (from !== undefined) await cp(from, used, { recursive: true });
  };
  let staleFilled: Promise<void> | undefined;
  const changed = async (): Promise<void> => {
    await (staleFilled ??= fillAllButOne(world, scratch, server.url, stale));
    await fresh(stale)();
  };
  const here = { cwd: scratch };
  return {
    contenders: [
      { name: EMPTY, args: ['-e', '0'], ...here },
      { name: BARE, args: [script('bare.ts'), String(packages)], ...here, env: poolOfAllCores() },
      { name: STOCK, args: [FROM_SOURCE, script('stock.ts'), world], ...here },
      verify(LOCAL, filled, { args: ['--offline'] }),
      verify('lockseal, cold, over HTTP', used, { prepare: fresh() }),
      verify('lockseal, cold, no cache kept', used, { args: ['--no-cache'] }),
      verify('lockseal, the same again, over HTTP', filled, {}),
      verify('lockseal, one changed package', used, { prepare: changed }),
    ],
    async close() {
      await server.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

function script(name: string): string {
  return path.join(import.meta.dirname, name);
}

function poolOfAllCores(): Record<string, string> {
  return { UV_THREADPOOL_SIZE: String(availableParallelism()) };
}

interface VerifyVariant {
  readonly args?: readonly string[];
  readonly prepare?: () => Promise<void>;
}

/** The published build, in the project of the world, with the world's trust. */
function verifyIn(world: string, home: string, url: string) {
  return (name: string, cache: string, { args = [], prepare }: VerifyVariant, cwd = world): Contender => ({
    name,
    args: [CLI, 'verify', '--registry', url, '--cache', cache, ...trustOf(world), ...args],
    cwd,
    env: { ...NO_TUF, HOME: home },
    ...(prepare === undefined ? {} : { prepare }),
  });
}

function trustOf(world: string): string[] {
  return ['--trusted-root', path.join(world, 'trusted_root.json'), '--registry-keys', path.join(world, 'keys.json')];
}

/** A cache from before the last package was there. Without it the lockfile has a hole, which findings may say. */
async function fillAllButOne(world: string, scratch: string, url: string, cache: string): Promise<void> {
  const project = path.join(scratch, 'before');
  await cp(path.join(world, 'package.json'), path.join(project, 'package.json'));
  const lockfile = JSON.parse(await readFile(path.join(world, 'package-lock.json'), 'utf8')) as Lockfile;
  const last = Object.keys(lockfile.packages).at(-1) ?? '';
  delete lockfile.packages[last];
  await writeFile(path.join(project, 'package-lock.json'), JSON.stringify(lockfile));
  const verify = verifyIn(world, scratch, url)('fill all but one', cache, {}, project);
  await measure(verify).catch((thrown: unknown) => {
    if (!String(thrown).includes('ended with 1:')) throw thrown;
  });
}

interface Lockfile {
  readonly packages: Record<string, unknown>;
}

async function startServer(world: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const child = spawn(process.execPath, [FROM_SOURCE, script('serve-world.ts'), world], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => void child.on('exit', () => resolve()));
  for await (const line of child.stdout.setEncoding('utf8')) {
    const close = (): Promise<void> => {
      child.stdin.end();
      return exited;
    };
    return { url: String(line).trim(), close };
  }
  throw new Error('the server of the world did not start');
}
