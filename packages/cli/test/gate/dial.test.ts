import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { TLSSocket } from 'node:tls';
import { loadRegistryConfig, type RegistryConfig } from '@lockseal/registry';
import { CertificateAuthority } from '../../../gate/src/tls/authority.ts';
import { dial } from '../../src/gate/dial.ts';

const config = (env: Record<string, string> = {}): Promise<RegistryConfig> =>
  loadRegistryConfig({ directory: import.meta.dirname, env, home: import.meta.dirname });
const signal = new AbortController().signal;

async function listen(t: TestContext, onSocket: (socket: net.Socket) => void): Promise<number> {
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe('a connection to an excepted host', () => {
  for (const host of ['localhost', '127.0.0.1', '[::1]', '169.254.169.254', '[::ffff:7f00:1]', '[2002:7f00:1::]']) {
    test(`is not made to ${host}, although the policy should name it`, async (t) => {
      const port = await listen(t, () => assert.fail('somebody came'));
      await assert.rejects(dial({ host, port }, await config(), signal), { code: 'ERR_HOST_REFUSED' });
    });
  }

  test('to a name that there is not is an error', async () => {
    await assert.rejects(dial({ host: 'nowhere.invalid', port: 443 }, await config(), signal), { code: 'ERR_NETWORK' });
  });

  test('goes through the configured proxy, with its password, and the proxy resolves the name', async (t) => {
    const heads: string[] = [];
    const port = await listen(t, (socket) => {
      socket.once('data', (chunk: Buffer) => {
        heads.push(chunk.toString());
        socket.write('HTTP/1.1 200 OK\r\n\r\nhello');
      });
    });
    const env = { https_proxy: `http://me:p%40ss@127.0.0.1:${port}` };
    const socket = await dial({ host: 'git.example', port: 8443 }, await config(env), signal);
    t.after(() => void socket.destroy());
    assert.equal(String(await new Promise((resolve) => socket.once('data', resolve))), 'hello');
    assert.match(heads[0] ?? '', /^CONNECT git\.example:8443 HTTP\/1\.1\r\n/);
    assert.ok(heads[0]?.includes(`Basic ${Buffer.from('me:p@ss').toString('base64')}`));
  });

  for (const answer of [
    'HTTP/1.1 403 Forbidden\r\n\r\n',
    'HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n',
    'no HTTP\r\n\r\n',
  ]) {
    test(`is none where the proxy says ${JSON.stringify(answer)}`, async (t) => {
      const port = await listen(t, (socket) => void socket.once('data', () => socket.end(answer)));
      const env = { https_proxy: `http://127.0.0.1:${port}` };
      await assert.rejects(dial({ host: 'git.example', port: 443 }, await config(env), signal), {
        code: 'ERR_NETWORK',
      });
    });
  }

  test('goes through a proxy by TLS, whose certificate must be good', async (t) => {
    const authority = new CertificateAuthority([{ name: '127.0.0.1', isAddress: true }], Date.now());
    const folder = await mkdtemp(path.join(os.tmpdir(), 'lockseal-dial-'));
    t.after(() => rm(folder, { recursive: true }));
    await writeFile(path.join(folder, 'ca.pem'), authority.certificate);
    const context = authority.contextFor({ name: '127.0.0.1', isAddress: true });
    const port = await listen(t, (socket) => {
      const inner = new TLSSocket(socket, { isServer: true, secureContext: context });
      inner.on('error', () => socket.destroy());
      inner.once('data', () => inner.write('HTTP/1.1 200 OK\r\n\r\nhello'));
    });
    const env = { https_proxy: `https://127.0.0.1:${port}` };
    await assert.rejects(dial({ host: 'git.example', port: 443 }, await config(env), signal), { code: 'ERR_NETWORK' });
    await writeFile(path.join(folder, '.npmrc'), `cafile=${path.join(folder, 'ca.pem')}\n`);
    const trusting = await loadRegistryConfig({ directory: folder, env, home: folder });
    const socket = await dial({ host: 'git.example', port: 443 }, trusting, signal);
    t.after(() => void socket.destroy());
    assert.equal(String(await new Promise((resolve) => socket.once('data', resolve))), 'hello');
  });

  test('is given up when the gate closes', async (t) => {
    const port = await listen(t, () => undefined);
    const closing = new AbortController();
    const dialling = dial(
      { host: 'git.example', port: 443 },
      await config({ https_proxy: `http://127.0.0.1:${port}` }),
      closing.signal,
    );
    closing.abort();
    await assert.rejects(dialling, { code: 'ERR_NETWORK' });
  });
});
