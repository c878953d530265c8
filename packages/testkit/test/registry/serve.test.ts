import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import type { Answered } from '../support/answered.ts';
import { createRegistry, createSigstore } from '@lockseal/testkit';

const sigstore = await createSigstore();
const registry = createRegistry({ sigstore });
const at = new Date('2026-01-02T03:04:05.678Z');
const published = registry.publish({
  name: '@acme/widget',
  version: '1.0.0',
  publishedAt: at,
  scripts: { install: 'x' },
});
registry.publish({ name: '@acme/widget', version: '1.1.0-rc.1' });
registry.publish({
  name: 'bare',
  version: '1.0.0',
  evidence: { signature: false, publishAttestation: false, provenance: false },
});
const server = await registry.serve();
after(() => server.close());

async function get(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; body: Answered }> {
  const response = await fetch(new URL(path, server.url), { headers });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? {} : JSON.parse(text)) as Answered,
  };
}

for (const path of ['@acme/widget', '@acme%2fwidget', '@acme%2Fwidget']) {
  test(`packument: ${path}`, async () => {
    const { status, body } = await get(path);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body.versions), ['1.0.0', '1.1.0-rc.1']);
    assert.deepEqual(body['dist-tags'], { latest: '1.0.0' });
    assert.equal(body.time['1.0.0'], at.toISOString());
  });
}

test('an abbreviated packument has no times and no scripts, but says that there are install scripts', async () => {
  const { headers, body } = await get('@acme/widget', { accept: 'application/vnd.npm.install-v1+json; q=1.0' });
  assert.equal(headers.get('content-type'), 'application/vnd.npm.install-v1+json');
  assert.deepEqual([body.time, body.versions['1.0.0']?.scripts], [undefined, undefined]);
  assert.equal(body.versions['1.0.0']?.hasInstallScript, true);
});

test('a version document tells digest, signature and where attestations and bytes are', async () => {
  const { body } = await get('@acme/widget/1.0.0');
  assert.equal(body.dist.integrity, published.integrity);
  assert.deepEqual(body.dist.signatures, published.signatures);
  assert.equal(body.dist.attestations?.provenance.predicateType, 'https://slsa.dev/provenance/v1');
  const attestations = await get(body.dist.attestations?.url ?? '');
  assert.deepEqual(attestations.body.attestations, published.attestations);
  const tarball = await fetch(body.dist.tarball);
  const digest = createHash('sha512')
    .update(Buffer.from(await tarball.arrayBuffer()))
    .digest('hex');
  assert.equal(digest, published.sha512);
});

test('latest is a version too', async () => {
  assert.equal((await get('@acme/widget/latest')).body.version, '1.0.0');
});

test('what has no evidence announces none', async () => {
  const { body } = await get('bare/1.0.0');
  assert.deepEqual([body.dist.signatures, body.dist.attestations], [undefined, undefined]);
  assert.equal((await get('-/npm/v1/attestations/bare@1.0.0')).status, 404);
});

test('the version document may differ from package.json in the tarball', async () => {
  const confused = registry.publish({
    name: 'confused',
    version: '1.0.0',
    dependencies: { hidden: '1' },
    manifestOverride: { dependencies: undefined, license: 'ISC' },
  });
  const { body } = await get('confused/1.0.0');
  assert.deepEqual([body.dependencies, body.license], [undefined, 'ISC']);
  assert.deepEqual(confused.manifest['dependencies'], { hidden: '1' });
});

test('keys are those that sign', async () => {
  const { body } = await get('-/npm/v1/keys');
  assert.deepEqual(
    body.keys.map(({ keyid }) => keyid),
    [published.signatures[0]?.keyid],
  );
});

for (const path of [
  'nowhere',
  'nowhere/1.0.0',
  '@acme/widget/9.9.9',
  'bare/-/bare-9.9.9.tgz',
  '-/npm/v1/attestations/x@1',
]) {
  test(`404: ${path}`, async () => {
    assert.equal((await get(path)).status, 404);
  });
}

test('an unchanged document is answered with 304, a changed one with 200', async () => {
  const etag = (await get('bare')).headers.get('etag') ?? '';
  assert.equal((await get('bare', { 'if-none-match': etag })).status, 304);
  registry.publish({ name: 'bare', version: '1.0.1' });
  assert.equal((await get('bare', { 'if-none-match': etag })).status, 200);
});

test('requests are logged with what they asked for, what was answered, and their headers', async () => {
  const before = server.requests.length;
  await get('@acme%2fwidget/1.0.0', { authorization: 'Bearer secret' });
  const [logged] = server.requests.slice(before);
  assert.deepEqual(
    [logged?.route, logged?.name, logged?.version, logged?.status],
    ['version', '@acme/widget', '1.0.0', 200],
  );
  assert.equal(logged?.headers.authorization, 'Bearer secret');
});

test('a registry that requires a token answers 401 without it', async () => {
  registry.requireToken('secret');
  assert.equal((await get('bare')).status, 401);
  assert.equal((await get('bare', { authorization: 'Bearer wrong' })).status, 401);
  assert.equal((await get('bare', { authorization: 'Bearer secret' })).status, 200);
  registry.requireToken(undefined);
});

test('a registry that signs nothing has no keys', async () => {
  const silent = await createRegistry({ sigstore, signs: false }).serve();
  assert.equal((await fetch(`${silent.url}-/npm/v1/keys`)).status, 404);
  await silent.close();
});

test('an open server does not keep the process alive', () => {
  const program = `
    import { createRegistry, createSigstore } from '@lockseal/testkit';
    const server = await createRegistry({ sigstore: await createSigstore() }).serve();
    await (await fetch(server.url + '-/npm/v1/keys')).text();`;
  const flags = ['--conditions=@lockseal/source', '--input-type=module', '--eval', program];
  const { status, signal } = spawnSync(process.execPath, flags, { cwd: import.meta.dirname, timeout: 20_000 });
  assert.deepEqual([status, signal], [0, null]);
});
