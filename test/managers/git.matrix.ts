// Dependencies by git that a policy takes, by every package manager that fetches from a folder of this machine: what is on
// disk is what the approved commit holds, and nothing of the repository runs while it is fetched, whatever it says. Not part of
// `npm test`: run `npm run test:managers`.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test, type TestContext } from 'node:test';
import { lockseal } from '../support/transcript.ts';
import { driverOf } from './support/drivers.ts';
import { PROGRAMS } from './support/gated.ts';
import { commitFiles, scriptsThatTouch } from './support/git-repository.ts';
import { MANAGERS, type Manager } from './support/managers.ts';
import { readyManager } from './support/ready-manager.ts';
import { lockProject, type Files, type ReadyManager } from './support/run-manager.ts';
import { spawned, type Spawned } from './support/spawned.ts';
import { openWorld, type World } from './support/world.ts';

const TIMEOUT = 120_000;

/**
 * npm 10 and Yarn 1 prepare in spite of `--ignore-scripts`; the newest of the other families with LOCKSEAL_THOROUGH alone. Yarn 4
 * fetches from no folder: git-berry.matrix.ts.
 */
const isThorough = process.env['LOCKSEAL_THOROUGH'] !== undefined;
const OTHERS = isThorough ? ['npm 11.21.2', 'npm 12.2.0', 'pnpm 9.15.9', 'bun 1.4.5'] : [];
const TRIED = ['npm 10.9.9', 'pnpm 12.21.0', 'yarn 1.22.22', ...OTHERS].map(
  (id) => MANAGERS.find((manager) => manager.id === id) ?? assert.fail(id),
);

let world: World;
let repository: string;
let commit: string;
before(async () => {
  world = await openWorld();
  repository = path.join(world.folder, 'forked');
  commit = makeRepository();
});
after(async () => world.close());

/** Whatever runs of it leaves a file `ran`; its settings would turn scripts on. */
function makeRepository(): string {
  const scripts = scriptsThatTouch(ranFile());
  const files: Files = {
    // Not as JSON.stringify writes it: what a manager writes anew is seen.
    'package.json': `{"name":"forked",\n\t"version":"1.0.0", "files":["*.js","run.sh"], "scripts": ${JSON.stringify(scripts)}}\n`,
    'index.js': "module.exports = 'forked';\n",
    'run.sh': '#!/bin/sh\n',
    'notes.md': 'Packing leaves it out.\n',
    '.gitattributes': '*.js filter=evil eol=lf\n',
    '.npmrc': 'ignore-scripts=false\nscript-shell=/bin/sh\n',
    '.yarnrc': 'ignore-scripts false\n',
  };
  const made = commitFiles(repository, files);
  // Hooks of the repository that is fetched from are somebody else's.
  fs.writeFileSync(path.join(repository, '.git/hooks/post-checkout'), `#!/bin/sh\ntouch ${ranFile()}\n`, {
    mode: 0o755,
  });
  return made;
}

function ranFile(): string {
  return path.join(world.folder, 'ran');
}

describe('a git dependency', { concurrency: 1 }, () => {
  for (const manager of TRIED) test(manager.id, (t) => examine(t, manager));
});

async function examine(t: TestContext, manager: Manager): Promise<void> {
  const ready = await readyManager(t, manager);
  if (ready === undefined) return;
  const gated = await locked(ready);
  // Locking is the user's own affair, and prepares under npm 10 and Yarn 1.
  fs.rmSync(ranFile(), { force: true });
  const { exitCode, output } = await gated();
  assert.equal(exitCode, 0, output);
  assert.match(output, /all as approved, 1 by git compared with their commits/);
  assert.match(output, /script-held[^]*forked/);
  assert.ok(!fs.existsSync(ranFile()), `something of the repository ran:\n${output}`);
  const program = findProgram(gated.directory);
  fs.writeFileSync(program, "module.exports = 'evil!!';\n");
  const changed = await gated('--check-installed');
  assert.equal(changed.exitCode, 1, changed.output);
  assert.match(changed.output, /installed-changed[^]*forked[^]*index\.js/);
}

type Install = ((...args: readonly string[]) => Promise<Spawned>) & { readonly directory: string };

async function locked(ready: ReadyManager): Promise<Install> {
  const { manager, command } = ready;
  const { directory } = await lockProject(ready, world, filesOf(manager));
  const base = path.dirname(directory);
  const [home, bin] = [path.join(base, 'user'), path.join(base, 'bin')];
  for (const folder of [home, bin]) fs.mkdirSync(folder);
  const program = path.join(bin, PROGRAMS.get(manager.family) ?? assert.fail());
  fs.writeFileSync(program, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`, { mode: 0o755 });
  fs.rmSync(path.join(directory, 'node_modules'), { recursive: true, force: true });
  fs.writeFileSync(path.join(base, 'root.json'), world.trustedRoot);
  fs.writeFileSync(path.join(base, 'keys.json'), world.keys);
  const trust = ['--trusted-root=../root.json', '--registry-keys=../keys.json'];
  const env = {
    PATH: [bin, path.dirname(process.execPath), '/usr/bin', '/bin'].join(path.delimiter),
    HOME: home,
    NO_COLOR: '1',
    YARN_CACHE_FOLDER: path.join(home, '.cache', 'yarn'),
  };
  const [node = '', ...words] = lockseal;
  const install = (...args: readonly string[]): Promise<Spawned> =>
    spawned([node, ...words, 'install', '--verified-only', ...trust, ...args], {
      cwd: directory,
      env,
      timeout: TIMEOUT,
    });
  return Object.assign(install, { directory });
}

function filesOf(manager: Manager): Files {
  const { '.npmrc': npmrc = '' } = driverOf(manager).files(world.server.url);
  const dependencies = { forked: `git+file://${repository}#${commit}`, leaf: '^1.0.0' };
  return {
    'package.json': JSON.stringify({ name: 'shop', version: '1.0.0', private: true, dependencies }),
    'lockseal.yaml': 'version: 1\nrules: {install-scripts: note}\ninstall: {git: pinned}\n',
    ...(npmrc === '' ? {} : { '.npmrc': `${npmrc}${manager.family === 'npm' ? 'allow-git=all\n' : ''}` }),
  };
}

/** Not written to in place where a store has it, too: a file of its own takes the name. */
function findProgram(directory: string): string {
  const modules = path.join(directory, 'node_modules');
  const found = fs
    .readdirSync(modules, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(modules, name))
    .find((file) => file.endsWith('/forked/index.js') && !fs.realpathSync(path.dirname(file)).includes('/leaf'));
  const file = fs.realpathSync(found ?? assert.fail('forked was not installed'));
  fs.rmSync(file);
  return file;
}
