// A script's way out, whole: sandbox, bridge, the real gate's proxy face, and what lies beyond.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { describe, test } from 'node:test';
import { connectTo, gateFor, pieces, proxyAuthorization, upstreamOf } from '../../support/gate.ts';
import { bubblewrap, makeProject } from '../support/project.ts';

const PROGRAM = `
const { hostname, port } = new URL(process.env.HTTPS_PROXY);
require('node:http').request({ host: hostname, port, method: 'CONNECT', path: 'good.test:443' })
  .on('connect', (answer, socket) => {
    console.log(answer.statusCode);
    socket.on('data', (chunk) => { console.log(String(chunk)); socket.destroy(); });
    socket.write('ping');
  }).end();
`;

describe('the way out of a script', () => {
  test('is closed while packages come in, and leads to its hosts when it runs', async (t) => {
    const sandbox = await bubblewrap(t);
    if (sandbox === undefined) return;
    const echo = net.createServer((socket) => socket.pipe(socket));
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    t.after(() => echo.close());
    const { port } = echo.address() as net.AddressInfo;
    const asked: string[] = [];
    const upstream = {
      ...upstreamOf(() => pieces(Buffer.from('x'))),
      connect: async (host: string, at: number) => {
        asked.push(`${host}:${at}`);
        const socket = net.connect(port, '127.0.0.1');
        await once(socket, 'connect');
        return socket;
      },
    };
    const gate = await gateFor(t, { artifacts: [], upstream });
    assert.equal((await connectTo(gate, 'good.test:443')).status, 403);
    gate.allow([{ host: 'good.test', port: 443 }]);
    const project = makeProject(t, [
      {
        name: 'tool',
        scripts: { install: 'node run.js' },
        files: { 'run.js': PROGRAM },
        permit: { network: ['good.test'] },
      },
    ]);
    const proxy = { host: '127.0.0.1', port: gate.port, authorization: proxyAuthorization(gate) };
    const { lines } = await project.run(sandbox, { proxy });
    assert.deepEqual(lines, ['tool|200', 'tool|ping']);
    assert.deepEqual(asked, ['good.test:443']);
  });
});
