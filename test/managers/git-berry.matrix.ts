// Dependencies by git under Yarn 4, which packs each in a clone of its own: from a host by https, whatever the repository says
// of itself. Nothing of it runs, and what is on disk is what the approved commit holds. Not part of `npm test`: run
// `npm run test:managers`.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test, type TestContext } from 'node:test';
import { lockseal } from '../support/transcript.ts';
import { driverOf } from './support/drivers.ts';
import { openGitHost, type GitHost } from './support/git-host.ts';
import { commitFiles, scriptsThatTouch } from './support/git-repository.ts';
import { MANAGERS } from './support/managers.ts';
import { readyManager } from './support/ready-manager.ts';
import { lockProject, type Files } from './support/run-manager.ts';
import { spawned, type Spawned } from './support/spawned.ts';
import { writeStarter } from './support/starter.ts';
import { openWorld, type World } from './support/world.ts';

const TIMEOUT = 120_000;
const YARN = MANAGERS.find(({ family, env }) => family === 'yarn-berry' && Object.keys(env).length === 0);

let world: World;
let host: GitHost;
before(async () => {
  world = await openWorld();
  const folder = path.join(world.folder, 'repositories');
  fs.mkdirSync(folder);
  host = await openGitHost(folder);
  fs.writeFileSync(path.join(world.folder, 'host.pem'), host.authority);
});
after(async () => {
  host.close();
  await world.close();
});

const ran = (): string => path.join(world.folder, 'ran');

interface Case {
  readonly why: string;
  /** Beside those of every repository, or in place of them. */
  readonly files: () => Files;
  readonly linker: 'node-modules' | 'pnp';
  /** What Yarn is told beside the commit. */
  readonly folder?: string;
  /** What the output holds; default: that one dependency was compared with its commit. */
  readonly told?: RegExp;
  readonly exitCode?: number;
}

/** Not as Yarn writes it. */
const manifest = (more: object = {}): string =>
  ` ${JSON.stringify({ name: 'forked', version: '1.0.0', bin: 'bin.js', scripts: scriptsThatTouch(ran()), ...more })}\n`;
const common = (): Files => ({
  'package.json': manifest({ files: ['*.js', 'run.sh', 'lib'] }),
  'index.js': "module.exports = 'forked';\n",
  'bin.js': '#!/usr/bin/env node\n',
  'run.sh': '#!/bin/sh\n',
  'lib/other.js': '',
  'notes.md': 'Packing leaves it out.\n',
  '.npmrc': `ignore-scripts=false\nscript-shell=/bin/sh\ngit=${path.join(world.folder, 'evil.sh')}\n`,
});
/** Yarn starts it in its own place; locking goes on with the Yarn that did. */
const EVIL_YARN = (): string =>
  `require('node:fs').writeFileSync(${JSON.stringify(ran())}, '');\n` +
  "require('node:child_process').execFileSync(process.env.npm_execpath, process.argv.slice(2), { stdio: 'inherit' });\n";
const EVIL_PLUGIN = (): string =>
  `require('node:fs').writeFileSync(${JSON.stringify(ran())}, '');\nmodule.exports = { name: 'evil', factory: () => ({}) };\n`;
const LOCK_OF_NPM = JSON.stringify({
  name: 'forked',
  version: '1.0.0',
  lockfileVersion: 3,
  packages: { '': { name: 'forked', version: '1.0.0', bin: { forked: 'bin.js' } } },
});
const MONOREPO = (): Files => ({
  'package.json': JSON.stringify({ name: 'all', private: true, workspaces: ['packages/*'] }),
  'packages/one/package.json': manifest({
    publishConfig: {
      main: './lib/other.js',
      types: './lib/other.d.ts',
      exports: './lib/other.js',
      executableFiles: ['./start'],
    },
    main: './src/other.ts',
  }),
  'packages/one/lib/other.js': '',
  'packages/one/bin.js': '',
  'packages/one/start': '',
  'packages/two/package.json': '{"name":"two","version":"1.0.0"}\n',
});
const RELEASED_TOGETHER = (): Files => ({
  ...MONOREPO(),
  'packages/one/package.json': manifest({ peerDependencies: { two: 'workspace:^' } }),
});

const CASES: readonly Case[] = [
  { why: 'has scripts', linker: 'node-modules', files: () => ({}) },
  { why: 'has scripts', linker: 'pnp', files: () => ({}) },
  {
    why: 'names a program to be started as Yarn',
    linker: 'node-modules',
    files: () => ({ '.yarnrc.yml': 'yarnPath: ./evil.cjs\n', 'evil.cjs': EVIL_YARN() }),
  },
  {
    why: 'names a plugin of Yarn',
    linker: 'node-modules',
    files: () => ({ '.yarnrc.yml': 'plugins: [./evil.cjs]\n', 'evil.cjs': EVIL_PLUGIN() }),
    told: /Packing the package failed/,
    exitCode: 1,
  },
  { why: 'has a lockfile of npm', linker: 'node-modules', files: () => ({ 'package-lock.json': LOCK_OF_NPM }) },
  { why: 'is a workspace', linker: 'node-modules', files: MONOREPO, folder: 'workspace=forked&' },
  { why: 'is a workspace', linker: 'pnp', files: MONOREPO, folder: 'workspace=forked&' },
  {
    why: 'is a workspace that names the version of another',
    linker: 'node-modules',
    files: RELEASED_TOGETHER,
    folder: 'workspace=forked&',
    told: /forked@1\.0\.0[^]*its package\.json is written anew/,
    exitCode: 3,
  },
  {
    why: 'lies in a folder',
    linker: 'node-modules',
    files: MONOREPO,
    folder: 'cwd=packages%2Fone&',
    told: /forked@1\.0\.0[^]*`cwd`/,
    exitCode: 3,
  },
];

describe('a git dependency under Yarn 4 that', { concurrency: 1 }, () => {
  for (const each of CASES) test(`${each.why} (${each.linker})`, (t) => examine(t, each));
});

async function examine(t: TestContext, each: Case): Promise<void> {
  const install = await locked(t, each);
  if (install === undefined) return;
  assert.ok(fs.existsSync(ran()), 'nothing would have run anyway');
  fs.rmSync(ran());
  const { exitCode, output } = await install();
  assert.ok(!fs.existsSync(ran()), `something of the repository ran:\n${output}`);
  assert.match(output, each.told ?? /all as approved, 1 by git compared with their commits/);
  assert.equal(exitCode, each.exitCode ?? 0, output);
  if (each.told !== undefined || each.linker === 'pnp') return;
  for (const file of ['bin.js', 'package.json']) {
    fs.appendFileSync(path.join(install.directory, 'node_modules/forked', file), ' ');
  }
  const changed = await install('--check-installed');
  assert.equal(changed.exitCode, 1, changed.output);
  assert.match(changed.output, /installed-changed[^]*forked[^]*bin\.js[^]*package\.json/);
}

type Install = ((...args: readonly string[]) => Promise<Spawned>) & { readonly directory: string };

async function locked(t: TestContext, each: Case): Promise<Install | undefined> {
  const ready = await readyManager(t, YARN ?? assert.fail());
  if (ready === undefined) return undefined;
  const name = `forked-${CASES.indexOf(each)}`;
  const commit = commitFiles(path.join(world.folder, 'repositories', name), { ...common(), ...each.files() });
  const { directory } = await lockProject(
    ready,
    world,
    filesOf(each, `${host.url}${name}/.git#${each.folder ?? ''}commit=${commit}`),
    throughHost(),
  );
  const base = path.dirname(directory);
  const [home, bin] = [path.join(base, 'user'), path.join(base, 'bin')];
  for (const folder of [home, bin]) fs.mkdirSync(folder);
  writeStarter(path.join(bin, 'yarn'), ready.command);
  fs.writeFileSync(path.join(base, 'root.json'), world.trustedRoot);
  fs.writeFileSync(path.join(base, 'keys.json'), world.keys);
  const own = ['install', '--verified-only', '--trusted-root=../root.json', '--registry-keys=../keys.json'];
  const env = {
    PATH: [bin, path.dirname(process.execPath), '/usr/bin', '/bin'].join(path.delimiter),
    HOME: home,
    NO_COLOR: '1',
    YARN_CACHE_FOLDER: path.join(home, '.cache', 'yarn'),
    ...throughHost(),
  };
  const [node = '', ...words] = lockseal;
  const install = (...args: readonly string[]): Promise<Spawned> =>
    spawned([node, ...words, ...own, ...args], { cwd: directory, env, timeout: TIMEOUT });
  return Object.assign(install, { directory });
}

/** As a user says it whose way out is a proxy. */
function throughHost(): Readonly<Record<string, string>> {
  const authority = path.join(world.folder, 'host.pem');
  return {
    https_proxy: host.proxyUrl,
    no_proxy: '127.0.0.1',
    GIT_SSL_CAINFO: authority,
    NODE_EXTRA_CA_CERTS: authority,
  };
}

function filesOf({ linker }: Case, forked: string): Files {
  const { '.yarnrc.yml': settings = '' } = driverOf(YARN ?? assert.fail()).files(world.server.url);
  return {
    'package.json': JSON.stringify({ name: 'shop', private: true, dependencies: { forked, leaf: '^1.0.0' } }),
    '.yarnrc.yml': `${settings.replace('node-modules', linker)}approvedGitRepositories: ['**']\n`,
    'lockseal.yaml': 'version: 1\nrules: {install-scripts: note}\ninstall: {git: pinned, allowHosts: [git.example]}\n',
  };
}
