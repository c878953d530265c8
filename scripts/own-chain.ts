// lockseal eats its own food: the lockfile of this repository is verified under lockseal.yaml, approved, enforced, and
// then attacked, which must be refused; what a package of ours depends on is installed through the gate. The approver's key
// is made for this run and thrown away. Needs an npm registry, and npm.
//
//   npm run own-chain
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { generateKey } from '../packages/signer/src/index.ts';
import { installThroughTheGate, type GateChain, type Run } from './own-chain/install.ts';
import { swapHashes } from './own-chain/swap-hashes.ts';

const ROOT = path.join(import.meta.dirname, '..');
const LOCKFILE = 'pnpm-lock.yaml';
const APPROVALS = `${LOCKFILE}.approvals.jsonl`;
/** What the approvals of this run are bound to, wherever the checkout comes from. */
const REPOSITORY = 'https://lockseal.dev/own-chain';
const TIMEOUT = 240_000;

/** The lockfile with all that its verification reads, in a folder that may be attacked. */
interface Copy {
  readonly folder: string;
  readonly file: (name: string) => string;
  readonly lockseal: (...args: readonly string[]) => Run;
  readonly env: NodeJS.ProcessEnv;
}

function main(): void {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-own-chain-'));
  try {
    const copy = copyProject(folder);
    live(copy);
    for (const [what, code, attack] of ATTACKS) resist(copy, what, code, attack);
    installThroughTheGate(gateChain(copy), registryDependencies('packages/core/package.json'));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function copyProject(folder: string): Copy {
  const names = ['package.json', 'pnpm-workspace.yaml', 'lockseal.yaml', LOCKFILE, '.npmrc'];
  const members = fs
    .readdirSync(path.join(ROOT, 'packages'))
    .map((name) => path.join('packages', name, 'package.json'));
  const file = (name: string): string => path.join(folder, 'project', name);
  for (const name of [...names, ...members].filter((each) => fs.existsSync(path.join(ROOT, each)))) {
    fs.mkdirSync(path.dirname(file(name)), { recursive: true });
    fs.copyFileSync(path.join(ROOT, name), file(name));
  }
  for (const name of ['approver', 'stranger']) {
    const { privateKey, publicKey } = generateKey('P-256');
    fs.writeFileSync(path.join(folder, `${name}.pem`), privateKey, { mode: 0o600 });
    if (name === 'approver') fs.writeFileSync(file('approvers.yaml'), approversPolicy(publicKey));
  }
  const env = {
    ...process.env,
    LOCKSEAL_CACHE_DIR: path.join(folder, 'cache'),
    LOCKSEAL_STATE_DIR: path.join(folder, 'state'),
  };
  return { folder, file, env, lockseal: (...args) => runLockseal(args, path.dirname(file(LOCKFILE)), env) };
}

/** lockseal.yaml, and who may approve: whoever has the key of this run. */
function approversPolicy(publicKey: string): string {
  const spki = createPublicKey(publicKey).export({ type: 'spki', format: 'der' }).toString('base64');
  return `version: 1
extends: ./lockseal.yaml
approvals:
  repository: ${REPOSITORY}
  # The key is as old as this run, and no service is asked to witness what it signs.
  allowUntimestamped: true
  roles:
    run: {threshold: 1, approvers: [{name: this run, keys: ['${spki}']}]}
`;
}

function runLockseal(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Run {
  const program = path.join(ROOT, 'packages', 'cli', 'bin', 'lockseal.js');
  const options = { cwd, env, encoding: 'utf8', timeout: TIMEOUT } as const;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@lockseal/source', '--no-warnings', program, ...args],
    options,
  );
  return { exitCode: status, text: `${stdout}${stderr}` };
}

function live({ lockseal, folder }: Copy): void {
  told('verified under lockseal.yaml', lockseal('verify', '--quiet'));
  told('approved', approve({ lockseal, folder }, 'approver'));
  told('enforced', enforce({ lockseal }));
}

function approve({ lockseal, folder }: Pick<Copy, 'lockseal' | 'folder'>, who: string): Run {
  const key = path.join(folder, `${who}.pem`);
  return lockseal('approve', '--yes', '--policy=approvers.yaml', `--repository=${REPOSITORY}`, `--key=${key}`);
}

function enforce({ lockseal }: Pick<Copy, 'lockseal'>): Run {
  return lockseal('enforce', '--policy=approvers.yaml', `--repository=${REPOSITORY}`);
}

type Attack = (copy: Copy) => Run;

/** Each with what refuses it. */
const ATTACKS: readonly (readonly [what: string, code: RegExp, attack: Attack])[] = [
  [
    'two packages change hashes, enforced',
    /approval-other-lockfile/,
    (copy) => (swapHashes(copy.file(LOCKFILE)), enforce(copy)),
  ],
  [
    'two packages change hashes, verified',
    /integrity-mismatch/,
    (copy) => (swapHashes(copy.file(LOCKFILE)), copy.lockseal('verify')),
  ],
  [
    'the policy is changed after the approval',
    /approval-other-policy/,
    (copy) => {
      fs.appendFileSync(copy.file('lockseal.yaml'), '# a word more\n');
      return enforce(copy);
    },
  ],
  [
    'the approval is taken away',
    /approval-missing/,
    (copy) => {
      fs.rmSync(copy.file(APPROVALS));
      return enforce(copy);
    },
  ],
  ['a stranger approves', /would not count/, (copy) => approve(copy, 'stranger')],
];

/** Attacks the project, and puts back what was attacked. */
function resist(copy: Copy, what: string, code: RegExp, attack: Attack): void {
  const names = [LOCKFILE, 'lockseal.yaml', APPROVALS];
  const before = names.map((name): [string, Buffer] => [copy.file(name), fs.readFileSync(copy.file(name))]);
  const { exitCode, text } = attack(copy);
  assert.ok(exitCode === 1 || exitCode === 3, `${what}\n${text}`);
  assert.match(text, code, what);
  console.log(`refused: ${what}`);
  for (const [file, bytes] of before) fs.writeFileSync(file, bytes);
}

/** A project beside the first, under the same policies and approver. */
function gateChain({ folder, file, env }: Copy): GateChain {
  const project = path.join(folder, 'gated');
  fs.mkdirSync(project);
  for (const name of ['lockseal.yaml', 'approvers.yaml']) fs.copyFileSync(file(name), path.join(project, name));
  const lockseal = (...args: readonly string[]): Run => runLockseal(args, project, env);
  return {
    folder: project,
    approve: () => approve({ lockseal, folder }, 'approver'),
    install: (...args) => lockseal('install', ...args, '--policy=approvers.yaml', `--repository=${REPOSITORY}`),
  };
}

/** Those of a package that are not packages of this repository, nor versioned by its catalog. */
function registryDependencies(manifest: string): Readonly<Record<string, string>> {
  const { dependencies } = JSON.parse(fs.readFileSync(path.join(ROOT, manifest), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  return Object.fromEntries(Object.entries(dependencies).filter(([, range]) => /^[\^~]?\d/.test(range)));
}

function told(what: string, { exitCode, text }: Run): void {
  assert.equal(exitCode, 0, `${what}\n${text}`);
  console.log(what);
}

main();
