// Approved install scripts where managers put packages elsewhere than npm does: in the sandbox, in the package's own
// folder, dependencies before dependents, with the programs of what they depend on; and by name where they cannot run. Not part
// of `npm test`: run `npm run test:managers`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test, type TestContext } from 'node:test';
import { lockseal } from '../support/transcript.ts';
import { driverOf } from './support/drivers.ts';
import { PROGRAMS } from './support/gated.ts';
import { MANAGERS, type Family, type Manager } from './support/managers.ts';
import { readyManager, skipAloud } from './support/ready-manager.ts';
import { lockProject, type Files, type ReadyManager } from './support/run-manager.ts';
import { spawned, type Spawned } from './support/spawned.ts';
import { openWorld, type World } from './support/world.ts';

const TIMEOUT = 120_000;
const isThorough = process.env['LOCKSEAL_THOROUGH'] !== undefined;
const SANDBOX = 'bwrap';
/** Old enough for the managers that refuse what was published lately. */
const publishedAt = new Date(Date.now() - 90 * 24 * 60 * 60 * 1000);

const LOW = { postinstall: 'node build.js' };
/** Calls the program of a dependency by its name, and looks at what another one has built. */
const HIGH = { postinstall: 'tool && node build.js && touch ../escaped' };
const HELD = { postinstall: 'touch ../../held' };

const PACKAGES = [
  {
    name: 'tool',
    manifest: { bin: { tool: 'tool.js' } },
    files: { 'tool.js': "#!/usr/bin/env node\nconsole.log('tool of', process.cwd());\n" },
  },
  {
    name: 'low',
    scripts: LOW,
    files: { 'build.js': "require('node:fs').writeFileSync('built.txt', 'low');\n" },
  },
  {
    name: 'high',
    dependencies: { low: '^1.0.0', tool: '^1.0.0' },
    scripts: HIGH,
    files: {
      'build.js': `const fs = require('node:fs');
const path = require('node:path');
const low = path.dirname(require.resolve('low/package.json'));
console.log('low is', fs.readFileSync(path.join(low, 'built.txt'), 'utf8'));
try { fs.writeFileSync(path.join(low, 'other.txt'), ''); } catch (error) { console.log(error.code); }
fs.writeFileSync('built.txt', 'high');
`,
    },
  },
  { name: 'held', scripts: HELD },
];

interface Layout {
  readonly family: Family;
  readonly name: string;
  /** Members of package.json. */
  readonly manifest?: object;
  /** Further lines of the manager's own file. */
  readonly settings?: Readonly<Record<string, (text: string) => string>>;
  /** Where packages lie. */
  readonly place?: RegExp;
}

/** With the cache where it is by default: beside everybody else's, in the home. */
const asPnp = (text: string): string =>
  text.replace('node-modules', 'pnp').replace('enableGlobalCache: false', 'enableGlobalCache: true');

const LAYOUTS: readonly Layout[] = [
  { family: 'npm', name: 'hoisted', place: /\/project\/node_modules\/high$/ },
  { family: 'pnpm', name: 'isolated', place: /\/node_modules\/\.pnpm\/high@1\.0\.0\/node_modules\/high$/ },
  { family: 'yarn-classic', name: 'hoisted', place: /\/project\/node_modules\/high$/ },
  { family: 'yarn-berry', name: 'node-modules', place: /\/project\/node_modules\/high$/ },
  {
    family: 'yarn-berry',
    name: 'pnpm linker',
    settings: { '.yarnrc.yml': (text) => text.replace('node-modules', 'pnpm') },
    place: /\/node_modules\/\.store\/high-npm-[^/]+\/package$/,
  },
  {
    family: 'yarn-berry',
    name: "Plug'n'Play, unplugged by the project",
    manifest: { dependenciesMeta: { high: { unplugged: true }, low: { unplugged: true } } },
    settings: { '.yarnrc.yml': asPnp },
    place: /\/\.yarn\/unplugged\/high-npm-[^/]+\/node_modules\/high$/,
  },
  { family: 'yarn-berry', name: "Plug'n'Play, in zips", settings: { '.yarnrc.yml': asPnp } },
  {
    family: 'bun',
    name: 'hoisted',
    settings: { 'bunfig.toml': (text) => `${text}linker = "hoisted"\n` },
    place: /\/project\/node_modules\/high$/,
  },
  {
    family: 'bun',
    name: 'isolated',
    settings: { 'bunfig.toml': (text) => `${text}linker = "isolated"\n` },
    place: /\/node_modules\/\.bun\/high@1\.0\.0\/node_modules\/high$/,
  },
];

let world: World;
before(async () => {
  world = await openWorld();
  for (const each of PACKAGES) world.registry.publish({ version: '1.0.0', publishedAt, ...each });
});
after(async () => world.close());

/** Layouts in which scripts run as under npm are tried with LOCKSEAL_THOROUGH alone. */
const TRIED = LAYOUTS.filter(({ name }) => isThorough || !['hoisted', 'node-modules'].includes(name));

describe('approved install scripts', { concurrency: 1 }, () => {
  for (const layout of TRIED) {
    const manager = MANAGERS.findLast(({ family, env }) => family === layout.family && Object.keys(env).length === 0);
    if (manager !== undefined) test(`${manager.id}, ${layout.name}`, (t) => examine(t, manager, layout));
  }
});

async function examine(t: TestContext, manager: Manager, layout: Layout): Promise<void> {
  const hasSandbox = spawnSync(SANDBOX, ['--version'], { stdio: 'ignore' }).status === 0;
  if (!hasSandbox) return skipAloud(t, manager, `there is no ${SANDBOX}`);
  const ready = await readyManager(t, manager);
  if (ready === undefined) return;
  const { directory, exitCode, output } = await install(ready, layout);
  const map = path.join(directory, '.pnp.cjs');
  if (fs.existsSync(map)) {
    // What it names is there when the run is over.
    const found = spawnSync(
      process.execPath,
      ['--require', map, '-e', "console.log(require.resolve('high/package.json'))"],
      {
        cwd: directory,
        encoding: 'utf8',
      },
    );
    assert.equal(found.status, 0, found.stderr);
    assert.doesNotMatch(fs.readFileSync(map, 'utf8'), /lockseal-run-/);
  }
  assert.match(output, /script-held[^]*\n {4}held@1\.0\.0\n/);
  const made = fs.readdirSync(path.dirname(directory), { recursive: true, encoding: 'utf8' });
  assert.deepEqual(
    made.filter((file) => /(?:^|\/)(?:held|escaped)$/.test(file) && !/node_modules|unplugged|^user\//.test(file)),
    [],
  );
  if (layout.place === undefined) {
    assert.equal(exitCode, 1, output);
    const told = /script-failed[^]*high@1\.0\.0[^]*in a zip[^]*"dependenciesMeta": \{"high": \{"unplugged": true\}\}/;
    assert.match(output, told);
    assert.doesNotMatch(output, /Install scripts run/);
    return;
  }
  // What is approved ends where it writes beside its package: the folder around it cannot be written to.
  assert.equal(exitCode, 1, output);
  const said = output.split('\n').flatMap((line) => /^\[high@1\.0\.0 postinstall\] (.*)$/.exec(line)?.[1] ?? []);
  const [tool = '', low, denied, outside = ''] = said;
  assert.match(tool, /^tool of /);
  assert.match(tool, layout.place);
  assert.deepEqual([low, denied], ['low is low', 'EROFS'], output);
  assert.match(outside, /^touch: .*Read-only file system/);
  assert.equal(fs.readFileSync(path.join(tool.slice('tool of '.length), 'built.txt'), 'utf8'), 'high');
}

async function install(ready: ReadyManager, layout: Layout): Promise<Spawned & { readonly directory: string }> {
  const { manager, command } = ready;
  const { directory } = await lockProject(ready, world, filesOf(ready, layout));
  const base = path.dirname(directory);
  const [home, bin] = [path.join(base, 'user'), path.join(base, 'bin')];
  for (const folder of [home, bin]) fs.mkdirSync(folder);
  const program = path.join(bin, PROGRAMS.get(manager.family) ?? assert.fail());
  fs.writeFileSync(program, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`, { mode: 0o755 });
  for (const name of ['node_modules', '.yarn', '.pnp.cjs'])
    fs.rmSync(path.join(directory, name), { recursive: true, force: true });
  fs.writeFileSync(path.join(base, 'root.json'), world.trustedRoot);
  fs.writeFileSync(path.join(base, 'keys.json'), world.keys);
  const own = ['install', '--verified-only', '--sandbox=require', '--trusted-root=../root.json'];
  const env = {
    PATH: [bin, path.dirname(process.execPath), '/usr/bin', '/bin'].join(path.delimiter),
    HOME: home,
    NO_COLOR: '1',
    // Else root's is that of the whole machine.
    ...(manager.family === 'yarn-classic' ? { YARN_CACHE_FOLDER: path.join(home, '.cache', 'yarn') } : {}),
  };
  const [node = '', ...words] = lockseal;
  const ran = await spawned([node, ...words, ...own, '--registry-keys=../keys.json'], {
    cwd: directory,
    env,
    timeout: TIMEOUT,
  });
  return { ...ran, directory };
}

function filesOf({ manager }: ReadyManager, { manifest = {}, settings = {} }: Layout): Files {
  const dependencies = { high: '^1.0.0', held: '^1.0.0' };
  const plain = driverOf(manager).files(world.server.url);
  const changed = Object.entries(settings).map(([file, change]) => [file, change(plain[file] ?? '')]);
  const allow = [LOW, HIGH].map((scripts, at) => `{package: ${['low', 'high'][at]}, sha256: ${digestOf(scripts)}}`);
  return {
    'package.json': JSON.stringify({ name: 'shop', version: '1.0.0', private: true, dependencies, ...manifest }),
    'lockseal.yaml': `version: 1\nrules: {install-scripts: {level: note, allow: [${allow.join(', ')}]}}\n`,
    ...Object.fromEntries(changed),
  };
}

function digestOf(scripts: object): string {
  return createHash('sha256').update(JSON.stringify(scripts)).digest('hex');
}
