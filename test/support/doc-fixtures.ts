// What the commands in the docs find around them: the folders that a block names with `fixture=…`.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createRegistry, createSigstore, type NpmLockfile, type RegistryBox } from '@lockseal/testkit';
import { createCiProject, git, type CiProject } from './ci-project.ts';

/** A folder in which commands are run. */
export interface DocFolder {
  /** Absolute path. */
  readonly cwd: string;
  /** Absolute path of the trusted root that stands for the public one. */
  readonly trustedRoot: string;
}

export interface DocWorld {
  /** A fresh folder. @throws Error for a fixture that there is not */
  readonly open: (fixture: string) => DocFolder;
  readonly close: () => Promise<void>;
}

const MANIFEST = { name: 'shop', dependencies: { express: '^4.0.0' } };

/**
 * The fixtures:
 * - `project`: a git repository with remote `https://github.com/example/shop` and an honest package-lock.json
 *   (express > debug > ms), no policy yet;
 * - `attacked`: the same, after the artifact of `ms` was swapped and the edge of `express` forged;
 * - `upgraded`: `project`, with an upgrade of express in the working tree that loses its provenance and brings a package;
 * - `repository`: a checkout whose origin has a branch main with a policy and an approval;
 * - `empty`: an empty folder.
 */
export async function openDocWorld(): Promise<DocWorld> {
  const base = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-docs-'));
  const sigstore = await createSigstore();
  const registry = createRegistry({ sigstore });
  publish(registry);
  const server = await registry.serve();
  const trustedRoot = path.join(base, 'root.json');
  fs.writeFileSync(trustedRoot, JSON.stringify(sigstore.trustedRoot));
  const honest = registry.lockfile('npm-v3', MANIFEST, { registry: server.url });
  const attacked = attack(structuredClone(honest), registry, server.url);
  let ci: CiProject | undefined;
  const project = (lockfile: NpmLockfile): DocFolder => {
    const cwd = writeProject(fs.mkdtempSync(path.join(base, 'shop-')), lockfile, server.url);
    return { cwd, trustedRoot };
  };
  ci = await createCiProject();
  const fixtures: Readonly<Record<string, () => DocFolder>> = {
    project: () => project(honest),
    attacked: () => project(attacked),
    upgraded: () => upgrade(project(honest), registry, server.url),
    repository: () => repository(ci),
    empty: () => ({ cwd: fs.mkdtempSync(path.join(base, 'empty-')), trustedRoot }),
  };
  return {
    open: (fixture) => {
      const open = fixtures[fixture];
      if (open === undefined) throw new Error(`no fixture is called ${fixture}: ${Object.keys(fixtures).join(', ')}`);
      return open();
    },
    close: async () => {
      await Promise.all([server.close(), ci.close()]);
      fs.rmSync(base, { recursive: true, force: true });
    },
  };
}

function publish(registry: RegistryBox): void {
  const publishedAt = new Date(Date.now() - 400 * 86_400_000);
  const provenance = (name: string): object => ({ provenance: { repository: `https://github.com/example/${name}` } });
  const release = (name: string, version: string, dependencies: Record<string, string>, evidence: object): void =>
    void registry.publish({ name, version, dependencies, evidence, publishedAt });
  release('ms', '2.0.0', {}, { provenance: false, publishAttestation: false });
  release('msx', '2.0.0', {}, { provenance: false, publishAttestation: false });
  release('debug', '2.6.9', { ms: '2.0.0' }, provenance('debug'));
  release('debag', '2.6.9', {}, { provenance: false, publishAttestation: false });
  release('express', '4.21.2', { debug: '^2.6.0' }, provenance('express'));
  release(
    'express',
    '5.0.0',
    { debug: '^2.6.0', 'tiny-log': '1.0.0' },
    { provenance: false, publishAttestation: false },
  );
  release('tiny-log', '1.0.0', {}, provenance('tiny-log'));
}

/** As in the README: the artifact of one entry is swapped, the edge to another is forged, all tarballs are genuine. */
function attack(lockfile: NpmLockfile, registry: RegistryBox, url: string): NpmLockfile {
  const entries = lockfile.packages as Record<string, Record<string, unknown>>;
  const assign = (name: string, values: object): void =>
    void Object.assign(entries[`node_modules/${name}`] ?? {}, values);
  const artifact = (name: string, version: string): object => ({
    resolved: `${url}${name}/-/${name}-${version}.tgz`,
    integrity: registry.find(name, version)?.integrity,
  });
  assign('ms', artifact('msx', '2.0.0'));
  assign('express', { dependencies: { debug: 'npm:debag@2.6.9' } });
  assign('debug', { name: 'debag', ...artifact('debag', '2.6.9') });
  return lockfile;
}

/** The next major version of express, as `npm install express@5` leaves the working tree. */
function upgrade({ cwd, trustedRoot }: DocFolder, registry: RegistryBox, url: string): DocFolder {
  const manifest = { ...MANIFEST, dependencies: { express: '^5.0.0' } };
  const lockfile = registry.lockfile('npm-v3', manifest, { registry: url });
  const files = { 'package.json': { ...manifest, version: '1.0.0', private: true }, 'package-lock.json': lockfile };
  for (const [name, json] of Object.entries(files)) {
    fs.writeFileSync(path.join(cwd, name), `${JSON.stringify(json, null, 2)}\n`);
  }
  return { cwd, trustedRoot };
}

function writeProject(cwd: string, lockfile: NpmLockfile, url: string): string {
  const files = {
    'package.json': JSON.stringify({ ...MANIFEST, version: '1.0.0', private: true }, null, 2),
    'package-lock.json': JSON.stringify(lockfile, null, 2),
    '.npmrc': `registry=${url}`,
  };
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(cwd, name), `${text}\n`);
  git(cwd, 'init', '--quiet', '--initial-branch=main');
  git(cwd, 'remote', 'add', 'origin', 'https://github.com/example/shop');
  git(cwd, 'add', '--all');
  git(cwd, 'commit', '--quiet', '-m', 'shop');
  return cwd;
}

function repository({ checkOut, commits }: CiProject): DocFolder {
  const cwd = checkOut(commits.approved);
  execFileSync('git', ['-C', cwd, 'fetch', '--quiet', 'origin', '+refs/heads/main:refs/remotes/origin/main']);
  return { cwd, trustedRoot: path.join(cwd, 'root.json') };
}
