// The gate in our own chain: what @lockseal/core depends on is locked, approved, and installed through the gate by npm;
// then disk and lockfile are attacked. The whole of this repository would take minutes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { swapHashes } from './swap-hashes.ts';

export interface Run {
  readonly exitCode: number | null;
  readonly text: string;
}

/** A folder with the policies of this run, and lockseal in it. */
export interface GateChain {
  readonly folder: string;
  readonly approve: () => Run;
  readonly install: (...args: readonly string[]) => Run;
}

const DEPENDENCY = 'semver';
const TIMEOUT = 120_000;

/** @param dependencies of a package.json, by name */
export function installThroughTheGate(chain: GateChain, dependencies: Readonly<Record<string, string>>): void {
  const file = (...names: readonly string[]): string => path.join(chain.folder, ...names);
  lock(chain.folder, { [DEPENDENCY]: '^7.8.0', ...dependencies });
  good('approved, what a package of ours depends on', chain.approve());
  good('installed through the gate', chain.install());

  const installed = file('node_modules', DEPENDENCY, 'package.json');
  const bytes = fs.readFileSync(installed);
  fs.appendFileSync(installed, '\n');
  refused('a file is changed after the install', /installed-changed/, chain.install('--check-installed'));
  fs.writeFileSync(installed, bytes);
  good('compared with what was approved', chain.install('--check-installed'));

  fs.rmSync(file('node_modules'), { recursive: true });
  swapHashes(file('package-lock.json'));
  refused('two packages change hashes, installed', /approval-other-lockfile/, chain.install());
  assert.equal(fs.existsSync(file('node_modules')), false, 'nothing was installed');
}

function lock(folder: string, dependencies: Readonly<Record<string, string>>): void {
  const manifest = { name: 'own-chain', version: '1.0.0', private: true, dependencies };
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  const args = ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'];
  const shell = process.platform === 'win32';
  const { status, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8', timeout: TIMEOUT, shell });
  assert.equal(status, 0, stderr);
}

function good(what: string, { exitCode, text }: Run): void {
  assert.equal(exitCode, 0, `${what}\n${text}`);
  console.log(what);
}

function refused(what: string, code: RegExp, { exitCode, text }: Run): void {
  assert.equal(exitCode, 1, `${what}\n${text}`);
  assert.match(text, code, what);
  console.log(`refused: ${what}`);
}
