// The way out of a script that the policy lets reach a host: through the bridge, over the gate's proxy.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { openBridge, type UpstreamProxy } from '../../../src/scripts/sandbox/bridge.ts';
import { bubblewrap, makeProject } from '../support/project.ts';

interface Proxy extends UpstreamProxy {
  /** `CONNECT host:443 Basic x`, as they came. */
  readonly asked: readonly string[];
}

/** Stands for the gate's proxy: answers for every host itself, and echoes in tunnels. */
async function openProxy(t: TestContext): Promise<Proxy> {
  const asked: string[] = [];
  const note = ({ method, url, headers }: http.IncomingMessage): void => {
    asked.push(`${method} ${url} ${headers['proxy-authorization']}`);
  };
  const server = http.createServer((request, response) => {
    note(request);
    response.end('hello');
  });
  server.on('connect', (request, socket) => {
    note(request);
    socket.on('error', () => socket.destroy());
    if (request.url?.startsWith('refused')) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  return { host: '127.0.0.1', port, authorization: 'Basic token', asked };
}

/** Sends bytes to the bridge. @returns what comes back until it ends, or until `until` came */
async function talk(port: number, text: string, until: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) {
    answer += (chunk as Buffer).toString();
    if (answer.includes(until)) break;
  }
  socket.destroy();
  return answer;
}

const connectTo = (host: string): string => `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
const get = (url: string): string =>
  `GET ${url} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic mine\r\nConnection: close\r\n\r\n`;

describe('the bridge', () => {
  interface Case {
    readonly why: string;
    readonly send: string;
    readonly status: number;
    /** What the gate's proxy sees. */
    readonly asked?: string;
    readonly refused?: string;
  }
  const cases: readonly Case[] = [
    {
      why: 'a host that is named',
      send: connectTo('good.test:443'),
      status: 200,
      asked: 'CONNECT good.test:443 Basic token',
    },
    {
      why: 'in other letters',
      send: connectTo('GOOD.test:443'),
      status: 200,
      asked: 'CONNECT GOOD.test:443 Basic token',
    },
    {
      why: 'a port that is named',
      send: connectTo('good.test:8443'),
      status: 200,
      asked: 'CONNECT good.test:8443 Basic token',
    },
    { why: 'another port', send: connectTo('good.test:22'), status: 403, refused: 'good.test:22' },
    { why: 'another host', send: connectTo('evil.test:443'), status: 403, refused: 'evil.test:443' },
    { why: 'a host that ends like it', send: connectTo('notgood.test:443'), status: 403, refused: 'notgood.test:443' },
    { why: 'a host below it', send: connectTo('x.good.test:443'), status: 403, refused: 'x.good.test:443' },
    {
      why: 'a name before an at-sign',
      send: connectTo('good.test@evil.test:443'),
      status: 403,
      refused: 'good.test@evil.test:443',
    },
    { why: 'the machine itself', send: connectTo('127.0.0.1:22'), status: 403, refused: '127.0.0.1:22' },
    {
      why: "what the gate's proxy refuses",
      send: connectTo('refused.test:443'),
      status: 403,
      asked: 'CONNECT refused.test:443 Basic token',
    },
    {
      why: 'http where it is named',
      send: get('http://good.test:80/x'),
      status: 200,
      asked: 'GET http://good.test/x Basic token',
    },
    { why: 'http, which is not https', send: get('http://refused.test/'), status: 403, refused: 'refused.test' },
    { why: 'a request that is for no host', send: get('/secret'), status: 403 },
    { why: 'https without a tunnel', send: get('https://good.test/'), status: 403 },
  ];
  for (const { why, send, status, asked, refused } of cases) {
    test(`${why}: ${status}`, async (t) => {
      const proxy = await openProxy(t);
      const bridge = await openBridge(
        ['good.test', 'good.test:8443', 'good.test:80', 'refused.test'],
        proxy,
        undefined,
      );
      const answer = await talk(bridge.port ?? 0, send, '\r\n\r\n');
      await bridge.close();
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
      assert.deepEqual(proxy.asked, asked === undefined ? [] : [asked]);
      assert.deepEqual(bridge.refused(), refused === undefined ? [] : [refused]);
    });
  }

  test('a tunnel carries bytes both ways, also those sent along with the question', async (t) => {
    const bridge = await openBridge(['good.test'], await openProxy(t), undefined);
    const answer = await talk(bridge.port ?? 0, `${connectTo('good.test:443')}ping`, 'ping');
    await bridge.close();
    assert.match(answer, /\r\n\r\nping$/);
  });
});

describe('a script with leave to reach a host', () => {
  const program = `
const http = require('node:http');
const connect = (path) => new Promise((resolve) => {
  const proxy = new URL(process.env.HTTPS_PROXY);
  http.request({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path })
    .on('connect', (answer, socket) => { console.log(path, answer.statusCode); socket.destroy(); resolve(); }).end();
});
connect('good.test:443').then(() => connect('evil.test:443')).then(() => console.log(JSON.stringify(process.env).includes('token')));
`;

  test('reaches that one over the proxy, which it cannot tell of its token, and no other', async (t) => {
    const sandbox = await bubblewrap(t);
    if (sandbox === undefined) return;
    const proxy = await openProxy(t);
    const project = makeProject(t, [
      {
        name: 'tool',
        scripts: { install: 'node run.js; echo code $?' },
        files: { 'run.js': program },
        permit: { network: ['good.test'] },
      },
    ]);
    const { lines, outcomes } = await project.run(sandbox, { proxy });
    assert.deepEqual(lines, ['tool|good.test:443 200', 'tool|evil.test:443 403', 'tool|false', 'tool|code 0']);
    assert.deepEqual(outcomes[0]?.refusedHosts, ['evil.test:443']);
    assert.deepEqual(proxy.asked, ['CONNECT good.test:443 Basic token']);
  });

  test('ends as its script ends, though something stands between', async (t) => {
    const sandbox = await bubblewrap(t);
    if (sandbox === undefined) return;
    const project = makeProject(t, [
      { name: 'tool', scripts: { install: 'exit 9' }, permit: { network: ['good.test'] } },
    ]);
    const { outcomes } = await project.run(sandbox, { proxy: await openProxy(t) });
    assert.deepEqual(outcomes[0]?.result, { status: 'failed', reason: 'install: exit code 9' });
  });

  test('without a proxy has no way out', async (t) => {
    const sandbox = await bubblewrap(t);
    if (sandbox === undefined) return;
    const project = makeProject(t, [
      { name: 'tool', scripts: { install: 'echo "proxy: $HTTPS_PROXY"' }, permit: { network: ['good.test'] } },
    ]);
    assert.deepEqual((await project.run(sandbox)).lines, ['tool|proxy: ']);
  });
});
