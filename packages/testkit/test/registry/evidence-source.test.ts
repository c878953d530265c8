import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { NO_FLAGS, type LockedPackage } from '@lockseal/core';
import { createRegistry, createSigstore } from '@lockseal/testkit';

const registry = createRegistry({ sigstore: await createSigstore() });
const published = registry.publish({
  name: '@acme/widget',
  version: '1.0.0',
  dependencies: { a: '^1.0.0' },
  peerDependencies: { p: '*' },
  peerDependenciesMeta: { p: { optional: true } },
  scripts: { install: 'node-gyp rebuild' },
  files: { 'binding.gyp': '{}' },
  manifestOverride: { dependencies: {} },
});
const source = registry.evidenceSource();
const version = { name: '@acme/widget', version: '1.0.0', namedRegistry: undefined };
const unknown = { ...version, version: '9.9.9' };
const entry: LockedPackage = {
  id: 'node_modules/@acme/widget',
  name: version.name,
  version: version.version,
  aliases: [],
  source: { type: 'registry', url: undefined, namedRegistry: undefined },
  pin: { kind: 'integrity', text: published.integrity, of: 'tarball' },
  edges: [],
  flags: NO_FLAGS,
  hasInstallScript: undefined,
  patch: undefined,
  bundles: [],
  deprecated: undefined,
  position: undefined,
};

test('the version document is the registry’s word', async () => {
  const answer = await source.versionDocument(version);
  assert.ok(answer.status === 'ok');
  const { manifest, dist, hasInstallScript } = answer.value;
  assert.deepEqual([manifest.dependencies.size, [...manifest.optionalPeers], hasInstallScript], [0, ['p'], true]);
  assert.deepEqual([dist.integrity, dist.announcesAttestations], [published.integrity, true]);
});

test('tarball facts are those of the bytes', async () => {
  const answer = await source.tarball({ entry, url: undefined, yarnCacheKeys: [] });
  assert.ok(answer.status === 'ok');
  assert.deepEqual(await source.cachedTarball(published.sha512), answer.value);
  assert.deepEqual([...answer.value.manifest.dependencies], [['a', '^1.0.0']]);
  assert.equal(answer.value.hasBindingGyp, true);
  const tar = gunzipSync(published.tarball);
  assert.equal(answer.value.tarSha512, createHash('sha512').update(tar).digest('hex'));
});

test('keys verify the signatures', async () => {
  const keys = await source.keys(version);
  assert.ok(keys.status === 'ok');
  const [signature] = published.signatures;
  const key = keys.value.find(({ keyid }) => keyid === signature?.keyid);
  const publicKey = createPublicKey({ key: Buffer.from(key?.spki ?? '', 'base64'), type: 'spki', format: 'der' });
  const text = Buffer.from(`@acme/widget@1.0.0:${published.integrity}`);
  assert.ok(verify('sha256', text, publicKey, Buffer.from(signature?.sig ?? '', 'base64')));
});

test('both attestations are there, each with the digest of its canonical JSON', async () => {
  const answer = await source.attestations(version);
  assert.ok(answer.status === 'ok');
  assert.equal(answer.value.length, 2);
  for (const { digest } of answer.value) assert.match(digest, /^[0-9a-f]{64}$/);
});

test('an unknown version is absent', async () => {
  assert.equal((await source.versionDocument(unknown)).status, 'absent');
  assert.equal((await source.attestations(unknown)).status, 'absent');
  assert.equal(
    (await source.tarball({ entry: { ...entry, version: '9.9.9' }, url: undefined, yarnCacheKeys: [] })).status,
    'absent',
  );
  assert.equal(await source.cachedTarball('00'), undefined);
});
