// Follows docs/getting-started.md as a newcomer would, with real package managers on a loopback registry: the packed
// command is installed from its tarball, every block of the page is run in a new project, and then the lockfile is
// attacked, which must be refused as well. Needs `npm run build` and an npm registry.
//
//   npm run test:newcomer                     npm, pnpm, Yarn 1, Yarn Berry, bun
//   npm run test:newcomer -- npm bun          some of them
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { attacksOn, type Artifact } from '../test/managers/support/attacks.ts';
import { driverOf } from '../test/managers/support/drivers.ts';
import { installManager } from '../test/managers/support/install-manager.ts';
import { MANAGERS, type Family, type Manager } from '../test/managers/support/managers.ts';
import { writeProject, type Project } from '../test/managers/support/run-manager.ts';
import { spawned, type Spawned } from '../test/managers/support/spawned.ts';
import { openWorld, type World } from '../test/managers/support/world.ts';
import { docBlocks, type DocBlock } from '../test/support/doc-blocks.ts';
import { docArguments } from '../test/support/doc-lockseal.ts';
import { packCli } from './program/pack.ts';

const PAGE = 'docs/getting-started.md';
const FAMILIES = ['npm', 'pnpm', 'yarn-classic', 'yarn-berry', 'bun'] as const satisfies readonly Family[];
const TIMEOUT = 180_000;

/** Where a newcomer stands. */
interface Stage {
  readonly manager: Manager;
  readonly project: Project;
  readonly world: World;
  readonly trustedRoot: string;
  readonly env: Readonly<Record<string, string>>;
  /** The installed program. */
  readonly lockseal: string;
}

async function main(wanted: readonly string[]): Promise<void> {
  const families = FAMILIES.filter((family) => wanted.length === 0 || wanted.includes(family));
  assert.ok(families.length > 0, `one of ${FAMILIES.join(', ')}`);
  const world = await openWorld();
  const tools = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-newcomer-'));
  try {
    const lockseal = installCli(tools);
    for (const family of families) await follow(family, world, lockseal, tools);
  } finally {
    await world.close();
    fs.rmSync(tools, { recursive: true, force: true });
  }
}

/** As the page says, but not for the whole machine. @returns absolute path of the installed program */
function installCli(folder: string): string {
  const tarball = packCli(folder);
  const args = ['install', `--prefix=${folder}`, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', [...args, tarball], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  console.log(`installed ${path.basename(tarball)}, ${fs.statSync(tarball).size} bytes`);
  return path.join(folder, 'node_modules', '.bin', 'lockseal');
}

async function follow(family: Family, world: World, lockseal: string, tools: string): Promise<void> {
  // The newest of its family, without special modes.
  const manager = MANAGERS.findLast((each) => each.family === family && Object.keys(each.env).length === 0);
  assert.ok(manager !== undefined);
  const installed = await installManager(manager);
  assert.ok(installed.type === 'command', installed.type === 'skip' ? installed.reason : '');
  const project = writeProject({ manager, command: installed.command }, world, projectFiles(family));
  for (const args of [
    ['init', '--quiet', '--initial-branch=main'],
    ['remote', 'add', 'origin', 'https://github.com/example/shop'],
  ]) {
    execFileSync('git', args, { cwd: project.directory });
  }
  const trustedRoot = path.join(path.dirname(project.directory), 'root.json');
  fs.writeFileSync(trustedRoot, world.trustedRoot);
  const env = environment(manager, installed.command, { world, project, lockseal, tools });
  const stage: Stage = { manager, project, world, trustedRoot, env, lockseal };
  const blocks = docBlocks(PAGE).filter(({ how }) => how.kind === 'newcomer' && [family, 'each'].includes(how.manager));
  let commands = 0;
  for (const block of blocks) commands += await runBlock(block, stage);
  await refuseAttack(stage);
  console.log(`${manager.id}: ${commands} commands of ${PAGE} do what it says; an attack is refused`);
}

/** Small: what a manager does with more is held by `npm run test:managers`. */
function projectFiles(family: Family): Readonly<Record<string, string>> {
  const manifest = {
    name: 'shop',
    version: '1.0.0',
    private: true,
    dependencies: { alpha: '^1.0.0', parent: '^1.0.0' },
  };
  const workspace = family === 'pnpm' ? { 'pnpm-workspace.yaml': "packages: ['.']\n" } : {};
  return { 'package.json': `${JSON.stringify(manifest, null, 2)}\n`, ...workspace };
}

/** Nothing of the caller's, but the manager and the installed lockseal on the PATH. */
function environment(
  manager: Manager,
  command: readonly string[],
  place: { readonly world: World; readonly project: Project; readonly lockseal: string; readonly tools: string },
): Record<string, string> {
  const bin = fs.mkdtempSync(path.join(place.tools, 'bin-'));
  const name = manager.family.startsWith('yarn') ? 'yarn' : manager.family;
  fs.writeFileSync(path.join(bin, name), `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`, {
    mode: 0o755,
  });
  const home = path.join(path.dirname(place.project.directory), 'home');
  fs.mkdirSync(home);
  // Generating lockfiles for other tests wants it; a newcomer's shell has it not, and lockseal would rightly refuse it.
  const { YARN_ENABLE_IMMUTABLE_INSTALLS: _, ...env } = driverOf(manager).env(home, place.world.server.url);
  return {
    PATH: [bin, path.dirname(place.lockseal), path.dirname(process.execPath), '/usr/bin', '/bin'].join(path.delimiter),
    HOME: home,
    NO_COLOR: '1',
    ...env,
  };
}

/** @returns how many commands were run */
async function runBlock({ how, steps, line }: DocBlock, stage: Stage): Promise<number> {
  const exit = how.kind === 'newcomer' ? how.exitCode : 0;
  for (const [index, { command }] of steps.entries()) {
    const { exitCode, output } = await runCommand(command, stage);
    const expected = index === steps.length - 1 ? exit : 0;
    assert.equal(exitCode, expected, `${stage.manager.id}: ${PAGE}:${line}: ${command}\n${output}`);
  }
  return steps.length;
}

async function runCommand(command: string, { project, trustedRoot, env, lockseal }: Stage): Promise<Spawned> {
  const options = { cwd: project.directory, env, timeout: TIMEOUT };
  const words = command.split(' ');
  // The page's commands, told whom to trust: the evidence here is of a Sigstore of our own.
  if (words[0] === 'lockseal') return spawned([lockseal, ...docArguments(words.slice(1), trustedRoot)], options);
  return spawned(['bash', '-euo', 'pipefail', '-c', command], options);
}

/** Another package's artifact in place of `leaf`, with everything that the lockfile says of it made to fit. */
async function refuseAttack(stage: Stage): Promise<void> {
  const { manager, project, world } = stage;
  const text = fs.readFileSync(project.lockfile, 'utf8');
  const checksum = (name: string): string => checksumOf(text, name);
  const materials = {
    leaf: { ...artifact(world, 'leaf'), checksum: checksum('leaf') },
    evil: { ...artifact(world, 'evil'), checksum: checksum('parent') },
  };
  fs.writeFileSync(project.lockfile, attacksOn(manager.family)['substituted artifact'](text, materials));
  for (const command of ['lockseal verify', 'lockseal enforce']) {
    const { exitCode, output } = await runCommand(command, stage);
    assert.equal(exitCode, 1, `${manager.id}: ${command} after an attack\n${output}`);
  }
}

function artifact(world: World, name: 'leaf' | 'evil'): Omit<Artifact, 'checksum'> {
  const { version, integrity, shasum } = world[name];
  return { url: `${world.server.url}${name}/-/${name}-${version}.tgz`, integrity, shasum };
}

/** What Yarn Berry says of a package; '' elsewhere. */
function checksumOf(text: string, name: string): string {
  return new RegExp(`^"${name}@npm:[^]*?checksum: (\\S+)`, 'm').exec(text)?.[1] ?? '';
}

await main(process.argv.slice(2));
