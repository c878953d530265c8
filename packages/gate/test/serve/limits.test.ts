import assert from 'node:assert/strict';
import fs from 'node:fs';
import net, { type Socket } from 'node:net';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { ApprovedArtifact } from '../../src/artifact.ts';
import { openGate, type Gate, type GateOptions } from '../../src/serve/open-gate.ts';
import type { Upstream } from '../../src/serve/upstream.ts';
import { TarballStore } from '../../src/store/tarball-store.ts';
import {
  artifactOf,
  ask,
  connectTo,
  gateFor,
  noise,
  pieces,
  proxyAuthorization,
  REGISTRIES,
  restOf,
  secure,
  temporaryFolder,
  upstreamOf,
} from '../support/gate.ts';

const LARGE = noise(12 * 1024 * 1024);
const large = artifactOf('large@1.0.0', LARGE);
const SHORT = { headers: 1000, handshake: 300, stalled: 300, idle: 300 };
/** An origin without TLS, which some clients reach by CONNECT, too. */
const PLAIN = { ...REGISTRIES, default: 'http://registry.example/' };

async function open(t: TestContext, options: Partial<GateOptions> = {}): Promise<Gate & { readonly folder: string }> {
  return gateFor(t, { artifacts: [large], upstream: upstreamOf(() => pieces(LARGE)), ...options });
}

function dial(gate: Gate, text = ''): Socket {
  const socket = net.connect({ host: '127.0.0.1', port: gate.port });
  socket.on('error', () => undefined);
  socket.write(text);
  return socket;
}

const closed = (socket: Socket): Promise<unknown> =>
  socket.destroyed ? Promise.resolve() : new Promise((resolve) => socket.once('close', resolve));

describe('slow clients', () => {
  test('who never end their request are sent away, and told of', async (t) => {
    const gate = await open(t, { limits: SHORT });
    assert.match(await restOf(dial(gate, 'GET / HTTP/1.1\r\nX: ')), /^HTTP\/1\.1 408 /);
    assert.equal(gate.refusals[0]?.detail, 'A request did not arrive in time');
  });

  test('who connect and say nothing are sent away', async (t) => {
    const gate = await open(t, { limits: SHORT });
    await restOf(dial(gate));
  });

  test('who do not take their answer are sent away', async (t) => {
    const gate = await open(t, { limits: SHORT });
    const { pathname } = new URL(gate.url);
    const socket = dial(gate, `GET ${pathname}large/-/large-1.0.0.tgz HTTP/1.1\r\nHost: x\r\n\r\n`);
    socket.pause();
    while (gate.served.tarballs === 0 && !(await isGone(socket))) socket.pause();
    assert.equal(gate.served.tarballs, 0);
    assert.deepEqual(gate.refusals, []);
  });

  const handshakes: readonly (readonly [why: string, hello: string])[] = [
    ['say nothing where TLS should begin', ''],
    ['begin TLS and stop in its first record', '\x16\x03\x01\x02\x00\x01\x00'],
    ['say something else', 'GET / HTTP/1.1\r\n\r\n'],
  ];
  for (const [why, hello] of handshakes) {
    test(`who ask for a tunnel and ${why} are sent away`, async (t) => {
      const gate = await open(t, { limits: SHORT });
      const { socket, status } = await connectTo(gate, 'registry.npmjs.org:443');
      socket.write(Buffer.from(hello, 'latin1'));
      await restOf(socket);
      assert.equal(status, 200);
    });
  }

  test('who begin TLS byte by byte are sent away: the time is for all of it', async (t) => {
    const gate = await open(t, { limits: SHORT });
    const { socket } = await connectTo(gate, 'registry.npmjs.org:443');
    const drip = setInterval(() => socket.write('\x16'), 50);
    t.after(() => clearInterval(drip));
    await restOf(socket);
  });

  test('who ask for a tunnel to a registry without TLS and say nothing are sent away', async (t) => {
    const gate = await open(t, { limits: SHORT, registries: PLAIN });
    const { socket, status } = await connectTo(gate, 'registry.example:80');
    await restOf(socket);
    assert.equal(status, 200);
  });

  test('who open TLS and say nothing are sent away', async (t) => {
    const gate = await open(t, { limits: SHORT });
    const { socket } = await connectTo(gate, 'registry.npmjs.org:443');
    await restOf(await secure(gate, socket, 'registry.npmjs.org'));
  });
});

describe('many connections', () => {
  test('beyond the bound are dropped, and told of; those that are there go on', async (t) => {
    const gate = await open(t, { limits: { connections: 3 } });
    const held = [dial(gate), dial(gate), dial(gate)];
    await Promise.all(held.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    await closed(dial(gate, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    assert.deepEqual(
      gate.refusals.map(({ code }) => code),
      ['ERR_GATE'],
    );
    held[0]?.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.match(await restOf(held[0] as Socket), /^HTTP\/1\.1 404 /);
  });
});

describe('many handshakes', () => {
  test('that never end count as connections, and make room when their time is over', async (t) => {
    const gate = await open(t, { limits: { handshake: 500, connections: 3 } });
    const held = await Promise.all([0, 1, 2].map(() => connectTo(gate, 'registry.npmjs.org:443')));
    await closed(dial(gate, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    assert.equal(gate.refusals[0]?.detail, 'More than 3 connections at once');
    await Promise.all(held.map(({ socket }) => restOf(socket)));
    assert.match(await restOf(dial(gate, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')), / 404 /);
  });
});

describe('closing', () => {
  test('ends every connection, and what is under way; nothing answers any more', async (t) => {
    const stalled = Promise.withResolvers<never>();
    stalled.promise.catch(() => undefined);
    const upstream: Upstream = {
      ...upstreamOf(() => pieces(LARGE)),
      tarball: async <T>(_: ApprovedArtifact, read: (body: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T> =>
        read(half(LARGE, stalled.promise)),
      close: () => stalled.reject(new Error('closed')),
    };
    const gate = await open(t, { upstream, allowHosts: [] });
    const { pathname } = new URL(gate.url);
    const asking = ask(`${gate.url}large/-/large-1.0.0.tgz`).catch(() => undefined);
    const folder = path.join(gate.folder, 'tarballs-v1');
    while (fs.readdirSync(folder).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const idle = dial(gate);
    const half_ = dial(gate, `GET ${pathname}`);
    const tunnelled = await connectTo(gate, 'registry.npmjs.org:443');
    const inner = await secure(gate, tunnelled.socket, 'registry.npmjs.org');
    inner.on('error', () => undefined);
    await gate.close();
    await Promise.all([idle, half_, inner].map(closed));
    assert.notEqual((await asking)?.complete, true);
    await assert.rejects(ask(gate.url), { code: 'ECONNREFUSED' });
    assert.deepEqual(fs.readdirSync(folder), []);
  });

  test('may be asked for twice', async (t) => {
    const gate = await open(t);
    await Promise.all([gate.close(), gate.close()]);
  });

  test('ends tunnels', async (t) => {
    const server = net.createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    t.after(() => server.close());
    const { port } = server.address() as net.AddressInfo;
    const gate = await open(t, { allowHosts: [{ host: '127.0.0.1', port }] });
    const { socket } = await connectTo(gate, `127.0.0.1:${port}`);
    await gate.close();
    await restOf(socket);
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });
});

describe('opening', () => {
  test('at a port that is taken is an error', async (t) => {
    const first = await open(t);
    const store = await TarballStore.open(temporaryFolder(t), Date.now());
    const options = { artifacts: [], upstream: upstreamOf(() => pieces(LARGE)), store, registries: REGISTRIES };
    await assert.rejects(openGate({ ...options, allowHosts: [], now: Date.now, port: first.port }), {
      code: 'ERR_GATE',
    });
  });

  test('of two gates gives two secrets', async (t) => {
    const [one, other] = [await open(t), await open(t)];
    assert.notEqual(new URL(one.url).pathname, new URL(other.url).pathname);
    assert.notEqual(one.caCertificate, other.caCertificate);
  });
});

test('no refusal and no warning holds the secret, however it was given', async (t) => {
  const told: string[] = [];
  const gate = await open(t, {
    onRefusal: (refusal) => void told.push(JSON.stringify(refusal)),
    onWarning: (message) => void told.push(message),
  });
  const { pathname } = new URL(gate.url);
  const token = pathname.slice(1, -1);
  const authorized = `Proxy-Authorization: ${proxyAuthorization(gate)}`;
  for (const target of [
    `${pathname}left-pad?x=${token}`,
    `${pathname}${token}`,
    `http://evil.example/x/${token}`,
    `http://evil.example${pathname}x`,
    `http://u:${token}@evil.example/`,
  ]) {
    await restOf(
      dial(gate, `GET ${target} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n${authorized}\r\n\r\n`),
    );
  }
  await connectTo(gate, `u:${token}@evil.example:443`);
  await connectTo(gate, `${token}.example:443@evil.example:443`);
  const shown = JSON.stringify([told, gate.refusals]);
  assert.ok(gate.refusals.length >= 4);
  assert.equal(shown.includes(token), false, shown);
  assert.equal(shown.includes(proxyAuthorization(gate)), false);
});

async function* half(bytes: Buffer, rest: Promise<never>): AsyncGenerator<Uint8Array> {
  yield* pieces(bytes.subarray(0, bytes.length / 2));
  await rest;
}

/** Whether the other side has closed: asked by writing, because a paused reader does not see it. */
async function isGone(socket: Socket): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return !socket.write('\r\n') && socket.destroyed ? true : socket.destroyed;
}
