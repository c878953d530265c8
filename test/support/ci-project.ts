// A project on a git host, as CI systems check it out: origin with branches, tags and merge refs, a registry on loopback,
// a policy that says who approves.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRegistry, createSigstore, type RegistryBox } from '@lockseal/testkit';
import { generateKey } from '../../packages/signer/src/index.ts';
import { runCli } from './run-cli.ts';

/** `owner/name`, which approvals are bound to on https://github.com. */
export const REPOSITORY = 'acme/shop';

export interface CiProject {
  /** Absolute path of a folder for whatever a test needs; `close` removes it. */
  readonly folder: string;
  /** file: URL of the bare repository. */
  readonly origin: string;
  readonly commits: {
    /** On main, not approved. */
    readonly start: string;
    /** main, and tag v1.0.0. */
    readonly approved: string;
    /** refs/pull/1/merge and tag v1.1.0: an honest update that nobody has approved. */
    readonly honest: string;
    /** refs/pull/2/merge: another package's artifact, under a policy of the attacker's own. */
    readonly hostile: string;
    /** refs/pull/3/merge: nothing but a file of approvals, called like the branch that it would be compared with. */
    readonly shadowing: string;
  };
  /** A shallow checkout of one commit in a new folder; its absolute path. */
  readonly checkOut: (commit: string) => string;
  readonly close: () => Promise<void>;
}

/** Runs git with an identity and nobody's signing key. @returns what it printed */
export function git(cwd: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, ...args], { cwd, stdio: 'pipe', encoding: 'utf8' }).trim();
}

export async function createCiProject(): Promise<CiProject> {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-ci-'));
  const [source, bare] = [path.join(folder, 'source'), path.join(folder, 'origin.git')];
  const origin = pathToFileURL(bare).href;
  const sigstore = await createSigstore();
  const registry = createRegistry({ sigstore });
  const publishedAt = new Date(Date.now() - 300 * 86_400_000);
  for (const version of ['1.0.0', '1.1.0']) registry.publish({ name: 'tool', version, publishedAt });
  registry.publish({ name: 'evil', version: '1.0.0', publishedAt });
  const server = await registry.serve();
  const lock = (version: string): Promise<unknown> =>
    registry.writeProject(source, { name: 'shop', dependencies: { tool: version } }, { registry: server.url });
  const push = (message: string, ref: string): string => {
    git(source, 'add', '--all');
    git(source, 'commit', '--quiet', '--allow-empty', '-m', message);
    git(source, 'push', '--quiet', '--force', 'origin', `HEAD:${ref}`);
    return git(source, 'rev-parse', 'HEAD');
  };
  git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', bare);
  git(folder, 'clone', '--quiet', origin, source);
  fs.writeFileSync(path.join(source, 'root.json'), JSON.stringify(sigstore.trustedRoot));
  writePolicy(source, path.join(folder, 'key.pem'));
  await lock('1.0.0');
  const start = push('start', 'refs/heads/main');
  await approve(source);
  const approved = push('approve', 'refs/heads/main');
  git(source, 'push', '--quiet', 'origin', 'HEAD:refs/tags/v1.0.0');
  await lock('1.1.0');
  const honest = push('update', 'refs/pull/1/merge');
  git(source, 'push', '--quiet', 'origin', 'HEAD:refs/tags/v1.1.0');
  git(source, 'checkout', '--quiet', approved);
  attack(source, registry);
  const hostile = push('attack', 'refs/pull/2/merge');
  git(source, 'checkout', '--quiet', approved);
  const shadowing = shadow(source, push);
  return {
    folder,
    origin,
    commits: { start, approved, honest, hostile, shadowing },
    checkOut: (commit) => checkOut(commit, origin, folder),
    close: async () => {
      await server.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writePolicy(source: string, keyFile: string): void {
  const { privateKey, publicKey } = generateKey('P-256');
  fs.writeFileSync(keyFile, privateKey);
  const spki = createPublicKey(publicKey).export({ type: 'spki', format: 'der' }).toString('base64');
  const approvers = `{security: {threshold: 1, approvers: [{name: ana, keys: ['${spki}']}]}}`;
  const approvals = `{repository: 'https://github.com/${REPOSITORY}', allowUntimestamped: true, roles: ${approvers}}`;
  fs.writeFileSync(path.join(source, 'lockseal.yaml'), `version: 1\nextends: baseline\napprovals: ${approvals}\n`);
}

async function approve(source: string): Promise<void> {
  const args = ['approve', '--key=../key.pem', '--yes', '--trusted-root=root.json', '--no-cache'];
  const where = [`--repository=https://github.com/${REPOSITORY}`, '--ref=refs/heads/main'];
  const { exitCode, stdout, stderr } = await runCli([...args, ...where], { cwd: source });
  assert.equal(exitCode, 0, stdout + stderr);
}

function attack(source: string, registry: RegistryBox): void {
  const file = path.join(source, 'package-lock.json');
  const [locked, other] = [registry.find('tool', '1.0.0'), registry.find('evil', '1.0.0')];
  const text = fs.readFileSync(file, 'utf8');
  const changed = text.replace(locked?.integrity ?? '', () => other?.integrity ?? '');
  assert.notEqual(changed, text);
  fs.writeFileSync(file, changed);
  fs.writeFileSync(path.join(source, 'lockseal.yaml'), 'version: 1\nrules: {integrity: off, policy-file: off}\n');
}

function shadow(source: string, push: (message: string, ref: string) => string): string {
  const file = path.join(source, 'refs/remotes/origin/main');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.copyFileSync(path.join(source, 'package-lock.json.approvals.jsonl'), file);
  return push('shadow', 'refs/pull/3/merge');
}

function checkOut(commit: string, origin: string, folder: string): string {
  const workspace = fs.mkdtempSync(path.join(folder, 'workspace-'));
  git(workspace, 'init', '--quiet');
  git(workspace, 'remote', 'add', 'origin', origin);
  git(workspace, 'fetch', '--quiet', '--no-tags', '--depth=1', 'origin', commit);
  git(workspace, 'checkout', '--quiet', '--detach', commit);
  return workspace;
}
