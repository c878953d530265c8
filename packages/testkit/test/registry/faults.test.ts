import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, afterEach, test } from 'node:test';
import type { Answered } from '../support/answered.ts';
import { createRegistry, createSigstore, type Fault, type FaultMatch } from '@lockseal/testkit';
import { stockVerify } from '../support/verify.ts';

const sigstore = await createSigstore();
const registry = createRegistry({ sigstore });
const published = registry.publish({ name: 'a', version: '1.0.0' });
registry.publish({ name: 'other', version: '1.0.0' });
const server = await registry.serve();
const elsewhere = await createRegistry({ sigstore }).serve();
after(() => Promise.all([server.close(), elsewhere.close()]));
afterEach(() => registry.clearFaults());

const VERSION = 'a/1.0.0';
const TARBALL = 'a/-/a-1.0.0.tgz';
const ATTESTATIONS = '-/npm/v1/attestations/a@1.0.0';

const url = (path: string): URL => new URL(path, server.url);
const document = async (path: string): Promise<Answered> => (await fetch(url(path))).json() as Promise<Answered>;

test('strip-signatures: documents have no signatures, and keep the rest', async () => {
  registry.fault({}, { type: 'strip-signatures' });
  for (const dist of [(await document(VERSION)).dist, (await document('a')).versions['1.0.0']?.dist]) {
    assert.equal(dist?.signatures, undefined);
    assert.equal(dist?.integrity, published.integrity);
  }
});

test('strip-attestations: neither announced nor served', async () => {
  registry.fault({}, { type: 'strip-attestations' });
  assert.equal((await document(VERSION)).dist.attestations, undefined);
  assert.equal((await fetch(url(ATTESTATIONS))).status, 404);
});

test('strip-attestations on the attestations route alone: announced and withheld', async () => {
  registry.fault({ route: 'attestations' }, { type: 'strip-attestations' });
  assert.notEqual((await document(VERSION)).dist.attestations, undefined);
  assert.equal((await fetch(url(ATTESTATIONS))).status, 404);
});

for (const tamper of ['signature', 'swap-tlog-entry'] as const) {
  test(`tamper-bundle: ${tamper}, of one kind of attestation only`, async () => {
    registry.fault({}, { type: 'tamper-bundle', tamper, only: 'provenance' });
    const { attestations } = await document(ATTESTATIONS);
    const [publish, provenance] = attestations.map(({ bundle }) => bundle);
    assert.ok(publish && provenance);
    assert.doesNotThrow(() => stockVerify(sigstore, publish));
    assert.throws(() => stockVerify(sigstore, provenance));
  });
}

test('wrong-digest: integrity and shasum are of other bytes', async () => {
  registry.fault({ name: 'a', version: '1.0.0' }, { type: 'wrong-digest' });
  for (const dist of [(await document(VERSION)).dist, (await document('a')).versions['1.0.0']?.dist]) {
    assert.match(String(dist?.integrity), /^sha512-[A-Za-z0-9+/]{86}==$/);
    assert.notEqual(dist?.integrity, published.integrity);
    assert.notEqual(dist?.shasum, published.shasum);
  }
});

test('a fault of one version leaves the others of a packument alone', async () => {
  const untouched = registry.publish({ name: 'a', version: '1.0.1' });
  registry.fault({ name: 'a', version: '1.0.0' }, { type: 'wrong-digest' });
  const { versions } = await document('a');
  assert.notEqual(versions['1.0.0']?.dist.integrity, published.integrity);
  assert.equal(versions['1.0.1']?.dist.integrity, untouched.integrity);
});

test('edit: the document becomes what the function returns', async () => {
  registry.fault({ route: 'version' }, { type: 'edit', edit: (was) => ({ ...(was as object), version: '6.6.6' }) });
  assert.equal((await document(VERSION)).version, '6.6.6');
});

for (const [name, fault, expected] of [
  ['one byte differs', { type: 'other-bytes' }, undefined],
  ['bytes of choice', { type: 'other-bytes', bytes: Buffer.from('hello') }, 'hello'],
] as [string, Fault, string | undefined][]) {
  test(`other-bytes: ${name}`, async () => {
    registry.fault({ route: 'tarball' }, fault);
    const bytes = Buffer.from(await (await fetch(url(TARBALL))).arrayBuffer());
    assert.notEqual(createHash('sha512').update(bytes).digest('hex'), published.sha512);
    if (expected === undefined) assert.equal(bytes.length, published.tarball.length);
    else assert.equal(bytes.toString(), expected);
  });
}

test('garbage: 200 and no JSON', async () => {
  registry.fault({}, { type: 'garbage' });
  const response = await fetch(url(VERSION));
  assert.equal(response.status, 200);
  await assert.rejects(response.json(), SyntaxError);
});

for (const gzip of [false, true]) {
  test(`huge: ten million bytes, ${gzip ? 'compressed' : 'plain'}`, async () => {
    registry.fault({}, { type: 'huge', bytes: 10_000_000, gzip });
    const response = await fetch(url(VERSION));
    assert.equal(response.headers.get('content-encoding'), gzip ? 'gzip' : null);
    assert.equal((await response.arrayBuffer()).byteLength, 10_000_000);
  });
}

test('huge: the client may hang up', async () => {
  registry.fault({ times: 1 }, { type: 'huge', bytes: 1e12 });
  const abort = new AbortController();
  const response = await fetch(url(VERSION), { signal: abort.signal });
  assert.equal(response.status, 200);
  abort.abort();
  assert.equal((await fetch(url(VERSION))).status, 200);
});

for (const status of [404, 500, 503]) {
  test(`status: ${status}`, async () => {
    registry.fault({}, { type: 'status', status });
    assert.equal((await fetch(url(VERSION))).status, status);
  });
}

test('rate-limit: 429 with Retry-After, once', async () => {
  registry.fault({ times: 1 }, { type: 'rate-limit', retryAfter: 7 });
  const limited = await fetch(url(VERSION));
  assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '7']);
  assert.equal((await fetch(url(VERSION))).status, 200);
});

test('redirect: to another path of the same host, where the right answer is', async () => {
  registry.fault({}, { type: 'redirect', to: 'same-host' });
  const response = await fetch(url(VERSION));
  assert.deepEqual([response.redirected, new URL(response.url).pathname], [true, '/redirected/a/1.0.0']);
  assert.equal(((await response.json()) as Answered).version, '1.0.0');
});

test('redirect: to another host', async () => {
  registry.fault({}, { type: 'redirect', to: new URL(elsewhere.url).origin, status: 307 });
  const response = await fetch(url(VERSION), { redirect: 'manual' });
  assert.deepEqual([response.status, response.headers.get('location')], [307, `${elsewhere.url}${VERSION}`]);
});

test('stall: no answer in time', async () => {
  registry.fault({}, { type: 'stall' });
  await assert.rejects(fetch(url(VERSION), { signal: AbortSignal.timeout(150) }), { name: 'TimeoutError' });
});

test('drip: the whole answer, slowly', async () => {
  registry.fault({ route: 'tarball' }, { type: 'drip', bytes: 64, everyMs: 10 });
  const start = performance.now();
  const bytes = await (await fetch(url(TARBALL))).arrayBuffer();
  assert.deepEqual(Buffer.from(bytes), published.tarball);
  assert.ok(performance.now() - start >= Math.floor(published.tarball.length / 64) * 9);
});

for (const [name, fault] of [
  ['reset', { type: 'reset' }],
  ['truncate', { type: 'truncate', bytes: 10 }],
] as [string, Fault][]) {
  test(`${name}: the answer does not come through`, async () => {
    registry.fault({}, fault);
    await assert.rejects(async () => (await fetch(url(TARBALL))).arrayBuffer(), TypeError);
  });
}

const MISSES: [string, FaultMatch][] = [
  ['another route', { route: ['keys', 'tarball'] }],
  ['another name', { name: 'other' }],
  ['another version', { name: 'a', version: '2.0.0' }],
  ['a used-up fault', { times: 0 }],
];

for (const [name, match] of MISSES) {
  test(`a fault does not strike ${name}`, async () => {
    registry.fault(match, { type: 'status', status: 500 });
    assert.equal((await fetch(url(VERSION))).status, 200);
  });
}

test('a fault can be ended, and several work together', async () => {
  registry.fault({}, { type: 'strip-signatures' });
  const end = registry.fault({}, { type: 'wrong-digest' });
  const both = (await document(VERSION)).dist;
  end();
  const one = (await document(VERSION)).dist;
  assert.deepEqual([both.signatures, both.integrity === published.integrity], [undefined, false]);
  assert.deepEqual([one.signatures, one.integrity], [undefined, published.integrity]);
});
