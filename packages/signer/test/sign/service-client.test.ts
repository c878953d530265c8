import assert from 'node:assert/strict';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { LocksealError } from '@lockseal/core';
import { ServiceClient, type SigningNetwork } from '../../src/sign/service-client.ts';

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl';
const QUICK: SigningNetwork = { attemptMs: 200, totalMs: 1000, retryMs: 5 };

interface Service {
  readonly url: string;
  readonly bodies: string[];
}

type Answer = (response: ServerResponse, request: IncomingMessage, turn: number) => void;

async function serve(t: TestContext, answer: Answer): Promise<Service> {
  const bodies: string[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => answer(response, request, bodies.push(body)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

function ask(url: string, network: SigningNetwork = QUICK): ReturnType<ServiceClient['askJson']> {
  const body = { credentials: { oidcIdentityToken: TOKEN } };
  return new ServiceClient(network).askJson({ service: 'certificate authority', url, body });
}

async function refusalOf(asked: Promise<unknown>): Promise<LocksealError> {
  const outcome = await asked.then(
    () => 'an answer',
    (thrown: unknown) => thrown,
  );
  assert.ok(outcome instanceof LocksealError, String(outcome));
  return outcome;
}

const status =
  (code: number, headers: Record<string, string> = {}, body = '{}'): Answer =>
  (response) =>
    response.writeHead(code, headers).end(body);

describe('an answer', () => {
  test('is read, and one request was made', async (t) => {
    const service = await serve(t, status(201, {}, '{"a":1}'));
    assert.deepEqual((await ask(service.url)).json, { a: 1 });
    assert.equal(service.bodies.length, 1);
  });

  for (const code of [408, 429, 500, 502, 503, 504]) {
    test(`comes after ${code} twice`, async (t) => {
      const service = await serve(t, (response, request, turn) =>
        status(turn < 3 ? code : 200)(response, request, turn),
      );
      assert.deepEqual((await ask(service.url)).json, {});
      assert.equal(service.bodies.length, 3);
    });
  }

  test('comes after a reset and a stall', async (t) => {
    const service = await serve(t, (response, request, turn) => {
      if (turn === 1) request.socket.resetAndDestroy();
      if (turn === 3) response.end('{}');
    });
    assert.deepEqual((await ask(service.url)).json, {});
  });

  test('of a status that is none for others is one where it was said so', async (t) => {
    const service = await serve(t, status(409, { location: '/entry' }));
    const client = new ServiceClient(QUICK);
    const { location } = await client.ask({ service: 'transparency log', url: service.url, body: {}, accept: 409 });
    assert.equal(location, '/entry');
  });
});

describe('a refusal', () => {
  const cases: readonly (readonly [why: string, answer: Answer, found: RegExp, requests: number])[] = [
    [
      '400 is final, and is given in the words of the service',
      status(400, {}, 'wrong issuer'),
      /^status 400: wrong issuer$/,
      1,
    ],
    ['the third 503 is final', status(503), /^status 503/, 3],
    [
      'a service that asks to wait longer than there is time is not asked again',
      status(429, { 'retry-after': '3600' }),
      /429/,
      1,
    ],
    ['an answer of 2 MiB', status(200, {}, ' '.repeat(2 * 1024 * 1024)), /too large/, 1],
    ['no JSON', status(200, {}, '<html>'), /not JSON/, 1],
    ['a key twice', status(200, {}, '{"a":1,"a":2}'), /not JSON/, 1],
    ['the token is not repeated', status(400, {}, `cannot use ${TOKEN}!`), /^status 400: cannot use \(a token\)!$/, 1],
    ['nor half of it', status(400, {}, `cannot use ${TOKEN.slice(0, 30)}`), /^status 400: cannot use \(a token\)$/, 1],
  ];
  for (const [why, answer, found, requests] of cases) {
    test(why, async (t) => {
      const service = await serve(t, answer);
      const { code, message, details } = await refusalOf(ask(service.url));
      assert.equal(code, 'ERR_SIGNING');
      assert.equal(message, `The certificate authority ${service.url} gave no certificate.`);
      assert.match(details.found ?? '', found);
      assert.equal(service.bodies.length, requests);
    });
  }

  for (const code of [301, 302, 303, 307, 308]) {
    test(`${code}: nobody is told the token but the service that was named`, async (t) => {
      const elsewhere = await serve(t, status(200));
      const service = await serve(t, status(code, { location: `${elsewhere.url}/token` }));
      const { details } = await refusalOf(ask(service.url));
      assert.match(details.found ?? '', new RegExp(`status ${code}: a redirect to http`));
      assert.deepEqual([service.bodies.length, elsewhere.bodies], [1, []]);
    });
  }

  const nothing: readonly (readonly [why: string, url: string])[] = [
    ['nobody listens', 'http://127.0.0.1:1'],
    ['a URL that is none', 'http://'],
    ['a protocol of another kind', 'file:///etc/passwd'],
  ];
  for (const [why, url] of nothing) {
    test(why, async () => assert.equal((await refusalOf(ask(url))).code, 'ERR_SIGNING'));
  }
});

describe('time', () => {
  const stall: Answer = () => undefined;
  const drip: Answer = (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  };
  for (const [name, answer] of [
    ['a stall', stall],
    ['a drip', drip],
  ] as const) {
    test(`${name} is waited for three times, each within its bound`, async (t) => {
      const service = await serve(t, answer);
      const { details } = await refusalOf(ask(service.url, { ...QUICK, attemptMs: 50, totalMs: 60_000 }));
      assert.equal(details.found, 'no complete answer in 50 ms');
      assert.equal(service.bodies.length, 3);
    });

    test(`${name} is waited for no longer than there is time in all`, async (t) => {
      const service = await serve(t, answer);
      const { details } = await refusalOf(ask(service.url, { ...QUICK, attemptMs: 60_000, totalMs: 100 }));
      assert.equal(details.found, 'no complete answer in time');
      assert.equal(service.bodies.length, 1);
    });

    test(`${name} is interrupted`, async (t) => {
      const interrupt = new AbortController();
      const service = await serve(t, (...args) => {
        answer(...args);
        interrupt.abort();
      });
      const network = { attemptMs: 60_000, totalMs: 60_000, signal: interrupt.signal };
      assert.equal((await refusalOf(ask(service.url, network))).code, 'ERR_INTERRUPTED');
    });
  }

  test('an interrupt ends the wait between two tries', async (t) => {
    const interrupt = new AbortController();
    const service = await serve(t, (...args) => {
      status(503)(...args);
      setTimeout(() => interrupt.abort(), 20);
    });
    const network = { retryMs: 30_000, signal: interrupt.signal };
    assert.equal((await refusalOf(ask(service.url, network))).code, 'ERR_INTERRUPTED');
    assert.equal(service.bodies.length, 1);
  });

  test('after an interrupt nobody is asked at all', async (t) => {
    const service = await serve(t, status(200));
    assert.equal((await refusalOf(ask(service.url, { signal: AbortSignal.abort() }))).code, 'ERR_INTERRUPTED');
    assert.deepEqual(service.bodies, []);
  });

  test('what passes between two requests is not waiting', async (t) => {
    const service = await serve(t, status(200));
    const client = new ServiceClient({ ...QUICK, totalMs: 300 });
    const request = { service: 'transparency log', url: service.url, body: {} } as const;
    await client.ask(request);
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal((await client.ask(request)).status, 200);
  });

  test('a client that is closed waits for nobody', async (t) => {
    const client = new ServiceClient({ attemptMs: 60_000, totalMs: 60_000 });
    const service = await serve(t, () => client.close());
    const refusal = await refusalOf(client.ask({ service: 'timestamp authority', url: service.url, body: {} }));
    assert.equal(refusal.message, `The timestamp authority ${service.url} gave no timestamp.`);
  });
});

describe('a proxy', () => {
  test('that the environment names is used, and NO_PROXY is heard', async (t) => {
    const proxy = await serve(t, (response, request) => response.end(JSON.stringify(request.url)));
    const service = await serve(t, status(200, {}, '"itself"'));
    const through = await ask(service.url, { ...QUICK, environment: { HTTP_PROXY: proxy.url } });
    assert.equal(through.json, `${service.url}/`);
    assert.deepEqual([proxy.bodies.length, service.bodies.length], [1, 0]);
    const environment = { HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' };
    assert.equal((await ask(service.url, { ...QUICK, environment })).json, 'itself');
  });
});
