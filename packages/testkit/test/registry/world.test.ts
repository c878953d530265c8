import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { createRegistry, createSigstore, loadWorld, saveWorld } from '@lockseal/testkit';

const sigstore = await createSigstore();
const registry = createRegistry({ sigstore });
const tree = registry.publishMany(13);

test('a tree of many packages is reached from its root, and every one has its evidence', () => {
  const { packages } = registry.lockfile('npm-v3', { dependencies: tree.dependencies });
  assert.equal(Object.keys(packages).length, 1 + 13);
  for (const { signatures, attestations } of tree.packages)
    assert.deepEqual([signatures.length, attestations.length], [1, 2]);
});

test('a saved world is the same when it is loaded', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'lockseal-world-'));
  t.after(() => rm(directory, { recursive: true }));
  await saveWorld(directory, sigstore, registry);
  const world = await loadWorld(directory);
  assert.deepEqual(world.registry.packages(), registry.packages());
  assert.deepEqual(world.trustedRoot, sigstore.trustedRoot);
  assert.deepEqual(world.keysTarget, sigstore.keysTarget());
  const server = await world.registry.serve();
  t.after(() => server.close());
  const { keys } = (await (await fetch(`${server.url}-/npm/v1/keys`)).json()) as { keys: { keyid: string }[] };
  assert.equal(keys[0]?.keyid, registry.keys[0]?.keyid);
});

test('a world of an unknown format is refused', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'lockseal-world-'));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(path.join(directory, 'world.json'), '{"format":2}');
  await assert.rejects(loadWorld(directory), TypeError);
});
