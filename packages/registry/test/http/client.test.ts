import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { describe, test, type TestContext } from 'node:test';
import { LocksealError, type ErrorCode } from '@lockseal/core';
import type { RegistryConfigParts } from '../../src/config/config.ts';
import { HttpClient } from '../../src/http/client.ts';
import type { HttpAnswer, HttpOptions } from '../../src/http/types.ts';
import { configOf } from '../support/config.ts';
import { startServer, type Handler, type TestServer } from '../support/server.ts';

const text = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

interface Setup {
  readonly server: TestServer;
  readonly get: (path?: string, etag?: string) => Promise<HttpAnswer<string>>;
}

async function setUp(
  t: TestContext,
  handler: Handler,
  options: Partial<HttpOptions> = {},
  parts: (url: string) => Partial<RegistryConfigParts> = () => ({}),
): Promise<Setup> {
  const server = await startServer(t, handler);
  const config = configOf(server.url, parts(server.url));
  const client = new HttpClient({ config, offline: false, idleMs: 2000, random: () => 0, ...options });
  t.after(() => client.close());
  return {
    server,
    get: (path = 'x', etag) =>
      client.get({ url: new URL(path, server.url).href, maxBytes: 1000, accept: 'application/json', etag, read: text }),
  };
}

const failsWith =
  (code: ErrorCode, message = /./) =>
  (error: unknown) => {
    assert.ok(error instanceof LocksealError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };

describe('answers', () => {
  test('200 gives the body and the entity tag', async (t) => {
    const { get } = await setUp(t, (_, response) => response.setHeader('etag', '"1"').end('hello'));
    assert.deepEqual(await get(), { status: 'ok', value: 'hello', etag: '"1"', maxAgeMs: 0 });
  });

  test('a gzip body is decompressed, and is what the bound is about', async (t) => {
    const { get } = await setUp(t, (request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync('a'.repeat(request.url === '/bomb' ? 1_000_000 : 900)));
    });
    assert.deepEqual(await get('small'), { status: 'ok', value: 'a'.repeat(900), etag: undefined, maxAgeMs: 0 });
    await assert.rejects(get('bomb'), failsWith('ERR_RESPONSE_TOO_LARGE'));
  });

  for (const status of [404, 405, 410]) {
    test(`${status} is absent`, async (t) => {
      const { get } = await setUp(t, (_, response) => void response.writeHead(status).end('no'));
      assert.deepEqual(await get(), { status: 'absent', httpStatus: status, maxAgeMs: 0 });
    });
  }

  test('304 counts only where an entity tag was sent', async (t) => {
    const { get, server } = await setUp(t, (_, response) => void response.writeHead(304).end());
    assert.deepEqual(await get('x', '"1"'), { status: 'not-modified', maxAgeMs: 0 });
    assert.equal(server.requests[0]?.headers['if-none-match'], '"1"');
    await assert.rejects(get('x'), failsWith('ERR_HTTP', /304/));
  });

  test('connections are used again', async (t) => {
    const { get, server } = await setUp(t, (_, response) => void response.end('hello'));
    for (let i = 0; i < 5; i++) await get();
    assert.equal(server.requests.length, 5);
    assert.equal(server.sockets(), 1);
  });

  test('no more connections than allowed are open at a time', async (t) => {
    let running = 0;
    let most = 0;
    const { get } = await setUp(
      t,
      (_, response) => {
        most = Math.max(most, ++running);
        setTimeout(() => {
          running--;
          response.end('hello');
        }, 5);
      },
      {},
      () => ({
        network: { timeoutMs: 5000, concurrency: 3, retries: 0, retryFactor: 1, retryMinMs: 1, retryMaxMs: 1 },
      }),
    );
    await Promise.all(Array.from({ length: 20 }, () => get()));
    assert.equal(most, 3);
  });
});

describe('failures', () => {
  const cases: readonly (readonly [what: string, code: ErrorCode, requests: number, handler: Handler])[] = [
    ['401 is not tried again', 'ERR_AUTH', 1, (_, response) => void response.writeHead(401).end()],
    ['403 is not tried again', 'ERR_AUTH', 1, (_, response) => void response.writeHead(403).end()],
    ['400 is not tried again', 'ERR_HTTP', 1, (_, response) => void response.writeHead(400).end()],
    ['429 is tried again', 'ERR_HTTP', 3, (_, response) => void response.writeHead(429).end()],
    ['503 is tried again', 'ERR_HTTP', 3, (_, response) => void response.writeHead(503).end()],
    ['a reset is tried again', 'ERR_NETWORK', 3, (request) => request.socket.destroy()],
    [
      'a body cut short is tried again',
      'ERR_NETWORK',
      3,
      (request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('half');
        setTimeout(() => request.socket.destroy(), 10);
      },
    ],
    [
      'a Retry-After beyond the bound is not waited for',
      'ERR_HTTP',
      1,
      (_, response) => void response.writeHead(429, { 'retry-after': '3600' }).end(),
    ],
    [
      'an announced size beyond the bound is refused unread',
      'ERR_RESPONSE_TOO_LARGE',
      1,
      (_, response) => void response.writeHead(200, { 'content-length': '1001' }).end('a'.repeat(1001)),
    ],
    [
      'an unannounced size beyond the bound is cut off',
      'ERR_RESPONSE_TOO_LARGE',
      1,
      (_, response) => {
        const timer = setInterval(() => response.write('a'.repeat(400)), 1);
        response.on('close', () => clearInterval(timer));
      },
    ],
    [
      'what is not gzip although it says so',
      'ERR_RESPONSE_INVALID',
      1,
      (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain'),
    ],
    [
      'an encoding nobody knows',
      'ERR_RESPONSE_INVALID',
      1,
      (_, response) => void response.writeHead(200, { 'content-encoding': 'rot13' }).end('cynva'),
    ],
    ['an answer that is not HTTP', 'ERR_RESPONSE_INVALID', 1, (request) => void request.socket.end('EHLO\r\n\r\n')],
  ];
  for (const [what, code, requests, handler] of cases) {
    test(what, async (t) => {
      const { get, server } = await setUp(t, handler);
      await assert.rejects(get(), failsWith(code));
      assert.equal(server.requests.length, requests);
    });
  }

  test('a stall before and within the answer ends as a timeout', async (t) => {
    const { get, server } = await setUp(
      t,
      (request, response) => {
        if (request.url === '/body') response.writeHead(200).write('a');
      },
      { idleMs: 50 },
    );
    await assert.rejects(get('head'), failsWith('ERR_TIMEOUT', /No byte came for 50 ms/));
    await assert.rejects(get('body'), failsWith('ERR_TIMEOUT', /No byte came for 50 ms/));
    assert.equal(server.requests.length, 6);
  });

  test('a server that drips for ever meets the deadline', async (t) => {
    const { get } = await setUp(
      t,
      (_, response) => {
        const timer = setInterval(() => response.write('a'), 5);
        response.on('close', () => clearInterval(timer));
      },
      {},
      () => ({ network: { timeoutMs: 150, concurrency: 1, retries: 9, retryFactor: 1, retryMinMs: 1, retryMaxMs: 1 } }),
    );
    await assert.rejects(get(), failsWith('ERR_TIMEOUT', /No complete answer in 150 ms/));
  });

  test('nobody listens', async (t) => {
    const { get } = await setUp(
      t,
      () => undefined,
      {},
      () => ({
        map: { default: 'http://127.0.0.1:1/', scopes: new Map(), named: new Map(), mirrors: [] },
      }),
    );
    await assert.rejects(get('http://127.0.0.1:1/x'), failsWith('ERR_NETWORK', /ECONNREFUSED/));
  });

  test('an abort ends the request, and says so', async (t) => {
    const abort = new AbortController();
    const { get } = await setUp(t, () => abort.abort(), { signal: abort.signal });
    await assert.rejects(get(), failsWith('ERR_INTERRUPTED'));
  });
});

describe('trying again', () => {
  test('a passing fault is survived', async (t) => {
    let count = 0;
    const { get } = await setUp(t, (_, response) => {
      count++;
      if (count < 3) response.writeHead(502).end();
      else response.end('hello');
    });
    assert.equal((await get()).status, 'ok');
  });

  for (const [what, header] of [
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 2000).toUTCString()],
  ] as const) {
    test(`Retry-After in ${what} is honoured`, async (t) => {
      let count = 0;
      const { get } = await setUp(t, (_, response) => {
        count++;
        if (count === 1) response.writeHead(429, { 'retry-after': header() }).end();
        else response.end('hello');
      });
      const start = performance.now();
      assert.equal((await get()).status, 'ok');
      assert.ok(performance.now() - start > 900);
    });
  }
});

describe('hosts', () => {
  test('a URL that nothing configures makes no connection', async (t) => {
    const other = await startServer(t, (_, response) => void response.end('secret'));
    const { get, server } = await setUp(t, (_, response) => void response.end('hello'));
    await assert.rejects(get(`${other.url}x`), failsWith('ERR_HOST_REFUSED'));
    await assert.rejects(get(server.url.replace('http://', 'http://user:pw@')), failsWith('ERR_HOST_REFUSED'));
    await assert.rejects(get('file:///etc/passwd'), failsWith('ERR_HOST_REFUSED'));
    assert.equal(other.sockets(), 0);
    assert.equal(server.sockets(), 0);
  });

  test('a redirect to a host that nothing configures is refused before it is followed', async (t) => {
    const other = await startServer(t, (_, response) => void response.end('secret'));
    const { get } = await setUp(t, (_, response) => void response.writeHead(302, { location: other.url }).end());
    await assert.rejects(get(), failsWith('ERR_HOST_REFUSED', /which no configuration names/));
    assert.equal(other.sockets(), 0);
  });

  test('a redirect within configured hosts is followed, but not for ever', async (t) => {
    const { get, server } = await setUp(t, (request, response) => {
      if (request.url === '/end') response.end('hello');
      else response.writeHead(307, { location: request.url === '/x' ? '/end' : '/loop' }).end();
    });
    assert.equal((await get('x')).status, 'ok');
    await assert.rejects(get('loop'), failsWith('ERR_HTTP', /redirects/));
    assert.equal(server.requests.length, 2 + 6);
  });

  test('offline makes no connection at all', async (t) => {
    const { get, server } = await setUp(t, (_, response) => void response.end('hello'), { offline: true });
    await assert.rejects(get(), failsWith('ERR_OFFLINE'));
    assert.equal(server.sockets(), 0);
  });
});

describe('credentials', () => {
  const withTokens =
    (tokens: Readonly<Record<string, string>>, mirrors: readonly string[] = []) =>
    (url: string): Partial<RegistryConfigParts> => ({
      map: { default: url, scopes: new Map(), named: new Map(), mirrors },
      authorizations: new Map(Object.entries(tokens).map(([path, token]) => [`//${new URL(url).host}${path}`, token])),
    });

  for (const [path, expected] of [
    ['a/pkg', 'Bearer a'],
    ['a', 'Bearer a'],
    ['a/b/pkg', 'Bearer ab'],
    // A prefix is whole path segments.
    ['ab/pkg', undefined],
    ['pkg', undefined],
    ['a%2fb/pkg', undefined],
    ['b/../a/pkg', 'Bearer a'],
  ] as const) {
    test(`${path} is asked for with ${String(expected)}`, async (t) => {
      const tokens = { '/a': 'Bearer a', '/a/b': 'Bearer ab' };
      const { get, server } = await setUp(t, (_, response) => void response.end('ok'), {}, withTokens(tokens));
      await get(path);
      assert.equal(server.requests[0]?.headers.authorization, expected);
    });
  }

  test('never cross a redirect to another host, even one that has its own', async (t) => {
    const other = await startServer(t, (_, response) => void response.end('ok'));
    const { get, server } = await setUp(
      t,
      (_, response) => void response.writeHead(302, { location: `${other.url}x` }).end(),
      {},
      (url) => ({
        map: { default: url, scopes: new Map(), named: new Map(), mirrors: [other.url] },
        authorizations: new Map([
          [`//${new URL(url).host}`, 'Bearer mine'],
          [`//${new URL(other.url).host}`, 'Bearer theirs'],
        ]),
      }),
    );
    assert.equal((await get()).status, 'ok');
    assert.equal(server.requests[0]?.headers.authorization, 'Bearer mine');
    assert.equal(other.requests[0]?.headers.authorization, undefined);
  });

  test('a redirect within the host gets those of its own prefix only', async (t) => {
    const { get, server } = await setUp(
      t,
      (request, response) => {
        if (request.url === '/a/x') response.writeHead(302, { location: '/b/x' }).end();
        else response.end('ok');
      },
      {},
      withTokens({ '/a': 'Bearer a' }),
    );
    await get('a/x');
    assert.deepEqual(
      server.requests.map(({ headers }) => headers.authorization),
      ['Bearer a', undefined],
    );
  });

  test('are in no error', async (t) => {
    const { get } = await setUp(
      t,
      (_, response) => void response.writeHead(500).end('the server repeats Bearer s3cret'),
      {},
      withTokens({ '': 'Bearer s3cret' }),
    );
    const error = await get('x?token=s3cret').catch((thrown: unknown) => thrown);
    assert.ok(error instanceof LocksealError);
    assert.doesNotMatch(JSON.stringify(error) + error.stack + JSON.stringify(error.details), /s3cret/);
  });
});

describe('proxy', () => {
  test('plain requests go through the proxy, and hosts of noproxy do not', async (t) => {
    const proxy = await startServer(t, (_, response) => void response.end('from the proxy'));
    const through = await setUp(
      t,
      (_, response) => void response.end('direct'),
      {},
      () => ({
        proxy: { http: proxy.url.replace('http://', 'http://user:p%40w@'), https: undefined, none: [] },
      }),
    );
    assert.equal(((await through.get()) as { value: string }).value, 'from the proxy');
    assert.equal(through.server.sockets(), 0);
    assert.equal(proxy.requests[0]?.url, `${through.server.url}x`);
    assert.equal(
      proxy.requests[0]?.headers['proxy-authorization'],
      `Basic ${Buffer.from('user:p@w').toString('base64')}`,
    );
    const direct = await setUp(
      t,
      (_, response) => void response.end('direct'),
      {},
      () => ({
        proxy: { http: proxy.url, https: undefined, none: ['127.0.0.1'] },
      }),
    );
    assert.equal(((await direct.get()) as { value: string }).value, 'direct');
  });
});
