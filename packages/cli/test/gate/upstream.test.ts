import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { Fault } from '@lockseal/testkit';
import { openBench, TOKEN, type Bench } from './support/registry.ts';

/** For what never ends; nothing else may depend on time. */
const SHORT_MS = 400;

/** What a client comes away with. */
async function download(
  url: string,
): Promise<{ readonly status: number; readonly bytes: number; readonly complete: boolean }> {
  const response = await fetch(url);
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) bytes += (chunk as Uint8Array).length;
    return { status: response.status, bytes, complete: true };
  } catch {
    return { status: response.status, bytes, complete: false };
  }
}

async function stranger(t: TestContext): Promise<{ readonly url: string; readonly visits: () => number }> {
  let visits = 0;
  const server = http.createServer((_, response) => {
    visits += 1;
    response.end('evil');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, visits: () => visits };
}

const stored = async ({ folder }: Bench): Promise<readonly string[]> => readdir(path.join(folder, 'tarballs-v1'));

describe('a registry behind the gate', () => {
  test('is asked with its credentials, and the client never sees them', async (t) => {
    const bench = await openBench(t);
    const gate = await bench.gate([bench.artifact('ms', '1.0.0'), bench.artifact('@acme/ui', '1.0.0')]);
    const packument = await (await fetch(`${gate.url}ms`)).text();
    assert.deepEqual(Object.keys(JSON.parse(packument).versions), ['1.0.0']);
    assert.ok((await download(`${gate.url}ms/-/ms-1.0.0.tgz`)).complete);
    assert.ok((await download(`${gate.url}@acme/ui/-/ui-1.0.0.tgz`)).bytes > 5_000_000);
    assert.ok(bench.server.requests.every(({ headers }) => headers.authorization === `Bearer ${TOKEN}`));
    assert.equal(packument.includes(TOKEN), false);
    assert.deepEqual(gate.refusals, []);
  });

  test('whose tarballs lie elsewhere is asked where', async (t) => {
    const bench = await openBench(t);
    const moved = (document: unknown): unknown => {
      const { dist, ...rest } = document as { dist: object };
      return { ...rest, dist: { ...dist, tarball: `${bench.server.url}redirected/ms/-/ms-1.0.0.tgz` } };
    };
    bench.box.fault({ route: 'version', name: 'ms' }, { type: 'edit', edit: moved });
    bench.box.fault({ route: 'tarball', name: 'ms', times: 1 }, { type: 'status', status: 404 });
    const gate = await bench.gate([bench.artifact('ms', '1.0.0')]);
    assert.equal((await download(`${gate.url}ms/-/ms-1.0.0.tgz`)).status, 200);
  });

  test('that takes the place of the public one serves what the lockfile records of that', async (t) => {
    const bench = await openBench(t);
    const lockedUrl = 'https://registry.npmjs.org/ms/-/ms-1.0.0.tgz';
    const gate = await bench.gate([bench.artifact('ms', '1.0.0', { lockedUrl })]);
    assert.equal((await download(`${gate.url}ms/-/ms-1.0.0.tgz`)).status, 200);
  });
});

/** What can go wrong while clients are given a large tarball already. */
const STREAMED: ReadonlySet<string> = new Set(['serves other bytes', 'breaks off', 'never answers']);

describe('what a registry behind the gate does wrong', () => {
  const faults: readonly (readonly [why: string, fault: Fault, code: string])[] = [
    ['serves other bytes', { type: 'other-bytes' }, 'tarball-mismatch'],
    ['serves few other bytes', { type: 'other-bytes', bytes: Buffer.from('evil') }, 'tarball-mismatch'],
    ['breaks off', { type: 'truncate', bytes: 100 }, 'ERR_NETWORK'],
    ['resets', { type: 'reset' }, 'ERR_NETWORK'],
    ['never answers', { type: 'stall' }, 'ERR_TIMEOUT'],
    ['drips', { type: 'drip', bytes: 1, everyMs: 50 }, 'ERR_TIMEOUT'],
    ['says that there is none', { type: 'status', status: 404 }, 'ERR_HTTP'],
    ['wants other credentials', { type: 'status', status: 401 }, 'ERR_AUTH'],
    ['forbids', { type: 'status', status: 403 }, 'ERR_AUTH'],
    ['fails', { type: 'status', status: 500 }, 'ERR_HTTP'],
    ['is busy', { type: 'rate-limit' }, 'ERR_HTTP'],
    ['sends a page to sign in', { type: 'garbage' }, 'tarball-mismatch'],
  ];
  for (const [why, fault, code] of faults) {
    for (const name of STREAMED.has(why) ? ['ms', '@acme/ui'] : ['ms']) {
      const [file, version] = [`${name.replace('@acme/', '')}-1.0.0.tgz`, '1.0.0'];
      test(`${why}: nobody gets the whole of ${name}, nothing is kept, and it is told`, async (t) => {
        const bench = await openBench(t, code === 'ERR_TIMEOUT' ? SHORT_MS : undefined);
        const gate = await bench.gate([bench.artifact(name, version)]);
        bench.box.fault({ route: 'tarball' }, fault);
        const got = await download(`${gate.url}${name}/-/${file}`);
        assert.ok(got.status >= 400 || !got.complete, JSON.stringify(got));
        const [refusal] = gate.refusals;
        assert.equal(refusal?.code, code);
        assert.equal(refusal?.kind, code === 'tarball-mismatch' ? 'finding' : 'undecided');
        assert.deepEqual(refusal?.artifact?.path, ['.', `${name}@${version}`]);
        assert.equal(JSON.stringify(gate.refusals).includes(TOKEN), false);
        await gate.close();
        assert.deepEqual(await stored(bench), []);
      });
    }
  }

  test('sends without end: it is broken off at the bound, not read into memory', async (t) => {
    const bench = await openBench(t, SHORT_MS);
    const gate = await bench.gate([bench.artifact('ms', '1.0.0')]);
    bench.box.fault({ route: 'tarball' }, { type: 'huge', bytes: 2 * 1024 ** 4 });
    const got = await download(`${gate.url}ms/-/ms-1.0.0.tgz`);
    assert.ok(got.status >= 400 || !got.complete);
    await gate.close();
    assert.deepEqual(await stored(bench), []);
  });

  test('leads to another host: nobody goes there, and no credentials do', async (t) => {
    const bench = await openBench(t);
    const other = await stranger(t);
    const gate = await bench.gate([bench.artifact('ms', '1.0.0')]);
    bench.box.fault({ route: 'tarball' }, { type: 'redirect', to: other.url });
    assert.equal((await download(`${gate.url}ms/-/ms-1.0.0.tgz`)).status, 424);
    assert.equal(gate.refusals[0]?.code, 'ERR_HOST_REFUSED');
    assert.equal(other.visits(), 0);
  });

  test('a lockfile leads to another host: nobody goes there', async (t) => {
    const bench = await openBench(t);
    const other = await stranger(t);
    const lockedUrl = `${other.url}/ms/-/ms-1.0.0.tgz`;
    const gate = await bench.gate([bench.artifact('ms', '1.0.0', { registry: undefined, lockedUrl })]);
    const proxied = await new Promise<number>((resolve) => {
      const { username, password } = new URL(gate.proxyUrl);
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      const headers = { host: new URL(lockedUrl).host, 'proxy-authorization': authorization };
      http.get({ host: '127.0.0.1', port: gate.port, path: lockedUrl, headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
    });
    assert.equal(proxied, 424);
    assert.deepEqual([gate.refusals[0]?.code, other.visits()], ['ERR_HOST_REFUSED', 0]);
  });

  test('fails once: it is asked again', async (t) => {
    const bench = await openBench(t);
    const gate = await bench.gate([bench.artifact('ms', '1.0.0')]);
    bench.box.fault({ route: 'tarball', times: 1 }, { type: 'status', status: 503 });
    assert.equal((await download(`${gate.url}ms/-/ms-1.0.0.tgz`)).status, 200);
    assert.deepEqual(gate.refusals, []);
  });

  for (const [why, fault] of [
    ['is no JSON', { type: 'garbage' }],
    ['is not there', { type: 'status', status: 404 }],
    ['cannot be had', { type: 'status', status: 500 }],
  ] as const) {
    test(`a packument that ${why} leaves the question open`, async (t) => {
      const bench = await openBench(t);
      const gate = await bench.gate([bench.artifact('ms', '1.0.0')]);
      bench.box.fault({ route: 'packument' }, fault);
      assert.equal((await fetch(`${gate.url}ms`)).status, 424);
      assert.equal(gate.refusals[0]?.kind, 'undecided');
    });
  }
});
