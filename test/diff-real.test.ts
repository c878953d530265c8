// Two neighbouring states of real lockfiles: a handful of upgrades, most of which change nothing in trust.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createRegistry, createSigstore, type RegistryBox, type RegistryServer } from '@lockseal/testkit';
import { runCli } from './support/run-cli.ts';
import { sharedDir } from './support/shared.ts';

const publishedAt = new Date('2025-01-01T00:00:00Z');
/** As many lines as a pull request shows without scrolling. */
const SCREEN = 45;

type Entry = Record<string, unknown> & { version: string };
interface NpmLock {
  readonly packages: Record<string, Entry>;
}

let registry: RegistryBox;
let server: RegistryServer;
let folder: string;
let trustedRoot: object;

before(async () => {
  const sigstore = await createSigstore();
  registry = createRegistry({ sigstore });
  server = await registry.serve();
  trustedRoot = sigstore.trustedRoot;
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-real-'));
});
after(async () => {
  await server.close();
  fs.rmSync(folder, { recursive: true });
});

type Publish = Partial<Parameters<RegistryBox['publish']>[0]>;

/** The entry as the registry of this test has it; what its manifest says is what the real lockfile records. */
function publish(name: string, entry: Entry, options: Publish = {}): Entry {
  const of = (member: string): Record<string, string> => (entry[member] ?? {}) as Record<string, string>;
  const tables = { dependencies: of('dependencies'), peerDependencies: of('peerDependencies') };
  const { version } = entry;
  const known = registry.find(name, version) ?? registry.publish({ name, version, publishedAt, ...tables, ...options });
  const resolved = `${server.url}${name}/-/${name.split('/').at(-1)}-${version}.tgz`;
  return {
    ...entry,
    ...tables,
    ...(options.dependencies && { dependencies: options.dependencies }),
    resolved,
    integrity: known.integrity,
  };
}

function write(name: string, lockfile: object): string {
  fs.mkdirSync(path.join(folder, name), { recursive: true });
  fs.writeFileSync(path.join(folder, name, 'package-lock.json'), JSON.stringify(lockfile, null, 2));
  fs.writeFileSync(path.join(folder, name, '.npmrc'), `registry=${server.url}\n`);
  return name;
}

async function diff(...args: readonly string[]): Promise<string> {
  fs.writeFileSync(path.join(folder, 'root.json'), JSON.stringify(trustedRoot));
  const { stdout, stderr, exitCode } = await runCli(['diff', ...args, '--trusted-root=root.json', '--no-cache'], {
    cwd: folder,
  });
  assert.equal(exitCode, 0, stderr + stdout);
  return stdout;
}

const next = (version: string): string => version.replace(/\d+$/, (patch) => String(Number(patch) + 1));
const UNATTESTED = { provenance: false, publishAttestation: false };

describe('neighbouring real lockfiles', () => {
  const upgrades: readonly (readonly [why: string, options: Publish])[] = [
    ['nothing in trust', {}],
    ['nothing in trust either', {}],
    ['provenance is gone', { evidence: UNATTESTED }],
    ['a script', { scripts: { postinstall: 'node setup.js' } }],
    ['another account', { publisher: 'mallory' }],
    ['another repository', { evidence: { provenance: { repository: 'https://github.com/mallory/fork' } } }],
  ];

  test('of npm: the comment fits one screen and names exactly what changed in trust', async (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const text = fs.readFileSync(path.join(shared, 'lockfiles/real/npm-npmcli.package-lock.json'), 'utf8');
    const [old, now] = [JSON.parse(text) as NpmLock, JSON.parse(text) as NpmLock];
    for (const lockfile of [old, now]) delete (lockfile as { dependencies?: unknown }).dependencies;
    const chosen = Object.entries(old.packages)
      .filter(
        ([key, entry]) =>
          /^node_modules\/[a-z-]+$/.test(key) && /^[1-9]\d*\.\d+\.\d+$/.test(entry.version) && isPlain(entry),
      )
      .slice(20, 20 + upgrades.length);
    const names = chosen.map(([key]) => key.slice('node_modules/'.length));
    for (const [index, [key, entry]] of chosen.entries()) {
      const name = names[index] ?? '';
      old.packages[key] = publish(name, entry);
      now.packages[key] = publish(name, { ...entry, version: next(entry.version) }, upgrades[index]?.[1]);
    }
    const extra = 'quiet-newcomer';
    now.packages[`node_modules/${extra}`] = publish(extra, { version: '1.0.0' });
    const root = now.packages[''] ?? assert.fail();
    root['dependencies'] = { ...(root['dependencies'] as object), [extra]: '1.0.0' };
    const markdown = await diff(write('old', old), write('new', now), '--format=markdown');
    const sight = inSight(markdown);
    assert.deepEqual(toldIn(sight), [...names.slice(2), extra].toSorted(), markdown);
    assert.match(sight, new RegExp(`${upgrades.length + 1} packages changed, \\d{3} did not`));
    assert.ok(sight.split('\n').length <= SCREEN, sight);
    assert.ok(markdown.includes('2 changed, but not in trust'));
    t.diagnostic(`\n${sight}`);
  });

  test('of pnpm: the same', async (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const text = fs.readFileSync(path.join(shared, 'lockfiles/real/pnpm-astro.pnpm-lock.yaml'), 'utf8');
    const chosen = [...text.matchAll(/^ {2}([a-z-]+)@([1-9]\d*\.\d+\.\d+): \{\}$/gm)]
      .map(([, name = '', version = '']) => ({ name, version }))
      .filter(({ name }) => text.split(`\n  ${name}@`).length === 3 && !text.includes(`\n      ${name}:\n`))
      .slice(20, 20 + upgrades.length);
    let [old, now] = [text, text];
    for (const [index, { name, version }] of chosen.entries()) {
      const to = next(version);
      const was = publish(name, { version });
      const is = publish(name, { version: to }, upgrades[index]?.[1]);
      old = repin(old, name, version, String(was['integrity']));
      now = repin(now, name, version, String(is['integrity']))
        .replaceAll(`\n  ${name}@${version}:`, `\n  ${name}@${to}:`)
        .replaceAll(`\n      ${name}: ${version}\n`, `\n      ${name}: ${to}\n`);
    }
    for (const [folderName, lockfile] of [
      ['old', old],
      ['new', now],
    ] as const) {
      fs.mkdirSync(path.join(folder, 'pnpm', folderName), { recursive: true });
      fs.writeFileSync(path.join(folder, 'pnpm', folderName, 'pnpm-lock.yaml'), lockfile);
      fs.writeFileSync(path.join(folder, 'pnpm', folderName, '.npmrc'), `registry=${server.url}\n`);
    }
    const sight = inSight(await diff('pnpm/old', 'pnpm/new', '--format=markdown'));
    assert.deepEqual(
      toldIn(sight),
      chosen
        .slice(2)
        .map(({ name }) => name)
        .toSorted(),
      sight,
    );
    assert.ok(sight.split('\n').length <= SCREEN, sight);
  });
});

function repin(lockfile: string, name: string, version: string, integrity: string): string {
  return lockfile.replace(
    new RegExp(`(\\n {2}${name}@${version}:\\n {4}resolution: \\{integrity: )[^},]+`),
    `$1${integrity}`,
  );
}

/** What is not folded. */
function inSight(markdown: string): string {
  return markdown.slice(0, markdown.indexOf('<details>'));
}

/** The packages that the reader is told of, sorted. */
function toldIn(sight: string): readonly string[] {
  return [...sight.matchAll(/^- `([^`]+)`/gm)].map(([, name = '']) => name).toSorted();
}

function isPlain(entry: Entry): boolean {
  return [
    'optionalDependencies',
    'peerDependenciesMeta',
    'hasInstallScript',
    'bundleDependencies',
    'inBundle',
    'link',
    'os',
  ].every((member) => entry[member] === undefined);
}
