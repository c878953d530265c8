// A project of its own for each command, and an environment with nothing of the user's in it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { driverOf } from './drivers.ts';
import type { Manager } from './managers.ts';
import { spawned, type Spawned } from './spawned.ts';
import type { World } from './world.ts';

const TIMEOUT = 180_000;

/** A manager that can be run: the first words of its command lines. */
export interface ReadyManager {
  readonly manager: Manager;
  readonly command: readonly [string, ...string[]];
}

/** Text by path in the project. */
export type Files = Readonly<Record<string, string>>;

export interface Project {
  /** Absolute. */
  readonly directory: string;
  /** Absolute path of the lockfile. */
  readonly lockfile: string;
}

/** Writes the project into a folder of its own, with further files (the lockfile, say) or others in place of its own. */
export function writeProject({ manager }: ReadyManager, world: World, files: Files = {}): Project {
  const driver = driverOf(manager);
  const base = fs.mkdtempSync(path.join(world.folder, `${manager.family}-`));
  const directory = path.join(base, 'project');
  const write = (name: string, content: string | Uint8Array): void => {
    const file = path.join(directory, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  };
  for (const [name, content] of Object.entries({ ...driver.files(world.server.url), ...files })) write(name, content);
  write('vendor/vendored-1.0.0.tgz', world.vendored);
  return { directory, lockfile: path.join(directory, driver.lockfile) };
}

/** The project with a lockfile that the manager has just made. */
export async function lockProject(
  ready: ReadyManager,
  world: World,
  files: Files = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Project> {
  const project = writeProject(ready, world, files);
  const { exitCode, output } = await runManager(ready, driverOf(ready.manager).lock, project, world, env);
  assert.equal(exitCode, 0, output);
  return project;
}

/** Runs the manager in the project with an empty cache, so that nothing of an earlier run hides what it accepts. */
export async function runManager(
  { manager, command }: ReadyManager,
  args: readonly string[],
  { directory }: Project,
  world: World,
  env: Readonly<Record<string, string>> = {},
): Promise<Spawned> {
  const driver = driverOf(manager);
  const home = fs.mkdtempSync(path.join(path.dirname(directory), 'home-'));
  const environment = {
    PATH: [path.dirname(process.execPath), '/usr/bin', '/bin'].join(path.delimiter),
    HOME: home,
    NO_COLOR: '1',
    ...driver.env(home, world.server.url),
    ...env,
  };
  return spawned([...command, ...args], { cwd: directory, env: environment, timeout: TIMEOUT });
}
