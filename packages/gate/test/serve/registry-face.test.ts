import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { LocksealError } from '@lockseal/core';
import type { ApprovedArtifact } from '../../src/artifact.ts';
import type { Gate } from '../../src/serve/open-gate.ts';
import { SMALL } from '../../src/store/tarball-store.ts';
import {
  artifactOf,
  ask,
  gateFor,
  noise,
  pieces,
  sayRaw,
  upstreamOf,
  type FakeUpstream,
  type Serve,
} from '../support/gate.ts';

const BYTES = Buffer.from('the tarball of ms 2.1.3');
const LARGE = noise(SMALL + 300_000);
const ms = artifactOf('ms@2.1.3', BYTES);
const scoped = artifactOf('@acme/ui@1.0.0', Buffer.from('ui'));
const large = artifactOf('large@1.0.0', LARGE);
const ARTIFACTS = [ms, scoped, large];

const genuine = new Map<ApprovedArtifact, Buffer>([
  [ms, BYTES],
  [scoped, Buffer.from('ui')],
  [large, LARGE],
]);
const serveGenuine: Serve = (artifact) => pieces(genuine.get(artifact) ?? Buffer.alloc(0));

const manifest = (name: string, version: string): object => ({
  name,
  version,
  dist: { tarball: 'https://elsewhere/' },
});
const documents = new Map<string, unknown>([
  ['ms', { name: 'ms', versions: { '2.1.3': manifest('ms', '2.1.3'), '9.9.9': manifest('ms', '9.9.9') } }],
  ['@acme/ui', { name: '@acme/ui', versions: { '1.0.0': manifest('@acme/ui', '1.0.0') } }],
]);

async function open(
  t: TestContext,
  serve: Serve = serveGenuine,
): Promise<{ gate: Gate & { folder: string }; upstream: FakeUpstream }> {
  const upstream = upstreamOf(serve, documents);
  return { gate: await gateFor(t, { artifacts: ARTIFACTS, upstream }), upstream };
}

const stored = (folder: string): readonly string[] => fs.readdirSync(path.join(folder, 'tarballs-v1'));
/** A tarball is kept beside handing it out: asks until it comes from the store. */
async function untilStored(gate: Gate, url: string): Promise<void> {
  while (gate.served.fromStore === 0) assert.equal((await ask(url)).status, 200);
}

/** What was begun is removed beside telling the client. */
async function untilEmpty(folder: string): Promise<void> {
  while (stored(folder).length > 0) await turn();
}

const codesOf = ({ refusals }: Gate): readonly string[] => refusals.map(({ code }) => code);

describe('the registry face', () => {
  for (const [address, name, base] of [
    ['ms', 'ms', 'ms/-/ms-2.1.3.tgz'],
    ['@acme/ui', '@acme/ui', '@acme/ui/-/ui-1.0.0.tgz'],
    ['@acme%2fui', '@acme/ui', '@acme/ui/-/ui-1.0.0.tgz'],
    ['@acme%2Fui', '@acme/ui', '@acme/ui/-/ui-1.0.0.tgz'],
  ] as const) {
    test(`answers ${address} with the locked versions and its own address`, async (t) => {
      const { gate } = await open(t);
      const accept = 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8';
      const { status, headers, body } = await ask(`${gate.url}${address}`, { headers: { accept } });
      const packument = JSON.parse(body.toString());
      assert.equal(status, 200);
      assert.equal(headers['content-type'], 'application/vnd.npm.install-v1+json');
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['content-encoding'], undefined);
      assert.equal(packument.name, name);
      const [version, ...others] = Object.values(packument.versions) as { dist: { tarball: string } }[];
      assert.equal(others.length, 0);
      assert.equal(version?.dist.tarball, `${gate.url}${base}`);
      assert.deepEqual(gate.refusals, []);
    });
  }

  test('tells its own address even of what the lockfile records elsewhere: nobody is led past it', async (t) => {
    const upstream = upstreamOf(serveGenuine, documents);
    const artifacts = [{ ...ms, lockedUrl: 'https://cdn.example/ms.tgz' }];
    const gate = await gateFor(t, { artifacts, upstream });
    const { body } = await ask(`${gate.url}ms/latest`);
    assert.equal(JSON.parse(body.toString()).dist.tarball, `${gate.url}ms/-/ms-2.1.3.tgz`);
  });

  test('names itself as the client does, who may know this machine by another name', async (t) => {
    const { gate } = await open(t);
    const { body } = await ask(`${gate.url}ms/latest`, { headers: { host: 'host.docker.internal:4873' } });
    const { pathname } = new URL(gate.url);
    assert.equal(
      JSON.parse(body.toString()).dist.tarball,
      `http://host.docker.internal:4873${pathname}ms/-/ms-2.1.3.tgz`,
    );
  });

  test('hands out tarballs: first from upstream, then from the store', async (t) => {
    const { gate, upstream } = await open(t);
    const url = `${gate.url}ms/-/ms-2.1.3.tgz`;
    for (const round of ['upstream', 'store']) {
      const { status, headers, body, complete } = await ask(url);
      assert.deepEqual([status, complete], [200, true], round);
      assert.equal(headers['content-length'], String(BYTES.length));
      assert.deepEqual(body, BYTES);
      await untilStored(gate, url);
    }
    assert.deepEqual(upstream.asked, ['ms@2.1.3']);
    const { tarballs, bytes } = gate.served;
    assert.equal(bytes, tarballs * BYTES.length);
    assert.deepEqual(stored(gate.folder), [ms.sha512]);
  });

  test('takes no notice of ranges and of what a client says it has: only whole files can be looked at', async (t) => {
    const { gate } = await open(t);
    const headers = { range: 'bytes=5-', 'if-none-match': '*', 'accept-encoding': 'gzip, br' };
    for (const address of ['ms/-/ms-2.1.3.tgz', 'ms']) {
      const answer = await ask(`${gate.url}${address}`, { headers });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['content-encoding'], undefined);
    }
    assert.deepEqual((await ask(`${gate.url}ms/-/ms-2.1.3.tgz`, { headers })).body, BYTES);
  });

  test('answers HEAD without fetching anything', async (t) => {
    const { gate, upstream } = await open(t);
    const { status, body } = await ask(`${gate.url}ms/-/ms-2.1.3.tgz`, { method: 'HEAD' });
    assert.deepEqual([status, body.length, upstream.asked], [200, 0, []]);
  });

  const refused: readonly (readonly [why: string, method: string, address: string, status: number, level: string])[] = [
    ['a package that is not locked', 'GET', 'left-pad', 404, 'error'],
    ['a version that is not locked', 'GET', 'ms/9.9.9', 404, 'error'],
    ['a tag on no locked version', 'GET', 'ms/next', 404, 'error'],
    ['a tarball of a version that is not locked', 'GET', 'ms/-/ms-9.9.9.tgz', 404, 'error'],
    ['a tarball of one package under the name of another', 'GET', 'ms/-/ui-1.0.0.tgz', 404, 'error'],
    ['a folder upwards', 'GET', 'ms/-/..%2f..%2fx', 404, 'error'],
    ['a search', 'GET', '-/v1/search?text=x', 404, 'note'],
    ['a ping', 'GET', '-/ping', 404, 'note'],
    ['an audit', 'POST', '-/npm/v1/security/advisories/bulk', 404, 'note'],
    ['an audit of npm 6', 'POST', '-/npm/v1/security/audits', 404, 'note'],
    ['a login', 'PUT', '-/user/org.couchdb.user:me', 405, 'error'],
    ['a login by web', 'POST', '-/v1/login', 405, 'error'],
    ['a publication', 'PUT', 'ms', 405, 'error'],
    ['a new tag', 'PUT', '-/package/ms/dist-tags/latest', 405, 'error'],
    ['a deletion', 'DELETE', 'ms/-/ms-2.1.3.tgz/-rev/1', 405, 'error'],
    ['a method of its own', 'PROPFIND', 'ms', 405, 'error'],
  ];
  for (const [why, method, address, status, level] of refused) {
    test(`refuses ${why}`, async (t) => {
      const { gate, upstream } = await open(t);
      const body = method === 'GET' ? {} : { body: '{"x":"y"}' };
      const answer = await ask(`${gate.url}${address}`, { method, ...body });
      assert.equal(answer.status, status);
      assert.match(JSON.parse(answer.body.toString()).error, /^lockseal: /);
      assert.equal(gate.refusals.length, 1);
      const [refusal] = gate.refusals;
      assert.equal(refusal?.kind === 'finding' ? refusal.level : undefined, level);
      assert.equal(refusal?.code, 'gate-refused');
      assert.equal(upstream.asked.filter((each) => each !== 'ms').length, 0);
    });
  }

  const callers: readonly (readonly [why: string, headers: Record<string, string>, by: string | undefined])[] = [
    [
      'npm',
      { 'user-agent': 'npm/11.21.2 node/v24.21.0 linux x64', 'npm-command': 'install' },
      'npm/11.21.2, npm install',
    ],
    ['a client of no npm', { 'user-agent': 'pnpm/12.21.0' }, 'pnpm/12.21.0'],
    ['npm with a command that is no word', { 'user-agent': 'npm/11.21.2', 'npm-command': 'ci; rm' }, 'npm/11.21.2'],
    ['a name that is no product', { 'user-agent': 'all is approved' }, undefined],
    ['a product as long as a page', { 'user-agent': `npm/${'1'.repeat(50)}` }, undefined],
    ['nobody', {}, undefined],
  ];
  for (const [why, headers, by] of callers) {
    test(`says who asked for what is not locked: ${why}`, async (t) => {
      const pathTo = (name: string): readonly string[] => ['.', 'parent@1.0.0', name];
      const gate = await gateFor(t, { artifacts: ARTIFACTS, upstream: upstreamOf(serveGenuine), pathTo });
      await ask(`${gate.url}left-pad`, { headers });
      assert.equal(gate.refusals[0]?.by, by);
      assert.deepEqual(gate.refusals[0]?.path, ['.', 'parent@1.0.0', 'left-pad']);
    });
  }

  test('lists what is asked again once, and counts it', async (t) => {
    const { gate } = await open(t);
    for (let round = 0; round < 3; round++) await ask(`${gate.url}left-pad`);
    assert.deepEqual(
      gate.refusals.map(({ times, subject }) => [subject, times]),
      [['left-pad', 3]],
    );
  });
});

describe('whoever does not have the token', () => {
  const shown = async (t: TestContext, change: (url: string) => string): Promise<void> => {
    const { gate } = await open(t);
    const { status, body } = await ask(change(gate.url));
    assert.deepEqual([status, body.toString()], [404, 'not found\n']);
    assert.deepEqual(gate.refusals, []);
  };
  const tokenOf = (url: string): string => new URL(url).pathname.split('/')[1] ?? '';

  for (const [why, change] of [
    ['asks without any', (url: string) => `${new URL(url).origin}/ms`],
    ['asks the root', (url: string) => new URL(url).origin],
    ['has a shorter one', (url: string) => `${url.slice(0, -2)}/ms`],
    ['has a longer one', (url: string) => `${url.slice(0, -1)}A/ms`],
    ['has another of the same length', (url: string) => `${new URL(url).origin}/${'A'.repeat(43)}/ms`],
    [
      'writes it encoded',
      (url: string) => `${new URL(url).origin}/%${tokenOf(url).charCodeAt(0).toString(16)}${tokenOf(url).slice(1)}/ms`,
    ],
    ['gives it in the query', (url: string) => `${new URL(url).origin}/ms?token=${tokenOf(url)}`],
  ] as const) {
    test(`and ${why} learns nothing`, (t) => shown(t, change));
  }
});

describe('what goes wrong upstream', () => {
  const offset = (bytes: Buffer): Buffer => Buffer.concat([bytes.subarray(0, -1), Buffer.of((bytes.at(-1) ?? 0) ^ 1)]);
  const faults: readonly (readonly [why: string, serve: Serve, code: string])[] = [
    ['other bytes of the same length', (of) => pieces(offset(genuine.get(of) ?? BYTES)), 'tarball-mismatch'],
    ['the tarball of another package', (of) => pieces(of === scoped ? BYTES : Buffer.from('ui')), 'tarball-mismatch'],
    ['the end missing', (of) => pieces((genuine.get(of) ?? BYTES).subarray(0, -1)), 'tarball-mismatch'],
    ['something at the end', (of) => pieces(Buffer.concat([genuine.get(of) ?? BYTES, BYTES])), 'tarball-mismatch'],
    ['nothing', () => pieces(Buffer.alloc(0)), 'tarball-mismatch'],
    ['a reset in the middle', (of) => breaking(genuine.get(of) ?? BYTES, 'ERR_NETWORK'), 'ERR_NETWORK'],
    ['a timeout in the middle', (of) => breaking(genuine.get(of) ?? BYTES, 'ERR_TIMEOUT'), 'ERR_TIMEOUT'],
  ];
  for (const [why, serve, code] of faults) {
    for (const artifact of [ms, large]) {
      test(`${why}: nobody gets the whole of ${artifact.name}, and nothing is kept`, async (t) => {
        const { gate } = await open(t, serve);
        const base = artifact.name;
        const answers = [await ask(`${gate.url}${base}/-/${base}-${artifact.version}.tgz`)];
        const [answer] = answers;
        assert.ok(answer && (answer.status >= 400 || !answer.complete), `status ${answer?.status}, complete`);
        assert.ok(answer.status >= 400 || answer.body.length < (genuine.get(artifact)?.length ?? 0));
        assert.deepEqual(codesOf(gate), [code]);
        const [refusal] = gate.refusals;
        assert.equal(refusal?.artifact?.path?.join(' > '), `. > ${artifact.name}@${artifact.version}`);
        assert.equal(refusal?.kind, code === 'tarball-mismatch' ? 'finding' : 'undecided');
        await untilEmpty(gate.folder);
      });
    }
  }

  test('other bytes are other bytes: upstream is not asked again', async (t) => {
    const { gate, upstream } = await open(t, () => pieces(Buffer.from('evil')));
    for (let round = 0; round < 3; round++) {
      assert.equal((await ask(`${gate.url}ms/-/ms-2.1.3.tgz`)).status, 403);
    }
    assert.deepEqual(upstream.asked, ['ms@2.1.3']);
    assert.match(gate.refusals[0]?.found ?? '', /^sha512 [0-9a-f]{128}$/);
  });

  test('what could be had in the end is no matter any more', async (t) => {
    let attempts = 0;
    const { gate } = await open(t, (of) => {
      attempts += 1;
      return attempts === 1 ? breaking(genuine.get(of) ?? BYTES, 'ERR_NETWORK') : serveGenuine(of);
    });
    assert.equal((await ask(`${gate.url}ms/-/ms-2.1.3.tgz`)).status, 424);
    assert.deepEqual(codesOf(gate), ['ERR_NETWORK']);
    assert.deepEqual((await ask(`${gate.url}ms/-/ms-2.1.3.tgz`)).body, BYTES);
    assert.deepEqual(codesOf(gate), []);
  });

  test('a second attempt begins anew: bytes of the first are no part of what anybody gets', async (t) => {
    const other = noise(LARGE.length);
    const upstream = {
      ...upstreamOf(serveGenuine),
      tarball: async <T>(_: ApprovedArtifact, read: (body: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T> => {
        await read(breaking(other, 'ERR_NETWORK')).catch(() => undefined);
        return read(pieces(LARGE));
      },
    };
    const gate = await gateFor(t, { artifacts: ARTIFACTS, upstream });
    const first = await ask(`${gate.url}large/-/large-1.0.0.tgz`);
    assert.ok(!first.complete || first.body.equals(LARGE));
    const second = await ask(`${gate.url}large/-/large-1.0.0.tgz`);
    assert.ok(second.complete && second.body.equals(LARGE));
  });

  for (const [why, given, status, code] of [
    ['lists no locked version', { name: 'ms', versions: {} }, 424, 'ERR_RESPONSE_INVALID'],
    ['is about another package', { name: 'evil', versions: {} }, 424, 'ERR_RESPONSE_INVALID'],
    ['does not exist', undefined, 424, 'ERR_RESPONSE_INVALID'],
  ] as const) {
    test(`a document that ${why} leaves the question open`, async (t) => {
      const upstream = upstreamOf(serveGenuine, new Map([['ms', given]]));
      const gate = await gateFor(t, { artifacts: ARTIFACTS, upstream });
      assert.equal((await ask(`${gate.url}ms`)).status, status);
      assert.deepEqual(codesOf(gate), [code]);
    });
  }
});

describe('many clients at once', () => {
  for (const [artifact, clients] of [
    [ms, 50],
    [large, 12],
  ] as const) {
    test(`upstream is asked once for ${artifact.name}, and each of ${clients} gets the whole`, async (t) => {
      const { gate, upstream } = await open(t, (of) => slowly(genuine.get(of) ?? BYTES));
      const url = `${gate.url}${artifact.name}/-/${artifact.name}-${artifact.version}.tgz`;
      const answers = await Promise.all(Array.from({ length: clients }, () => ask(url)));
      for (const { complete, body } of answers) assert.ok(complete && body.equals(genuine.get(artifact) ?? BYTES));
      assert.equal(upstream.asked.length, 1);
      assert.equal(gate.served.tarballs, clients);
    });
  }

  test('of wrong bytes none of 12 gets the whole', async (t) => {
    const other = noise(LARGE.length);
    const { gate, upstream } = await open(t, () => slowly(other));
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(`${gate.url}large/-/large-1.0.0.tgz`)));
    for (const { status, complete, body } of answers)
      assert.ok(status === 403 || (!complete && body.length < other.length));
    assert.equal(upstream.asked.length, 1);
    assert.deepEqual(codesOf(gate), ['tarball-mismatch']);
  });
});

describe('HTTP', () => {
  test('1.0 is refused: without an end of its own a broken answer looks whole', async (t) => {
    const { gate } = await open(t);
    const { pathname } = new URL(gate.url);
    assert.match(await sayRaw(gate, `GET ${pathname}ms/-/ms-2.1.3.tgz HTTP/1.0\r\n\r\n`), /^HTTP\/1\.1 505 /);
  });

  test('what was damaged in the store is fetched again', async (t) => {
    const { gate, upstream } = await open(t);
    await untilStored(gate, `${gate.url}ms/-/ms-2.1.3.tgz`);
    fs.writeFileSync(path.join(gate.folder, 'tarballs-v1', ms.sha512), 'evil');
    assert.deepEqual((await ask(`${gate.url}ms/-/ms-2.1.3.tgz`)).body, BYTES);
    assert.deepEqual(upstream.asked, ['ms@2.1.3', 'ms@2.1.3']);
  });

  test('a large one that was damaged is broken off, and fetched when it is asked for again', async (t) => {
    const { gate } = await open(t);
    const url = `${gate.url}large/-/large-1.0.0.tgz`;
    await untilStored(gate, url);
    fs.writeFileSync(path.join(gate.folder, 'tarballs-v1', large.sha512), noise(LARGE.length));
    assert.equal((await ask(url)).complete, false);
    assert.deepEqual(codesOf(gate), ['ERR_CACHE']);
    assert.ok((await ask(url)).body.equals(LARGE));
    assert.deepEqual(codesOf(gate), []);
  });

  test('a store that cannot be written to keeps nothing from anybody', async (t) => {
    const { gate } = await open(t);
    fs.rmSync(path.join(gate.folder, 'tarballs-v1'), { recursive: true });
    assert.deepEqual((await ask(`${gate.url}ms/-/ms-2.1.3.tgz`)).body, BYTES);
  });
});

async function* breaking(bytes: Buffer, code: 'ERR_NETWORK' | 'ERR_TIMEOUT'): AsyncGenerator<Uint8Array> {
  yield* pieces(bytes.subarray(0, -1));
  await turn();
  throw new LocksealError(code, 'The connection failed');
}

async function* slowly(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces(bytes)) {
    await turn();
    yield piece;
  }
}
