// Fetches package managers from npm's registry with `npm pack`, which runs no script, holds the tarball against the
// committed hash and unpacks it into node_modules/.cache/managers.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { Manager, PinnedPackage } from './managers.ts';
import { spawned } from './spawned.ts';

const cache = path.resolve(import.meta.dirname, '../../../node_modules/.cache/managers');
const PACK_TIMEOUT = 300_000;
const START_TIMEOUT = 60_000;

/** The first words of every command line of a manager, or why this machine cannot run it. */
export type Installed =
  | { readonly type: 'command'; readonly command: readonly [string, ...string[]] }
  | { readonly type: 'skip'; readonly reason: string };

/** @throws AssertionError where the registry serves other bytes than those that were pinned */
export async function installManager(manager: Manager): Promise<Installed> {
  const { runs, version } = manager;
  const platform = `${process.platform}-${process.arch}`;
  const pinned = runs.on === 'node' ? runs.package : runs.packages[platform];
  if (pinned === undefined) return skip(`no program for ${platform} is pinned`);
  const program = await unpacked(pinned, version);
  if (program === undefined) return skip(`the npm registry in use does not have ${pinned.name}@${version}`);
  const command = runs.on === 'node' ? ([process.execPath, program] as const) : ([program] as const);
  const asked = await spawned([...command, '--version'], { cwd: cache, env: { HOME: cache }, timeout: START_TIMEOUT });
  const answered = asked.exitCode === 0 && asked.output.includes(version);
  return answered ? { type: 'command', command } : skip(`it does not start here: ${asked.output.trim().slice(0, 200)}`);
}

function skip(reason: string): Installed {
  return { type: 'skip', reason };
}

/** The unpacked program; undefined where the registry says that there is no such package. */
async function unpacked(pinned: PinnedPackage, version: string): Promise<string | undefined> {
  const home = path.join(cache, `${pinned.name.replace('/', '+')}-${version}`);
  // Some look for their own package.json below the last `node_modules` of their path.
  const inHome = path.join('node_modules', pinned.name);
  if (!fs.existsSync(home)) {
    fs.mkdirSync(cache, { recursive: true });
    const work = fs.mkdtempSync(path.join(cache, '.work-'));
    try {
      const tarball = await pack(`${pinned.name}@${version}`, work);
      if (tarball === undefined) return undefined;
      const digest = createHash('sha512').update(fs.readFileSync(tarball)).digest('base64');
      assert.equal(`sha512-${digest}`, pinned.integrity, `${pinned.name}@${version} is not what was pinned`);
      await unpack(tarball, path.join(work, 'home', inHome));
      moveInto(path.join(work, 'home'), home);
    } finally {
      fs.rmSync(work, { recursive: true, force: true });
    }
  }
  return path.join(home, inHome, pinned.program);
}

async function pack(spec: string, folder: string): Promise<string | undefined> {
  const args = ['npm', 'pack', spec, '--ignore-scripts', '--silent', `--pack-destination=${folder}`] as const;
  const { exitCode, output } = await spawned(args, { cwd: folder, env: process.env, timeout: PACK_TIMEOUT });
  if (/\bE(?:404|TARGET)\b/.test(output)) return undefined;
  const [tarball] = fs.readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  assert.ok(exitCode === 0 && tarball !== undefined, `npm pack ${spec} failed:\n${output}`);
  return path.join(folder, tarball);
}

async function unpack(tarball: string, folder: string): Promise<void> {
  fs.mkdirSync(folder, { recursive: true });
  const args = ['tar', '-xzf', tarball, '-C', folder, '--strip-components=1', '--no-same-owner'] as const;
  const { exitCode, output } = await spawned(args, { cwd: folder, env: process.env, timeout: PACK_TIMEOUT });
  assert.equal(exitCode, 0, `tar failed on ${tarball}:\n${output}`);
}

/** Whoever comes second finds the same files there already. */
function moveInto(from: string, to: string): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if (!fs.existsSync(to)) throw error;
  }
}
