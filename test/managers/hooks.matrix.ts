// The hooks of packages/hooks-* in real package managers: an approved lockfile is installed; of any other nothing is
// fetched and nothing is linked, whatever keeps lockseal from saying that all is good. docs/hooks.md tells what of this
// a hook can be talked out of. Not part of `npm test`: run `npm run test:managers`.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test, type TestContext } from 'node:test';
import { runCli } from '../support/run-cli.ts';
import { lockseal } from '../support/transcript.ts';
import { MANAGERS, type Manager } from './support/managers.ts';
import { readyManager } from './support/ready-manager.ts';
import { runManager, type Project, type ReadyManager } from './support/run-manager.ts';
import type { Spawned } from './support/spawned.ts';
import { openWorld, type World } from './support/world.ts';
import { writeStarter } from './support/starter.ts';

interface Hooked {
  readonly lockfile: string;
  /** Text by path, with the hook set up. */
  readonly files: (registry: string, plugin: string) => Readonly<Record<string, string>>;
  readonly lock: readonly string[];
  readonly frozen: readonly string[];
  readonly env: (home: string) => Readonly<Record<string, string>>;
}

const packages = path.resolve(import.meta.dirname, '../../packages');
const hook = (name: string): string => fs.readFileSync(path.join(packages, name), 'utf8');

const HOOKED: ReadonlyMap<string, Hooked> = new Map([
  [
    'pnpm',
    {
      lockfile: 'pnpm-lock.yaml',
      // A configuration dependency, which pnpm fetches by the hash given here before it looks at anything else.
      files: (registry, plugin) => ({
        '.npmrc': `registry=${registry}\n`,
        'pnpm-workspace.yaml': `configDependencies:\n  '@lockseal/pnpm-plugin-enforce': 1.0.0+${plugin}\n`,
      }),
      lock: ['install', '--lockfile-only', '--no-frozen-lockfile'],
      frozen: ['install', '--frozen-lockfile'],
      env: (home) => ({ npm_config_store_dir: path.join(home, 'store'), XDG_CACHE_HOME: home }),
    },
  ],
  [
    'yarn-berry',
    {
      lockfile: 'yarn.lock',
      files: (registry) => ({
        'yarn.lock': '',
        '.yarn/plugins/lockseal.cjs': hook('hooks-yarn/plugin.cjs'),
        '.yarnrc.yml': [
          `npmRegistryServer: "${registry}"`,
          'unsafeHttpWhitelist: ["127.0.0.1"]',
          'enableTelemetry: false',
          'enableGlobalCache: false',
          'nodeLinker: node-modules',
          'plugins:',
          '  - path: .yarn/plugins/lockseal.cjs',
          '    spec: "@lockseal/yarn-plugin-enforce"',
          '',
        ].join('\n'),
      }),
      lock: ['install', '--mode=update-lockfile'],
      frozen: ['install', '--immutable'],
      env: (home) => ({ YARN_CACHE_FOLDER: path.join(home, 'cache'), YARN_ENABLE_IMMUTABLE_INSTALLS: 'true' }),
    },
  ],
  [
    'bun',
    {
      lockfile: 'bun.lock',
      files: (registry) => ({
        'lockseal.mjs': hook('hooks-bun/scanner.mjs'),
        'bunfig.toml': `[install]\nregistry = "${registry}"\n\n[install.security]\nscanner = "./lockseal.mjs"\n`,
      }),
      lock: ['install', '--lockfile-only'],
      frozen: ['install', '--frozen-lockfile'],
      env: (home) => ({ BUN_INSTALL_CACHE_DIR: path.join(home, 'cache'), BUN_TMPDIR: home }),
    },
  ],
]);

let world: World;
/** Integrity of the plugin for pnpm, as the registry of this world serves it. */
let plugin: string;
/** The command line from source, as one program. */
let program: string;

before(async () => {
  world = await openWorld();
  const publishedAt = new Date(Date.now() - 90 * 24 * 60 * 60 * 1000);
  const files = { 'pnpmfile.cjs': hook('hooks-pnpm/pnpmfile.cjs') };
  plugin = world.registry.publish({
    name: '@lockseal/pnpm-plugin-enforce',
    version: '1.0.0',
    publishedAt,
    files,
  }).integrity;
  program = path.join(world.folder, 'lockseal');
  writeStarter(program, lockseal);
});
after(async () => world.close());

describe('hooks', { concurrency: 1 }, () => {
  for (const manager of MANAGERS) {
    const hooked = HOOKED.get(manager.family);
    // pnpm 9 calls no hook for a frozen installation: docs/hooks.md says so.
    const isCalled = !(manager.family === 'pnpm' && manager.major < 10) && Object.keys(manager.env).length === 0;
    if (hooked !== undefined && isCalled) test(manager.id, async (t) => examine(t, manager, hooked));
  }
});

async function examine(t: TestContext, manager: Manager, hooked: Hooked): Promise<void> {
  const ready = await readyManager(t, manager);
  if (ready === undefined) return;
  const project = await approvedProject(ready, hooked);
  const install = (env: Readonly<Record<string, string>> = {}): Promise<Spawned> =>
    run(ready, hooked, hooked.frozen, project, env);

  const approved = await install();
  assert.equal(approved.exitCode, 0, approved.output);
  assert.ok(fs.existsSync(path.join(project.directory, 'node_modules/leaf')), approved.output);

  const refused: Refused = async (why, env = {}) => {
    fs.rmSync(path.join(project.directory, 'node_modules'), { recursive: true, force: true });
    const before = world.server.requests.length;
    const { exitCode, output } = await install(env);
    assert.notEqual(exitCode, 0, `${why}: ${output}`);
    assert.match(output.replaceAll(/\s+/g, ' '), /lockseal (?:enforce|verify) refused the installation/, why);
    assert.equal(fs.existsSync(path.join(project.directory, 'node_modules/leaf')), false, why);
    const fetched = world.server.requests
      .slice(before)
      .filter(({ route, name }) => route === 'tarball' && name === 'leaf');
    assert.deepEqual(fetched, [], `${why}: tarballs were fetched`);
  };

  await refused('there is no lockseal', { LOCKSEAL_PROGRAM: '/nowhere/lockseal' });
  // What the hooks share (test/architecture.test.ts holds it equal) is tried in the manager that starts fastest.
  if (manager.family === 'bun') await refuseTheRest(project, refused);
  fs.appendFileSync(project.lockfile, '\n');
  await refused('one byte of the lockfile was changed');
}

type Refused = (why: string, env?: Readonly<Record<string, string>>) => Promise<void>;

async function refuseTheRest({ directory, lockfile }: Project, refused: Refused): Promise<void> {
  await refused('lockseal is ended by a signal', { LOCKSEAL_PROGRAM: script('killed', 'kill -9 $$') });
  const installed = path.join(directory, 'node_modules/.bin');
  await refused('the only lockseal is one of the installed packages', {
    LOCKSEAL_PROGRAM: 'lockseal',
    PATH: `${installed}:${process.env['PATH'] ?? ''}`,
  });
  const verify = '--registry=http://127.0.0.1:1/ --no-cache --trusted-root=root.json';
  await refused('it is told to verify too, and no registry answers', { LOCKSEAL_VERIFY: verify });
  await refused('it is given an option that enforce does not take', { LOCKSEAL_ENFORCE: '--no-such-option' });
  const approvals = `${lockfile}.approvals.jsonl`;
  fs.renameSync(approvals, `${approvals}.away`);
  await refused('there is no approval');
  fs.renameSync(`${approvals}.away`, approvals);
}

function script(name: string, body: string): string {
  const file = path.join(world.folder, name);
  fs.writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return file;
}

function run(
  ready: ReadyManager,
  { env }: Hooked,
  args: readonly string[],
  project: Project,
  more: Readonly<Record<string, string>>,
): Promise<Spawned> {
  const home = fs.mkdtempSync(path.join(world.folder, 'home-'));
  return runManager(ready, args, project, world, { ...env(home), LOCKSEAL_PROGRAM: program, ...more });
}

/** A project with the hook, its lockfile made while lockseal let everything pass, then approved by a key. */
async function approvedProject(ready: ReadyManager, hooked: Hooked): Promise<Project> {
  const directory = path.join(fs.mkdtempSync(path.join(world.folder, 'hooked-')), 'project');
  const write = (name: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    fs.writeFileSync(path.join(directory, name), text);
  };
  write(
    'package.json',
    `${JSON.stringify({ name: 'shop', version: '1.0.0', private: true, dependencies: { leaf: '1.0.0' } })}\n`,
  );
  for (const [name, text] of Object.entries(hooked.files(world.server.url, plugin))) write(name, text);
  const project = { directory, lockfile: path.join(directory, hooked.lockfile) };
  const locked = await run(ready, hooked, hooked.lock, project, {
    LOCKSEAL_PROGRAM: '/bin/true',
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
  });
  assert.equal(locked.exitCode, 0, locked.output);

  write('root.json', world.trustedRoot);
  const cli = async (...args: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await runCli(args, { cwd: directory });
    assert.equal(exitCode, 0, stdout + stderr);
    return stdout;
  };
  await cli('trust', 'keygen', 'approver.pem');
  const [, spki = ''] = /^in policies +(\S+)$/m.exec(await cli('trust', 'show', 'approver.pub.pem')) ?? [];
  const roles = `  roles:\n    security: {threshold: 1, approvers: [{name: ana, keys: ['${spki}']}]}\n`;
  const repository = 'https://github.com/example/shop';
  write('lockseal.yaml', `version: 1\napprovals:\n  repository: ${repository}\n  allowUntimestamped: true\n${roles}`);
  await cli(
    'approve',
    '--yes',
    '--key=approver.pem',
    '--no-cache',
    '--trusted-root=root.json',
    `--repository=${repository}`,
  );
  return project;
}
