import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { createRegistry, createSigstore, type ProjectManifest, type RegistryBox } from '@lockseal/testkit';

const evidence = { signature: false, publishAttestation: false, provenance: false };

async function sampleRegistry(): Promise<RegistryBox> {
  const registry = createRegistry({ sigstore: await createSigstore() });
  const add = (name: string, version: string, more: object = {}): unknown =>
    registry.publish({ name, version, evidence, ...more });
  add('b', '1.0.0');
  add('b', '1.4.0', { dependencies: { leaf: '^1.0.0' } });
  add('b', '2.0.0');
  add('b', '3.0.0-beta.1');
  add('leaf', '1.0.0', { scripts: { postinstall: 'node build.js' } });
  add('@s/a', '1.0.0', { dependencies: { b: '^1.0.0' } });
  add('c', '1.0.0', { dependencies: { b: '^2.0.0' }, peerDependencies: { peer: '^1.0.0' } });
  add('peer', '1.0.0');
  add('maybe', '1.0.0', {
    optionalDependencies: { leaf: '1' },
    peerDependencies: { absent: '*' },
    peerDependenciesMeta: { absent: { optional: true } },
  });
  add('tool', '1.0.0', { dependencies: { leaf: '1.0.0', b: '2' } });
  return registry;
}

const PROJECTS: Record<string, ProjectManifest> = {
  'the highest version in range, hoisted': { dependencies: { b: '^1.0.0' } },
  'another version nests under its dependent': { dependencies: { c: '1', '@s/a': '^1.0.0' } },
  'an alias keeps its real name': { dependencies: { bee: 'npm:b@^1.0.0', b: '^2.0.0' } },
  'only developers need it': { dependencies: { b: '^2.0.0' }, devDependencies: { tool: '1' } },
  'development and production share': { dependencies: { leaf: '1' }, devDependencies: { tool: '1' } },
  'optional ones': { optionalDependencies: { maybe: '1' } },
  'development and optional share': { optionalDependencies: { maybe: '1' }, devDependencies: { tool: '1' } },
  'a tag': { dependencies: { b: 'latest' } },
  'the project has a peer': { dependencies: { b: '1.0.0' }, peerDependencies: { peer: '1' } },
};

const project = { name: 'sample', version: '1.0.0' };
const registry = await sampleRegistry();

test('conflicting versions nest, and everything else is hoisted', () => {
  const { packages } = registry.lockfile('npm-v3', { dependencies: { '@s/a': '^1.0.0', c: '1' } });
  const versions = Object.entries(packages).map(([where, entry]) => [where, entry['version']]);
  assert.deepEqual(versions, [
    ['', '1.0.0'],
    ['node_modules/@s/a', '1.0.0'],
    ['node_modules/b', '1.4.0'],
    ['node_modules/c', '1.0.0'],
    ['node_modules/c/node_modules/b', '2.0.0'],
    ['node_modules/leaf', '1.0.0'],
    ['node_modules/peer', '1.0.0'],
  ]);
});

test('an entry says where it comes from and what its bytes are', () => {
  const { packages } = registry.lockfile('npm-v3', { dependencies: { '@s/a': '1' } });
  const published = registry.find('@s/a', '1.0.0');
  assert.equal(packages['node_modules/@s/a']?.['resolved'], 'https://registry.npmjs.org/@s/a/-/a-1.0.0.tgz');
  assert.equal(packages['node_modules/@s/a']?.['integrity'], published?.integrity);
});

for (const [name, dependencies] of [
  ['an unknown package', { nowhere: '*' }],
  ['a range that nothing satisfies', { b: '^9.0.0' }],
] as const) {
  test(`${name} is an error`, () => {
    assert.throws(() => registry.lockfile('npm-v3', { dependencies: { ...dependencies } }), RangeError);
  });
}

test('an optional dependency that does not exist is left out', () => {
  const { packages } = registry.lockfile('npm-v3', { optionalDependencies: { nowhere: '*' } });
  assert.deepEqual(Object.keys(packages), ['']);
});

for (const [name, dependencies] of Object.entries(PROJECTS)) {
  test(`npm installs the lockfile, and finds nothing to change in it: ${name}`, async (t) => {
    const server = await registry.serve();
    t.after(() => server.close());
    const directory = await mkdtemp(path.join(tmpdir(), 'lockseal-lockfile-'));
    t.after(() => rm(directory, { recursive: true }));
    const lockfile = path.join(directory, 'package-lock.json');
    await registry.writeProject(directory, { ...project, ...dependencies }, { registry: server.url });
    const ours = await readFile(lockfile, 'utf8');
    if (!(await npm(t, directory, 'ci', '--ignore-scripts'))) return;
    await npm(t, directory, 'install', '--package-lock-only');
    assert.equal(await readFile(lockfile, 'utf8'), ours);
  });
}

/** Runs npm apart from the machine's settings; false (and the test is skipped) where there is none. */
async function npm(t: TestContext, cwd: string, ...args: string[]): Promise<boolean> {
  const cache = path.join(cwd, '.cache');
  const env = { PATH: process.env['PATH'], HOME: cwd, npm_config_cache: cache, npm_config_update_notifier: 'false' };
  const child = spawn('npm', args, {
    cwd,
    env,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += String(chunk)));
  const code = await new Promise<number | string | null>((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    child.on('close', resolve);
  });
  if (code === 'ENOENT') {
    t.skip('needs npm');
    return false;
  }
  assert.equal(code, 0, errors);
  return true;
}
