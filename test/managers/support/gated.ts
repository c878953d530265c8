// A project of the matrix whose lockfile somebody approved, and `lockseal install` in it: as a process of its own, with
// nothing of the caller's environment and a home that holds the token of the registry.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { runCli } from '../../support/run-cli.ts';
import { lockseal } from '../../support/transcript.ts';
import { driverOf } from './drivers.ts';
import type { Family, Manager } from './managers.ts';
import { lockProject, type Files, type Project, type ReadyManager } from './run-manager.ts';
import { spawned, type Spawned } from './spawned.ts';
import type { World } from './world.ts';
import { writeStarter } from './starter.ts';

const TIMEOUT = 120_000;
const REPOSITORY = 'https://github.com/example/shop';

export interface GatedProject extends Project {
  readonly ready: ReadyManager;
  /** Absolute: the user's, with caches that stay from run to run. */
  readonly home: string;
  /** Absolute: holds the program of the package manager, under its own name. */
  readonly bin: string;
}

/** What users type to start it. */
export const PROGRAMS: ReadonlyMap<Family, string> = new Map([
  ['npm', 'npm'],
  ['pnpm', 'pnpm'],
  ['yarn-classic', 'yarn'],
  ['yarn-berry', 'yarn'],
  ['bun', 'bun'],
]);

export async function approvedProject(ready: ReadyManager, world: World): Promise<GatedProject> {
  const project = await lockProject(ready, world, filesFor(ready.manager, world));
  const base = path.dirname(project.directory);
  const [home, bin] = [path.join(base, 'user'), path.join(base, 'bin')];
  for (const folder of [home, bin]) fs.mkdirSync(folder);
  const program = path.join(bin, PROGRAMS.get(ready.manager.family) ?? assert.fail(ready.manager.family));
  writeStarter(program, ready.command);
  const gated = { ...project, ready, home, bin };
  removeInstalled(gated);
  await approve(gated, world);
  return gated;
}

/** Of Yarn Berry's checksums, which are of its own zips, that of `twice` is hard to rebuild, and that of `odd` cannot be. */
function filesFor(manager: Manager, world: World): Files {
  if (manager.family !== 'yarn-berry') return {};
  const { 'package.json': text = '' } = driverOf(manager).files(world.server.url);
  const manifest = JSON.parse(text) as { readonly dependencies: object };
  const dependencies = { ...manifest.dependencies, odd: '1.0.0', twice: '1.0.0' };
  return { 'package.json': JSON.stringify({ ...manifest, dependencies }, null, 2) };
}

/** What the finding about `odd` says that a policy must say. */
const OVERRIDES =
  "overrides:\n- {packages: ['odd@1.0.0'], rules: {integrity: {levels: {checksum-unreproducible: warn}}}}\n";

async function approve({ directory, ready: { manager } }: GatedProject, world: World): Promise<void> {
  const base = path.dirname(directory);
  fs.writeFileSync(path.join(base, 'root.json'), world.trustedRoot);
  fs.writeFileSync(path.join(base, 'keys.json'), world.keys);
  const cli = async (...args: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await runCli(args, { cwd: directory });
    assert.equal(exitCode, 0, stdout + stderr);
    return stdout;
  };
  await cli('trust', 'keygen', '../approver.pem');
  const [, spki = ''] = /^in policies +(\S+)$/m.exec(await cli('trust', 'show', '../approver.pub.pem')) ?? [];
  const roles = `  roles:\n    security: {threshold: 1, approvers: [{name: ana, keys: ['${spki}']}]}\n`;
  const overrides = manager.family === 'yarn-berry' ? OVERRIDES : '';
  const policy = `version: 1\n${overrides}approvals:\n  repository: ${REPOSITORY}\n  allowUntimestamped: true\n${roles}`;
  fs.writeFileSync(path.join(directory, 'lockseal.yaml'), policy);
  const trust = ['--trusted-root=../root.json', '--registry-keys=../keys.json'];
  await cli('approve', '--yes', '--key=../approver.pem', '--no-cache', ...trust, `--repository=${REPOSITORY}`);
}

/** What is on disk goes; what is cached stays. */
export function removeInstalled({ directory, home }: GatedProject, isCold = false): void {
  for (const name of ['node_modules', 'packages/lib/node_modules', '.yarn', '.pnp.cjs']) {
    fs.rmSync(path.join(directory, name), { recursive: true, force: true });
  }
  if (!isCold) return;
  for (const name of fs.readdirSync(home)) {
    if (name !== '.npmrc' && name !== '.yarnrc.yml') fs.rmSync(path.join(home, name), { recursive: true, force: true });
  }
}

/** `lockseal install` with these arguments after its own. */
export async function gatedInstall(
  { directory, home, bin, ready: { manager } }: GatedProject,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Spawned> {
  const own = ['install', '--trusted-root=../root.json', `--repository=${REPOSITORY}`];
  const environment = {
    PATH: [bin, path.dirname(process.execPath), '/usr/bin', '/bin'].join(path.delimiter),
    HOME: home,
    NO_COLOR: '1',
    // Else root's is that of the whole machine.
    YARN_CACHE_FOLDER: path.join(home, '.cache', 'yarn'),
    // No test waits for what never comes.
    npm_config_fetch_timeout: '3000',
    npm_config_fetch_retries: '0',
    pnpm_config_fetch_retries: '0',
    YARN_HTTP_RETRY: '0',
    YARN_HTTP_TIMEOUT: '3000',
    ...manager.env,
    ...env,
  };
  const [program = '', ...words] = lockseal;
  return spawned([program, ...words, ...own, ...args], { cwd: directory, env: environment, timeout: TIMEOUT });
}

/** The report of a run with `--json`; what the package manager said stands before it, on the same stream here. */
export interface GatedReport {
  readonly exitCode: number;
  readonly findings: readonly {
    readonly code: string;
    readonly level: string;
    readonly subject: string;
    readonly path: readonly string[] | null;
    readonly found: string | null;
  }[];
  readonly ended: { readonly by: string; readonly code?: number } | null;
  readonly undecided: readonly { readonly subject: string; readonly error: string }[];
  readonly served: { readonly tarballs: number; readonly fromStore: number };
  readonly disk: { readonly status: string; readonly counts?: { readonly packages: number } };
}

export function reportIn(output: string): GatedReport {
  const [, text = ''] =
    /^(\{\n {2}"schema": "https:\/\/lockseal\.dev\/schema\/install\/v1"[\s\S]*?^\}$)/m.exec(output) ?? [];
  assert.notEqual(text, '', `no report in:\n${output}`);
  return JSON.parse(text) as GatedReport;
}

/** Words that add a dependency to the root of workspaces. */
const ADDING: ReadonlyMap<Family, readonly string[]> = new Map([
  ['npm', ['install', '--no-audit']],
  ['pnpm', ['add', '-w']],
  ['yarn-classic', ['add', '-W']],
]);

/** The command that asks this manager for a package that nobody locked. */
export function askFor({ ready: { manager } }: GatedProject, spec: string): readonly string[] {
  const program = PROGRAMS.get(manager.family) ?? assert.fail();
  return [program, ...(ADDING.get(manager.family) ?? ['add']), spec];
}
