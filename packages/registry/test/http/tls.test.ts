import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { LocksealError } from '@lockseal/core';
import type { RegistryConfigParts } from '../../src/config/config.ts';
import { HttpClient } from '../../src/http/client.ts';
import { configOf, tempDir } from '../support/config.ts';
import { hasOpenssl } from '../../../../test/support/openssl.ts';

interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A self-signed certificate for 127.0.0.1, made by openssl. */
function makeCertificate(t: TestContext, subject: string): Certificate {
  const folder = tempDir(t);
  const [keyFile, certFile] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', `/CN=${subject}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', [...request, ...names, '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' });
  return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}

/** A server that answers with the common name of the client's certificate. */
async function startTls(t: TestContext, own: Certificate, clients: Certificate): Promise<string> {
  const server = https.createServer(
    { ...own, ca: clients.cert, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      response.end(subject?.CN ?? 'nobody');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function ask(t: TestContext, url: string, parts: Partial<RegistryConfigParts>): Promise<string> {
  const client = new HttpClient({ config: configOf(url, parts), offline: false, idleMs: 2000 });
  t.after(() => client.close());
  const read = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  const answer = await client.get({ url: `${url}p/x`, maxBytes: 1000, read });
  return answer.status === 'ok' ? answer.value : answer.status;
}

describe('TLS', () => {
  test('an unknown authority is refused at once, a configured or switched off one is not', async (t) => {
    if (!hasOpenssl(t)) return;
    const [own, other] = [makeCertificate(t, 'server'), makeCertificate(t, 'other')];
    const url = await startTls(t, own, other);
    for (const ca of [[], [other.cert]]) {
      await assert.rejects(ask(t, url, { tls: { strict: true, ca } }), (error) => {
        assert.ok(error instanceof LocksealError && error.code === 'ERR_NETWORK');
        assert.match(error.message, /SELF_SIGNED/);
        return true;
      });
    }
    assert.equal(await ask(t, url, { tls: { strict: true, ca: [other.cert, own.cert] } }), 'nobody');
    assert.equal(await ask(t, url, { tls: { strict: false, ca: [] } }), 'nobody');
  });

  test('a client certificate is shown below its prefix only', async (t) => {
    if (!hasOpenssl(t)) return;
    const [own, mine] = [makeCertificate(t, 'server'), makeCertificate(t, 'mine')];
    const url = await startTls(t, own, mine);
    const tls = { strict: true, ca: [own.cert] };
    const { host } = new URL(url);
    assert.equal(await ask(t, url, { tls, certificates: new Map([[`//${host}/p`, mine]]) }), 'mine');
    assert.equal(await ask(t, url, { tls, certificates: new Map([[`//${host}/other`, mine]]) }), 'nobody');
  });

  test('through a proxy the request is tunnelled: the proxy sees the host and no path', async (t) => {
    if (!hasOpenssl(t)) return;
    const own = makeCertificate(t, 'server');
    const url = await startTls(t, own, own);
    const seen: (string | undefined)[] = [];
    const proxy = http.createServer();
    proxy.on('connect', (request, socket: Socket) => {
      seen.push(request.url, request.headers['proxy-authorization'], request.headers.authorization);
      const target = connect(Number(new URL(url).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
      t.after(() => target.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      proxy.close();
      proxy.closeAllConnections();
    });
    const proxyUrl = `http://user:pw@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const { host } = new URL(url);
    const answer = await ask(t, url, {
      tls: { strict: true, ca: [own.cert] },
      proxy: { http: undefined, https: proxyUrl, none: [] },
      authorizations: new Map([[`//${host}`, 'Bearer t']]),
    });
    assert.equal(answer, 'nobody');
    assert.deepEqual(seen, [host, `Basic ${btoa('user:pw')}`, undefined]);
  });
});
