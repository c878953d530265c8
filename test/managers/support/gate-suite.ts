// Real installs through the gate, by every package manager that it works with: what is approved arrives whole, cold and
// warm; of everything else nothing does, and the report says what it was and who asked for it. docs/install.md has the
// table of what each manager heeds.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, afterEach, before, describe, test, type TestContext } from 'node:test';
import type { Fault } from '@lockseal/testkit';
import {
  approvedProject,
  askFor,
  gatedInstall,
  removeInstalled,
  reportIn,
  type GatedProject,
  type GatedReport,
} from './gated.ts';
import { installManager } from './install-manager.ts';
import { installedPackages } from './installed.ts';
import { MANAGERS, type Family, type Manager } from './managers.ts';
import { readyManager } from './ready-manager.ts';
import { attacksOn } from './attacks.ts';
import { materialsFor } from './run-attacks.ts';
import { openWorld, type World } from './world.ts';

const TOKEN = 'registry-s3cret';

/** What goes wrong with the tarball of `leaf`. */
const UPSTREAM: Readonly<Record<string, () => Fault>> = {
  'other bytes for its tarball': () => ({ type: 'other-bytes' }),
  "another package's tarball in its place": () => ({ type: 'other-bytes', bytes: world.evil.tarball }),
  'a redirect to another host': () => ({ type: 'redirect', to: 'http://localhost:9' }),
  'a body that ends early': () => ({ type: 'truncate', bytes: 100 }),
  'an answer that never comes': () => ({ type: 'stall' }),
};

let world: World;

/** Those that `gate-pnpm.matrix.ts` has; `gate.matrix.ts` has all others. */
export const BESIDE: readonly Family[] = ['pnpm', 'bun'];

/** Declares the tests of the package managers of these families, one after the other: they share a registry. */
export function examineGate(families: readonly Family[]): void {
  before(async () => {
    world = await openWorld();
  });
  afterEach(() => {
    world.registry.clearFaults();
    world.registry.requireToken(undefined);
  });
  after(async () => world.close());
  const examined = MANAGERS.filter(({ family, env }) => families.includes(family) && Object.keys(env).length === 0);
  describe(`the gate: ${families.join(', ')}`, { concurrency: 1 }, () => {
    for (const manager of examined) describe(manager.id, { concurrency: 1 }, () => examine(manager));
  });
}

function examine(manager: Manager): void {
  let gated: GatedProject | undefined;
  const project = async (t: TestContext): Promise<GatedProject | undefined> => {
    if (gated !== undefined) return gated;
    const ready = await readyManager(t, manager);
    if (ready !== undefined) gated = await approvedProject(ready, world);
    return gated;
  };
  const tried = (name: string, body: (gated: GatedProject) => Promise<void>): void =>
    void test(name, async (t) => {
      const found = await project(t);
      if (found !== undefined) await body(found);
    });

  tried('installs what was approved, cold and warm', installsWhatWasApproved);
  tried('gives a private registry its token, and the child none', keepsTheToken);
  for (const [name, fault] of Object.entries(UPSTREAM)) {
    tried(`lets nothing wrong through: ${name}`, (each) => refusesUpstream(each, fault()));
  }
  tried('lets nothing through that is not locked', refusesUnlocked);
  // What npm asks inside of a script does not depend on the version of who runs the script.
  if (manager === MANAGERS.findLast(({ family, env }) => family === manager.family && Object.keys(env).length === 0))
    tried('lets nothing through that a script of the project asks for', refusesWhatScriptsAskFor);
  if (manager.family === 'yarn-berry') tried('holds what Yarn does not bind to what the registry signed', holdsUnbound);
  if (manager.family === 'yarn-berry') tried("starts the project's own Yarn unless it is told not to", ignoresYarnPath);
  tried("starts nothing for another package's tarball in the lockfile", refusesSubstitution);
}

async function installsWhatWasApproved(gated: GatedProject): Promise<void> {
  const text = fs.readFileSync(gated.lockfile, 'utf8');
  for (const isCold of [true, false]) {
    removeInstalled(gated, isCold);
    const { exitCode, output } = await gatedInstall(gated, ['--json']);
    assert.equal(exitCode, 0, output);
    const report = reportIn(output);
    assert.deepEqual(errorsOf(report), []);
    assert.deepEqual(report.undecided, []);
    assert.equal(report.disk.status, 'compared');
    assert.ok((report.disk.counts?.packages ?? 0) >= 15, output);
    assert.ok(isCold ? report.served.tarballs >= 14 : report.served.tarballs === 0, JSON.stringify(report.served));
    assert.equal(fs.readFileSync(gated.lockfile, 'utf8'), text);
  }
  // With what the manager keeps gone, the gate's own store answers.
  removeInstalled(gated);
  for (const name of fs.readdirSync(gated.home)) {
    const isStore = name === '.cache';
    if (!isStore) fs.rmSync(path.join(gated.home, name), { recursive: true, force: true });
    else removeAllBut('lockseal', path.join(gated.home, name));
  }
  const before = tarballsAsked();
  const { exitCode, output } = await gatedInstall(gated, ['--json']);
  assert.equal(exitCode, 0, output);
  assert.equal(tarballsAsked(), before, 'the registry is asked for no tarball');
}

function removeAllBut(kept: string, folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    if (name !== kept) fs.rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}

function tarballsAsked(): number {
  return world.server.requests.filter(({ route }) => route === 'tarball').length;
}

async function keepsTheToken(gated: GatedProject): Promise<void> {
  const { host } = new URL(world.server.url);
  fs.writeFileSync(path.join(gated.home, '.npmrc'), `//${host}/:_authToken=${TOKEN}\n`);
  const yarnrc = `npmRegistries:\n  "//${host}":\n    npmAlwaysAuth: true\n    npmAuthToken: ${TOKEN}\n`;
  fs.writeFileSync(path.join(gated.home, '.yarnrc.yml'), yarnrc);
  world.registry.requireToken(TOKEN);
  removeInstalled(gated, true);
  const installed = await gatedInstall(gated);
  assert.equal(installed.exitCode, 0, installed.output);
  const tarballs = world.server.requests.filter(({ route, status }) => route === 'tarball' && status === 200);
  assert.equal(tarballs.at(-1)?.headers.authorization, `Bearer ${TOKEN}`);

  const script = 'env; cat "$HOME/.npmrc" "$HOME/.yarnrc.yml" "$npm_config_userconfig"; ls -a "$HOME"';
  const env = { NPM_TOKEN: TOKEN, NODE_AUTH_TOKEN: TOKEN, CUSTOM: `https://u:${TOKEN}@${host}/` };
  const { output } = await gatedInstall(gated, ['--', 'sh', '-c', script], env);
  assert.match(output, /LOCKSEAL_GATE=1/);
  assert.ok(!output.includes(TOKEN), output);
  fs.rmSync(path.join(gated.home, '.npmrc'));
  fs.rmSync(path.join(gated.home, '.yarnrc.yml'));
}

async function refusesUpstream(gated: GatedProject, fault: Fault): Promise<void> {
  removeInstalled(gated, true);
  world.registry.fault({ route: 'tarball', name: 'leaf' }, fault);
  const { exitCode, output } = await gatedInstall(gated, ['--json']);
  assert.notEqual(exitCode, 0, output);
  assert.notEqual(exitCode, null, output);
  assert.ok(!ids(gated).some((id) => /^(?:leaf|evil)@/.test(id)), output);
  const report = reportIn(output);
  if (fault.type !== 'other-bytes') {
    assert.ok(
      // The package manager may have given up before the gate did.
      report.undecided.some(({ subject }) => subject === 'leaf@1.0.0') ||
        /timeout at: \S+leaf-1\.0\.0\.tgz/.test(output),
      output,
    );
    return;
  }
  const found = report.findings.find(({ code }) => code === 'tarball-mismatch');
  assert.equal(exitCode, 1);
  assert.equal(found?.subject, 'leaf@1.0.0', output);
  assert.deepEqual(found?.path, ['.', 'parent@1.0.0', 'leaf@1.0.0']);
}

async function refusesUnlocked(gated: GatedProject): Promise<void> {
  removeInstalled(gated);
  const [lock, manifest] = [gated.lockfile, path.join(gated.directory, 'package.json')];
  const texts = [lock, manifest].map((file) => fs.readFileSync(file));
  const { exitCode, output } = await gatedInstall(gated, ['--json', '--', ...askFor(gated, 'evil@1.0.0')]);
  for (const [at, file] of [lock, manifest].entries()) fs.writeFileSync(file, texts[at] ?? '');
  assert.equal(exitCode, 1, output);
  const refused = errorsOf(reportIn(output)).filter(({ code }) => code === 'gate-refused');
  assert.ok(
    refused.some(({ subject }) => subject.startsWith('evil')),
    output,
  );
  assert.ok(!ids(gated).some((id) => id.startsWith('evil@')), output);
}

/** What a frozen install runs of the project's own scripts when somebody turns them on again, in spite of the gate's variables. */
const WITH_SCRIPTS: ReadonlyMap<Family, string> = new Map([
  ['npm', 'npm ci --no-ignore-scripts'],
  ['pnpm', 'pnpm install --frozen-lockfile --config.ignore-scripts=false'],
  ['yarn-classic', 'yarn install --frozen-lockfile --no-ignore-scripts'],
  ['yarn-berry', 'YARN_ENABLE_SCRIPTS=true yarn install --immutable'],
  ['bun', 'env -u npm_config_ignore_scripts bun install --frozen-lockfile'],
]);

/** npm and npx inside of the script are npm's own; the install goes on whatever becomes of them. */
async function refusesWhatScriptsAskFor(gated: GatedProject): Promise<void> {
  removeInstalled(gated);
  const npm = await installManager(MANAGERS.findLast(({ family }) => family === 'npm') ?? assert.fail());
  assert.equal(npm.type, 'command');
  const [node, program = ''] = npm.type === 'command' ? npm.command : [''];
  const run = (name: string): string => `"${node}" "${path.join(path.dirname(program), `${name}-cli.js`)}"`;
  const registry = `--registry=${world.server.url}`;
  const script = [
    `${run('npm')} install --no-save --no-audit ${registry} evil@1.0.0`,
    `${run('npx')} --yes ${registry} @evil/tool`,
    // npm does not read every project of another manager; beside it nothing keeps it.
    'mkdir ../ran && cd ../ran',
    `${run('npm')} install ${registry} evil@1.0.0 || true`,
  ].join('; ');
  const manifest = path.join(gated.directory, 'package.json');
  const before = fs.readFileSync(manifest, 'utf8');
  const parsed = JSON.parse(before) as object;
  fs.writeFileSync(manifest, JSON.stringify({ ...parsed, scripts: { preinstall: script } }));
  const command = WITH_SCRIPTS.get(gated.ready.manager.family) ?? assert.fail();
  const { exitCode, output } = await gatedInstall(gated, ['--json', '--', 'sh', '-c', command]).finally(() => {
    fs.writeFileSync(manifest, before);
  });
  assert.ok(fs.existsSync(path.join(gated.directory, '../ran')), `the script did not run:\n${output}`);
  assert.ok(!fs.existsSync(path.join(gated.directory, '../ran/node_modules/evil')), output);
  fs.rmSync(path.join(gated.directory, '../ran'), { recursive: true });
  assert.equal(exitCode, 1, output);
  const report = reportIn(output);
  for (const [subject, typed] of [['evil', 'install'] as const, ['@evil/tool', 'exec'] as const]) {
    const found = report.findings.find((each) => each.code === 'gate-refused' && each.subject === subject);
    assert.equal(found?.level, 'error', output);
    assert.match(found?.found ?? '', new RegExp(`\\(by [a-z]+/[\\d.]+, npm ${typed}\\)$`));
  }
  assert.ok(!ids(gated).some((id) => id.includes('evil')), output);
  assert.equal(report.ended?.code, 0, output);
  assert.equal(report.disk.status, 'compared', output);
}

/** Yarn records no checksum of what is for some platforms only, and nobody else can rebuild that of `odd`. */
async function holdsUnbound(gated: GatedProject): Promise<void> {
  const native = `@acme/native-${process.platform}-${process.arch}`;
  const isHere = world.registry.find(native, '1.0.0') !== undefined;
  const unbound = ['odd', ...(isHere ? [native] : [])];
  const lock = fs.readFileSync(gated.lockfile, 'utf8');
  assert.match(lock, /conditions: os=linux & cpu=x64\n {2}languageName/);
  for (const isCold of [true, false]) {
    removeInstalled(gated, isCold);
    const { exitCode, output } = await gatedInstall(gated, ['--json']);
    assert.equal(exitCode, 0, output);
    const installed = ids(gated);
    for (const name of [...unbound, 'twice']) assert.ok(installed.includes(`${name}@1.0.0`), `${name}\n${output}`);
  }
  for (const name of unbound) {
    removeInstalled(gated, true);
    const removeFault = world.registry.fault(
      { route: 'tarball', name },
      { type: 'other-bytes', bytes: world.evil.tarball },
    );
    const { exitCode, output } = await gatedInstall(gated, ['--json']);
    removeFault();
    assert.equal(exitCode, 1, output);
    const found = reportIn(output).findings.find(({ code }) => code === 'tarball-mismatch');
    assert.equal(found?.subject, `${name}@1.0.0`, output);
    assert.ok(!ids(gated).some((id) => id === `${name}@1.0.0` || id.startsWith('evil@')), output);
  }
}

/** `yarnPath` decides by which Yarn the lockfile was made, so it stays; who sets YARN_IGNORE_PATH is heeded (docs/install.md). */
async function ignoresYarnPath(gated: GatedProject): Promise<void> {
  removeInstalled(gated);
  const [settings, ran] = [path.join(gated.directory, '.yarnrc.yml'), path.join(gated.directory, '../own-yarn-ran')];
  const release = path.join(gated.directory, '.yarn/releases/yarn.cjs');
  const before = fs.readFileSync(settings);
  fs.mkdirSync(path.dirname(release), { recursive: true });
  fs.writeFileSync(release, `require('node:fs').writeFileSync(${JSON.stringify(ran)}, '');\n`);
  fs.appendFileSync(settings, 'yarnPath: .yarn/releases/yarn.cjs\n');
  const ignoring = await gatedInstall(gated, ['--json'], { YARN_IGNORE_PATH: '1' });
  assert.equal(ignoring.exitCode, 0, ignoring.output);
  assert.ok(!fs.existsSync(ran), ignoring.output);
  const heeding = await gatedInstall(gated);
  fs.writeFileSync(settings, before);
  // It did nothing and was content; what the run before has installed is still as approved.
  assert.equal(heeding.exitCode, 0, heeding.output);
  assert.ok(fs.existsSync(ran), heeding.output);
  fs.rmSync(ran);
}

async function refusesSubstitution(gated: GatedProject): Promise<void> {
  removeInstalled(gated, true);
  const text = fs.readFileSync(gated.lockfile, 'utf8');
  const { ready } = gated;
  const materials = await materialsFor({ ready, world }, text);
  fs.writeFileSync(gated.lockfile, attacksOn(ready.manager.family)['substituted artifact'](text, materials));
  const before = tarballsAsked();
  const { exitCode, output } = await gatedInstall(gated);
  fs.writeFileSync(gated.lockfile, text);
  assert.equal(exitCode, 1, output);
  assert.match(output, /approval-other-lockfile/);
  assert.equal(tarballsAsked(), before);
  assert.ok(!fs.existsSync(path.join(gated.directory, 'node_modules')));
}

function errorsOf({ findings }: GatedReport): GatedReport['findings'] {
  return findings.filter(({ level }) => level === 'error');
}

function ids({ directory }: GatedProject): readonly string[] {
  return installedPackages(directory).map(({ id }) => id);
}
