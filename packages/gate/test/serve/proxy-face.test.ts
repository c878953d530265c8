import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { PUBLIC_REGISTRY } from '@lockseal/core';
import type { Gate, GateOptions } from '../../src/serve/open-gate.ts';
import {
  artifactOf,
  askByProxy,
  connectTo,
  gateFor,
  headOf,
  pieces,
  proxyAuthorization,
  REGISTRIES,
  restOf,
  sayRaw,
  secure,
  upstreamOf,
} from '../support/gate.ts';

const BYTES = Buffer.from('the tarball of ms 2.1.3');
const CORP = 'https://npm.corp.example:8443/api/npm/';
const PLAIN = 'http://registry.plain.example/npm/';
const ms = artifactOf('ms@2.1.3', BYTES);
const corp = artifactOf('@corp/ui@1.0.0', BYTES, { registry: CORP });
const plain = artifactOf('@plain/x@1.0.0', BYTES, { registry: PLAIN });
const remote = artifactOf('remote@1.0.0', BYTES, {
  registry: undefined,
  lockedUrl: 'https://files.example/remote.tgz?v=1#abc',
});
const registries = {
  ...REGISTRIES,
  scopes: new Map([
    ['@corp', CORP],
    ['@plain', PLAIN],
  ]),
};
const documents = new Map<string, unknown>([
  ['ms', { name: 'ms', versions: { '2.1.3': { name: 'ms', version: '2.1.3' } } }],
  ['@corp/ui', { name: '@corp/ui', versions: { '1.0.0': { name: '@corp/ui', version: '1.0.0' } } }],
]);

async function open(t: TestContext, options: Partial<GateOptions> = {}): Promise<Gate> {
  const upstream = upstreamOf(() => pieces(BYTES), documents);
  return gateFor(t, { artifacts: [ms, corp, plain, remote], upstream, registries, ...options });
}

/** One request inside a connection by CONNECT, as written. */
async function inside(gate: Gate, authority: string, request: string): Promise<string> {
  const { status, socket } = await connectTo(gate, authority);
  assert.equal(status, 200);
  const host = authority.replace(/:\d+$/, '');
  const inner = await secure(gate, socket, host);
  inner.write(request);
  return restOf(inner);
}

const get = (host: string, path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

/** A server that counts who comes, in place of the rest of the world. */
async function elsewhere(t: TestContext): Promise<{ readonly port: number; readonly visits: () => number }> {
  let visits = 0;
  const server = http.createServer((_, response) => {
    visits += 1;
    response.end('elsewhere');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, visits: () => visits };
}

describe('CONNECT to a registry', () => {
  for (const [authority, path] of [
    ['registry.npmjs.org:443', '/ms/-/ms-2.1.3.tgz'],
    ['REGISTRY.npmjs.org:443', '/ms/-/ms-2.1.3.tgz'],
    ['registry.yarnpkg.com:443', '/ms/-/ms-2.1.3.tgz'],
    ['npm.corp.example:8443', '/api/npm/@corp/ui/-/ui-1.0.0.tgz'],
    ['npm.corp.example:8443', '/api/npm/@corp%2fui/-/ui-1.0.0.tgz'],
    ['files.example:443', '/remote.tgz?v=1'],
  ] as const) {
    test(`ends in the gate: ${authority}${path}`, async (t) => {
      const gate = await open(t);
      const answer = await inside(gate, authority, get(authority, path));
      assert.match(answer, /^HTTP\/1\.1 200 /);
      assert.ok(answer.endsWith(`\r\n\r\n${BYTES.toString()}`));
      assert.deepEqual(gate.refusals, []);
    });
  }

  test('packuments tell the address at the registry, so that the client stays on its way', async (t) => {
    const gate = await open(t);
    const answer = await inside(gate, 'npm.corp.example:8443', get('npm.corp.example:8443', '/api/npm/@corp%2fui'));
    assert.ok(answer.includes(`"tarball":"${CORP}@corp/ui/-/ui-1.0.0.tgz"`), answer);
  });

  test('of an artifact by its own address, the packument tells that one', async (t) => {
    const lockedUrl = 'https://cdn.example/ms.tgz';
    const gate = await open(t, { artifacts: [{ ...ms, lockedUrl }] });
    const answer = await inside(gate, 'registry.npmjs.org:443', get('registry.npmjs.org', '/ms'));
    assert.ok(answer.includes(`"tarball":"${lockedUrl}"`), answer);
  });

  const refused: readonly (readonly [why: string, request: string, status: number])[] = [
    ['a package that is not locked', get('registry.npmjs.org', '/left-pad'), 404],
    ['an address that is none of a registry', get('registry.npmjs.org', '/ms/-/x/y/z'), 404],
    ['another host in Host', get('evil.example', '/ms'), 421],
    ['another port in Host', get('registry.npmjs.org:8443', '/ms'), 421],
    ['a whole URL of another host', get('registry.npmjs.org', 'https://evil.example/ms'), 421],
    ['a publication', 'PUT /ms HTTP/1.1\r\nHost: registry.npmjs.org\r\nContent-Length: 0\r\n\r\n', 405],
    ['another CONNECT inside', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n', 407],
    ['no Host at all', 'GET /ms HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ];
  for (const [why, request, status] of refused) {
    test(`and inside of it ${why} is refused`, async (t) => {
      const gate = await open(t);
      assert.match(await inside(gate, 'registry.npmjs.org:443', request), new RegExp(`^HTTP/1\\.1 ${status} `));
    });
  }

  test('with the token inside, another CONNECT is refused all the same', async (t) => {
    const gate = await open(t, { allowHosts: [{ host: 'evil.example', port: 443 }] });
    const lines = ['CONNECT evil.example:443 HTTP/1.1', 'Host: evil.example:443'];
    const request = `${[...lines, `Proxy-Authorization: ${proxyAuthorization(gate)}`].join('\r\n')}\r\n\r\n`;
    assert.match(await inside(gate, 'registry.npmjs.org:443', request), /^HTTP\/1\.1 400 /);
  });

  test('another name in TLS ends the connection, and is told', async (t) => {
    const gate = await open(t);
    const { socket } = await connectTo(gate, 'registry.npmjs.org:443');
    await assert.rejects(secure(gate, socket, 'evil.example'));
    assert.equal(gate.refusals[0]?.subject, 'evil.example');
  });

  test('a client that does not know the authority gets nowhere', async (t) => {
    const [gate, other] = [await open(t), await open(t)];
    const { socket } = await connectTo(gate, 'registry.npmjs.org:443');
    const trusting = { ...gate, caCertificate: other.caCertificate } as Gate;
    await assert.rejects(secure(trusting, socket, 'registry.npmjs.org'));
  });
});

describe('CONNECT to a registry without TLS', () => {
  const withinPlain = async (gate: Gate, request: string): Promise<string> => {
    const { status, socket } = await connectTo(gate, 'registry.plain.example:80');
    assert.equal(status, 200);
    socket.write(request);
    return restOf(socket);
  };

  test('ends in the gate, too: some clients tunnel everything', async (t) => {
    const gate = await open(t);
    const answer = await withinPlain(gate, get('registry.plain.example', '/npm/@plain/x/-/x-1.0.0.tgz'));
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.ok(answer.endsWith(`\r\n\r\n${BYTES.toString()}`));
    assert.deepEqual([gate.refusals, gate.served.tunnels], [[], 0]);
  });

  const refused: readonly (readonly [why: string, request: string, status: number])[] = [
    ['a package that is not locked', get('registry.plain.example', '/npm/left-pad'), 404],
    ['another host in Host', get('evil.example', '/npm/@plain/x'), 421],
    ['another port in Host', get('registry.plain.example:8080', '/npm/@plain/x'), 421],
    ['a whole URL of another host', get('registry.plain.example', 'http://evil.example/x'), 421],
    ['the registry face without its token', get('registry.plain.example', '/ms/-/ms-2.1.3.tgz'), 404],
    ['two hosts', 'GET /npm/@plain/x HTTP/1.1\r\nHost: registry.plain.example\r\nHost: evil.example\r\n\r\n', 400],
    ['HTTP/1.0', 'GET /npm/@plain/x/-/x-1.0.0.tgz HTTP/1.0\r\nHost: registry.plain.example\r\n\r\n', 505],
  ];
  for (const [why, request, status] of refused) {
    test(`and inside of it ${why} is refused`, async (t) => {
      const gate = await open(t);
      assert.match(await withinPlain(gate, request), new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.equal(gate.served.tarballs, 0);
    });
  }
});

describe('CONNECT to anything else', () => {
  const refused: readonly (readonly [why: string, authority: string, status: number])[] = [
    ['a host that nobody names', 'evil.example:443', 403],
    ['a registry at another port', 'registry.npmjs.org:8443', 403],
    ['a subdomain of an excepted host', 'a.excepted.example:443', 403],
    ['a host that ends like an excepted one', 'evilexcepted.example:443', 403],
    ['an excepted host at another port', 'excepted.example:22', 403],
    ['this machine', '127.0.0.1:22', 403],
    ['this machine by name', 'localhost:22', 403],
    ['this machine in IPv6', '[::1]:22', 403],
    ['this machine as one number', '2130706433:22', 400],
    ['this machine in hexadecimal', '0x7f000001:22', 400],
    ['this machine in octal', '0177.0.0.1:22', 400],
    ['this machine, short', '127.1:22', 400],
    ['this machine, mapped', '[::ffff:127.0.0.1]:22', 400],
    ['the metadata of a cloud', '169.254.169.254:80', 403],
    ['somebody at an excepted host', 'me:secret@excepted.example:443', 400],
    ['a name with a trailing dot', 'excepted.example.:443', 400],
    ['letters that look like others', 'еxcepted.example:443', 400],
    ['no port', 'excepted.example', 400],
    ['port 0', 'excepted.example:0', 400],
    ['a URL', 'https://excepted.example/', 400],
    ['an empty host', ':443', 400],
  ];
  for (const [why, authority, status] of refused) {
    test(`${why} is refused`, async (t) => {
      const gate = await open(t, { allowHosts: [{ host: 'excepted.example', port: 443 }] });
      const answer = await connectTo(gate, authority);
      assert.equal(answer.status, status);
      const [refusal] = gate.refusals;
      assert.equal(refusal?.code, 'gate-refused');
      assert.equal(JSON.stringify(refusal).includes('secret'), false);
    });
  }

  test('Host that differs from the host is refused', async (t) => {
    const gate = await open(t);
    const headers = ['Host: evil.example', `Proxy-Authorization: ${proxyAuthorization(gate)}`];
    assert.equal((await connectTo(gate, 'registry.npmjs.org:443', headers)).status, 400);
  });

  for (const [why, headers] of [
    ['no password', ['Host: registry.npmjs.org']],
    ['a wrong one', ['Host: registry.npmjs.org', 'Proxy-Authorization: Basic bG9ja3NlYWw6d3Jvbmc=']],
    ['the token as user', ['Host: registry.npmjs.org', 'Proxy-Authorization: Bearer x']],
  ] as const) {
    test(`with ${why} nothing is told but that one is needed`, async (t) => {
      const gate = await open(t);
      const { status, head } = await connectTo(gate, 'registry.npmjs.org:443', headers);
      assert.equal(status, 407);
      assert.match(head, /Proxy-Authenticate: Basic/);
      assert.deepEqual(gate.refusals, []);
    });
  }

  test('an excepted host is let through, unseen', async (t) => {
    const { port, visits } = await elsewhere(t);
    const gate = await open(t, { allowHosts: [{ host: '127.0.0.1', port }] });
    const { status, socket } = await connectTo(gate, `127.0.0.1:${port}`);
    assert.equal(status, 200);
    socket.write(get('127.0.0.1', '/'));
    assert.match(await restOf(socket), /elsewhere$/);
    assert.deepEqual([visits(), gate.served.tunnels, gate.refusals], [1, 1, []]);
  });

  test('what a client sends at once, without waiting for the answer, is not lost', async (t) => {
    const { port } = await elsewhere(t);
    const gate = await open(t, { allowHosts: [{ host: '127.0.0.1', port }] });
    const socket = net.connect({ host: '127.0.0.1', port: gate.port });
    const head = `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nProxy-Authorization: ${proxyAuthorization(gate)}\r\n\r\n`;
    socket.write(head + get('127.0.0.1', '/'));
    assert.match(await headOf(socket), / 200 /);
    assert.match(await restOf(socket), /elsewhere$/);
  });

  test('an excepted host that cannot be reached leaves the question open', async (t) => {
    const closed = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const gate = await open(t, { allowHosts: [{ host: '127.0.0.1', port }] });
    assert.equal((await connectTo(gate, `127.0.0.1:${port}`)).status, 502);
    assert.equal(gate.refusals[0]?.kind, 'undecided');
  });

  test('a registry is never let through, even where it is excepted', async (t) => {
    const gate = await open(t, { allowHosts: [{ host: 'registry.npmjs.org', port: 443 }] });
    assert.match(await inside(gate, 'registry.npmjs.org:443', get('registry.npmjs.org', '/left-pad')), / 404 /);
    assert.equal(gate.served.tunnels, 0);
  });
});

describe('whole URLs', () => {
  test('of a registry in plain http are answered', async (t) => {
    const gate = await open(t);
    const { status, body } = await askByProxy(gate, `${PLAIN}@plain/x/-/x-1.0.0.tgz`);
    assert.deepEqual([status, body], [200, BYTES]);
  });

  test('of the gate itself are answered, with its path and without', async (t) => {
    const gate = await open(t);
    for (const url of [`${gate.url}ms/-/ms-2.1.3.tgz`, `http://127.0.0.1:${gate.port}/ms/-/ms-2.1.3.tgz`]) {
      assert.deepEqual((await askByProxy(gate, url)).body, BYTES, url);
    }
  });

  const refused: readonly (readonly [why: string, url: string, headers: Record<string, string>, status: number])[] = [
    ['a host that nobody names', 'http://evil.example/x', {}, 403],
    ['an excepted host, which is let through by CONNECT alone', 'http://excepted.example:443/x', {}, 403],
    ['https without CONNECT', 'https://registry.npmjs.org/ms', {}, 400],
    ['another scheme', 'ftp://registry.plain.example/npm/x', {}, 400],
    ['somebody at a registry', 'http://me:secret@registry.plain.example/npm/x', {}, 400],
    ['a host in one number', 'http://2130706433/', {}, 400],
    ['another Host', `${PLAIN}x`, { host: 'evil.example' }, 400],
    ['another port in Host', `${PLAIN}x`, { host: 'registry.plain.example:8080' }, 400],
    ['a package that is not locked', `${PLAIN}left-pad`, {}, 404],
    ['a path outside the registry', 'http://registry.plain.example/other', {}, 404],
    ['a path that leads out of the registry', `${PLAIN}../other`, {}, 404],
  ];
  for (const [why, url, headers, status] of refused) {
    test(`${why}: refused`, async (t) => {
      const gate = await open(t, { allowHosts: [{ host: 'excepted.example', port: 443 }] });
      const answer = await askByProxy(gate, url, { headers });
      assert.equal(answer.status, status);
      assert.equal(gate.refusals.length, 1);
      assert.equal(JSON.stringify(gate.refusals).includes('secret'), false);
    });
  }

  test('without the password nothing is answered', async (t) => {
    const gate = await open(t);
    for (const authorization of ['', 'Basic x', 'Basic bG9ja3NlYWw6d3Jvbmc=']) {
      const answer = await askByProxy(gate, `${PLAIN}@plain/x/-/x-1.0.0.tgz`, {
        headers: { 'proxy-authorization': authorization },
      });
      assert.equal(answer.status, 407);
    }
    assert.deepEqual(gate.refusals, []);
  });
});

describe('what two readers could read in two ways', () => {
  const url = `${PLAIN}@plain/x`;
  const cases: readonly (readonly [why: string, lines: readonly string[]])[] = [
    [
      'two lengths',
      [`POST ${url} HTTP/1.1`, 'Host: registry.plain.example', 'Content-Length: 3', 'Content-Length: 4', '', 'abc'],
    ],
    [
      'a length and chunks',
      [
        `POST ${url} HTTP/1.1`,
        'Host: registry.plain.example',
        'Content-Length: 3',
        'Transfer-Encoding: chunked',
        '',
        '0',
        '',
        '',
      ],
    ],
    [
      'an encoding that is not chunked',
      [`POST ${url} HTTP/1.1`, 'Host: registry.plain.example', 'Transfer-Encoding: identity, x', '', ''],
    ],
    ['a folded header', [`GET ${url} HTTP/1.1`, 'Host: registry.plain.example', 'X: a', ' b: c', '', '']],
    ['a space before the colon', [`GET ${url} HTTP/1.1`, 'Host : registry.plain.example', '', '']],
    ['a bare line feed', [`GET ${url} HTTP/1.1\nHost: registry.plain.example`, '', '']],
    ['a NUL in a header', [`GET ${url} HTTP/1.1`, 'Host: registry.plain.example', 'X: a\0b', '', '']],
    ['two hosts', [`GET ${url} HTTP/1.1`, 'Host: registry.plain.example', 'Host: evil.example', '', '']],
    ['no HTTP at all', ['\x16\x03\x01\x02\x00\x01', '', '']],
    [
      'a head beyond all bounds',
      [`GET ${url} HTTP/1.1`, 'Host: registry.plain.example', `X: ${'a'.repeat(70_000)}`, '', ''],
    ],
  ];
  for (const [why, lines] of cases) {
    test(`${why}: the connection ends`, async (t) => {
      const gate = await open(t);
      const [first = '', ...rest] = lines;
      const authorized = [first, `Proxy-Authorization: ${proxyAuthorization(gate)}`, ...rest].join('\r\n');
      const smuggled = `GET ${PUBLIC_REGISTRY} HTTP/1.1\r\nHost: evil.example\r\n\r\n`;
      const answer = await sayRaw(gate, `${authorized}${smuggled}`);
      assert.match(answer, /^HTTP\/1\.1 (?:400|431) /);
      assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1);
      assert.equal(gate.served.documents + gate.served.tarballs, 0);
    });
  }
});
