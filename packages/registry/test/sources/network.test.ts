import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import {
  NO_FLAGS,
  PUBLIC_REGISTRY,
  type EvidenceSource,
  type LockedPackage,
  type PackageVersion,
  type Pin,
  type RegistryKey,
  type Source,
  type TarballExtra,
  type TarballFacts,
} from '@lockseal/core';
import type { RegistryConfigParts } from '../../src/config/config.ts';
import { HttpClient } from '../../src/http/client.ts';
import { parseAttestations } from '../../src/sources/attestations.ts';
import { createNetworkSource, type NetworkSourceOptions } from '../../src/sources/network.ts';
import { parseVersionDocument } from '../../src/sources/version-document.ts';
import { readWhole as readTarballWhole } from '../../src/tarball/read-whole.ts';
import type { WholeReader } from '../../src/tarball/reading.ts';
import { cacheIn } from '../support/cache.ts';
import { configOf, tempDir } from '../support/config.ts';
import { jsonAt, startServer, type Handler, type TestServer } from '../support/server.ts';
import { makePackage } from '../support/tarball.ts';
import { sharedDir } from '../../../../test/support/shared.ts';

interface Setup {
  readonly source: EvidenceSource;
  readonly server: TestServer;
}

async function setUp(
  t: TestContext,
  handler: Handler | Readonly<Record<string, unknown>>,
  parts: (url: string) => Partial<RegistryConfigParts> = () => ({}),
  options: Partial<NetworkSourceOptions> = {},
): Promise<Setup> {
  const server = await startServer(t, typeof handler === 'function' ? handler : jsonAt(handler));
  const config = configOf(server.url, parts(server.url));
  const offline = options.offline ?? false;
  const client = new HttpClient({ config, offline, idleMs: 2000 });
  t.after(() => client.close());
  const trustedKeys = { file: [], npm: [key('pinned', 'embedded')] };
  return {
    server,
    source: createNetworkSource({ config, client, cache: undefined, offline, trustedKeys, ...options }),
  };
}

const key = (keyid: string, origin: RegistryKey['origin']): RegistryKey => ({
  keyid,
  usages: ['npm:signatures'],
  spki: 'AA==',
  validFrom: undefined,
  validUntil: undefined,
  origin,
});
const ask = (name: string, version: string, namedRegistry?: string): PackageVersion => ({
  name,
  version,
  namedRegistry,
});
const document = (name: string, version: string, more: object = {}): object => ({ name, version, dist: {}, ...more });

describe('version documents', () => {
  test('are asked for by name and version, scoped names encoded', async (t) => {
    const { source, server } = await setUp(t, {
      '/a/1.0.0': document('a', '1.0.0', {
        dist: { tarball: 'T', integrity: 'I', shasum: 'S', signatures: [{ keyid: 'k', sig: 's' }], attestations: {} },
      }),
      '/@s%2fb/2.0.0-rc.1%2Bbuild': document('@s/b', '2.0.0-rc.1+build', {
        _npmUser: { name: 'u', email: 'e' },
        hasInstallScript: true,
      }),
    });
    const a = await source.versionDocument(ask('a', '1.0.0'));
    assert.ok(a.status === 'ok');
    assert.deepEqual(a.value.dist, {
      tarball: 'T',
      integrity: 'I',
      shasum: 'S',
      signatures: [{ keyid: 'k', sig: 's' }],
      announcesAttestations: true,
    });
    const b = await source.versionDocument(ask('@s/b', '2.0.0-rc.1+build'));
    assert.ok(b.status === 'ok', JSON.stringify(b));
    assert.equal(b.value.publisher, 'u');
    assert.equal(b.value.hasInstallScript, true);
    assert.equal(server.requests.length, 2);
  });

  test('are asked for at the registry of the scope and the named registry', async (t) => {
    const scoped = await startServer(t, jsonAt({ '/npm/@s%2fb/1.0.0': document('@s/b', '1.0.0') }));
    const named = await startServer(t, jsonAt({ '/ms/2.1.3': document('ms', '2.1.3') }));
    const { source, server } = await setUp(t, {}, (url) => ({
      map: {
        default: url,
        scopes: new Map([['@s', `${scoped.url}npm/`]]),
        named: new Map([['work', named.url]]),
        mirrors: [],
      },
    }));
    assert.equal((await source.versionDocument(ask('@s/b', '1.0.0'))).status, 'ok');
    assert.equal((await source.versionDocument(ask('ms', '2.1.3', 'work'))).status, 'ok');
    assert.equal(server.sockets(), 0);
    const refused = await source.versionDocument(ask('ms', '2.1.3', 'unknown'));
    assert.ok(refused.status === 'unavailable' && refused.error === 'ERR_HOST_REFUSED');
  });

  for (const status of [404, 405]) {
    test(`a registry without documents of versions (${status}) is asked for the packument, from then on at once`, async (t) => {
      const packument = { versions: { '1.0.0': document('a', '1.0.0'), '2.0.0': document('a', '2.0.0') } };
      const { source, server } = await setUp(t, (request, response) => {
        if (request.url === '/a') response.end(JSON.stringify(packument));
        else response.writeHead(status).end();
      });
      assert.equal((await source.versionDocument(ask('a', '1.0.0'))).status, 'ok');
      assert.equal((await source.versionDocument(ask('a', '2.0.0'))).status, 'ok');
      assert.equal((await source.versionDocument(ask('a', '3.0.0'))).status, 'absent');
      assert.equal((await source.versionDocument(ask('b', '3.0.0'))).status, 'absent');
      assert.deepEqual(
        server.requests.map(({ url }) => url),
        ['/a/1.0.0', '/a', '/a', '/a', '/b'],
      );
    });
  }

  const invalid: readonly (readonly [why: string, body: unknown, message: RegExp])[] = [
    ['another name', document('b', '1.0.0'), /says that it is b@1\.0\.0/],
    ['another version', document('a', '1.0.1'), /says that it is a@1\.0\.1/],
    ['no name', { version: '1.0.0', dist: {} }, /says that it is undefined@1\.0\.0/],
    ['no dist', { name: 'a', version: '1.0.0' }, /dist in .* is not an object/],
    ['an integrity that is no text', document('a', '1.0.0', { dist: { integrity: 5 } }), /dist\.integrity/],
    ['a tarball of null', document('a', '1.0.0', { dist: { tarball: null } }), /dist\.tarball/],
    ['signatures that are no list', document('a', '1.0.0', { dist: { signatures: {} } }), /dist\.signatures/],
    [
      'a signature without keyid',
      document('a', '1.0.0', { dist: { signatures: [{ sig: 's' }] } }),
      /signatures\[0\]\.keyid/,
    ],
    [
      'signatures without end',
      document('a', '1.0.0', { dist: { signatures: Array.from({ length: 101 }, () => ({ keyid: 'k', sig: 's' })) } }),
      /over 100/,
    ],
    ['dependencies that are no table', document('a', '1.0.0', { dependencies: 'b' }), /dependencies/],
    ['hasInstallScript that is no truth', document('a', '1.0.0', { hasInstallScript: 'yes' }), /hasInstallScript/],
    ['an array', [], /not an object/],
    ['a scalar', 'x', /not an object/],
  ];
  for (const [why, body, message] of invalid) {
    test(`invalid: ${why}`, async (t) => {
      const { source } = await setUp(t, { '/a/1.0.0': body });
      const answer = await source.versionDocument(ask('a', '1.0.0'));
      assert.ok(answer.status === 'unavailable' && answer.error === 'ERR_RESPONSE_INVALID', JSON.stringify(answer));
      assert.match(answer.reason, message);
    });
  }

  test('garbage, and more than its bound', async (t) => {
    const { source } = await setUp(
      t,
      (request, response) => void response.end(request.url === '/a/1.0.0' ? '<html>' : 'x'.repeat(2000)),
      undefined,
      { limits: { versionDocument: 1000 } },
    );
    const garbage = await source.versionDocument(ask('a', '1.0.0'));
    assert.ok(garbage.status === 'unavailable' && garbage.error === 'ERR_RESPONSE_INVALID');
    const huge = await source.versionDocument(ask('a', '2.0.0'));
    assert.ok(huge.status === 'unavailable' && huge.error === 'ERR_RESPONSE_TOO_LARGE');
  });

  for (const name of ['../evil', 'a/b', '', '@s/../x', 'a?b', 'a#b', '@s%2fb']) {
    test(`the name ${JSON.stringify(name)} chooses no path`, async (t) => {
      const { source, server } = await setUp(t, {});
      const answers = [await source.versionDocument(ask(name, '1.0.0')), await source.attestations(ask(name, '1.0.0'))];
      for (const answer of answers) assert.ok(answer.status === 'unavailable' && answer.error === 'ERR_LOCKFILE_NAME');
      assert.equal(server.sockets(), 0);
    });
  }

  test('a hostile version stays one path segment', async (t) => {
    const { source, server } = await setUp(t, {});
    await source.attestations(ask('a', '1/../../x?y#z'));
    assert.equal(server.requests[0]?.url, '/-/npm/v1/attestations/a@1%2F..%2F..%2Fx%3Fy%23z');
  });

  test('real documents parse', (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const file = path.join(
      shared,
      'corpus/packuments/npmx-dev+npmx.dev/test/fixtures/npm-registry/packuments/vite.json',
    );
    const versions = Object.entries(JSON.parse(readFileSync(file, 'utf8')).versions as Record<string, object>);
    assert.ok(versions.length > 0);
    for (const [version, json] of versions) {
      const { dist } = parseVersionDocument(Buffer.from(JSON.stringify(json)), ask('vite', version));
      assert.match(dist.integrity ?? '', /^sha512-/);
    }
  });
});

describe('attestations', () => {
  const endpoint = '/-/npm/v1/attestations/@s%2fa@1.0.0';
  test('are given as served, with the digest of their canonical JSON', async (t) => {
    const { source } = await setUp(t, {
      [endpoint]: { attestations: [{ predicateType: 'P', bundle: { b: 1, a: 2 } }] },
    });
    const answer = await source.attestations(ask('@s/a', '1.0.0'));
    assert.ok(answer.status === 'ok');
    const digest = createHash('sha256').update('{"a":2,"b":1}').digest('hex');
    assert.deepEqual(answer.value, [{ predicateType: 'P', bundle: { b: 1, a: 2 }, digest }]);
  });

  test('real ones parse', (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const file = 'corpus/attestations/npm+cli/test/fixtures/sigstore/valid-sigstore-attestations.json';
    const parsed = parseAttestations(readFileSync(path.join(shared, file)), 'the fixture');
    assert.ok(parsed.length > 0);
    assert.ok(parsed.every(({ digest }) => /^[0-9a-f]{64}$/.test(digest)));
  });

  test('404 is absent', async (t) => {
    const { source } = await setUp(t, {});
    assert.equal((await source.attestations(ask('a', '1.0.0'))).status, 'absent');
  });

  for (const body of [
    {},
    { attestations: {} },
    { attestations: [null] },
    { attestations: [{ bundle: {} }] },
    { attestations: [{ predicateType: 'P', bundle: 'x' }] },
    { attestations: Array.from({ length: 101 }, () => ({ predicateType: 'P', bundle: {} })) },
  ]) {
    test(`invalid: ${JSON.stringify(body).slice(0, 60)}`, async (t) => {
      const { source } = await setUp(t, { [endpoint]: body });
      const answer = await source.attestations(ask('@s/a', '1.0.0'));
      assert.ok(answer.status === 'unavailable' && answer.error === 'ERR_RESPONSE_INVALID');
    });
  }

  test('may come from another registry than the package', async (t) => {
    const other = await startServer(t, jsonAt({ [endpoint]: { attestations: [] }, '/-/npm/v1/keys': { keys: [] } }));
    const { source, server } = await setUp(t, {}, () => ({ attestationsRegistry: other.url }));
    assert.equal((await source.attestations(ask('@s/a', '1.0.0'))).status, 'ok');
    assert.equal((await source.keys(ask('@s/a', '1.0.0'))).status, 'ok');
    assert.equal(server.sockets(), 0);
  });
});

describe('keys', () => {
  const own = {
    keyid: 'own',
    keytype: 'ecdsa-sha2-nistp256',
    scheme: 'ecdsa-sha2-nistp256',
    key: 'AA==',
    expires: null,
  };

  test('a registry adds keys of its own, once a run, and replaces none that is pinned', async (t) => {
    const { source, server } = await setUp(t, {
      '/-/npm/v1/keys': { keys: [own, { ...own, keyid: 'pinned', key: 'BA==' }] },
    });
    const answers = [await source.keys(ask('a', '1.0.0')), await source.keys(ask('b', '1.0.0'))];
    for (const answer of answers) {
      assert.ok(answer.status === 'ok');
      assert.deepEqual(
        answer.value.map(({ keyid, origin, spki }) => [keyid, origin, spki]),
        [
          ['pinned', 'embedded', 'AA=='],
          ['own', 'registry', 'AA=='],
        ],
      );
    }
    assert.equal(server.requests.length, 1);
  });

  test('a file comes first', async (t) => {
    const trustedKeys = { file: [key('pinned', 'file')], npm: [key('pinned', 'tuf'), key('other', 'tuf')] };
    const { source } = await setUp(t, {}, undefined, { trustedKeys });
    const answer = await source.keys(ask('a', '1.0.0'));
    assert.ok(answer.status === 'ok');
    assert.deepEqual(
      answer.value.map(({ keyid, origin }) => [keyid, origin]),
      [
        ['pinned', 'file'],
        ['other', 'tuf'],
      ],
    );
  });

  test("npm's public registry has the pinned keys and is not asked", async (t) => {
    const { source } = await setUp(t, {}, () => ({
      map: { default: PUBLIC_REGISTRY, scopes: new Map(), named: new Map(), mirrors: [] },
    }));
    const answer = await source.keys(ask('a', '1.0.0'));
    assert.ok(answer.status === 'ok');
    assert.deepEqual(
      answer.value.map(({ keyid }) => keyid),
      ['pinned'],
    );
  });

  test('keys that cannot be had are not taken for none', async (t) => {
    const { source } = await setUp(t, (_, response) => void response.writeHead(500).end());
    const answer = await source.keys(ask('a', '1.0.0'));
    assert.ok(answer.status === 'unavailable' && answer.error === 'ERR_HTTP');
    const broken = await setUp(t, { '/-/npm/v1/keys': { keys: [{ keyid: 5 }] } });
    const answered = await broken.source.keys(ask('a', '1.0.0'));
    assert.ok(answered.status === 'unavailable' && answered.error === 'ERR_RESPONSE_INVALID');
  });
});

describe('tarballs', () => {
  const tgz = makePackage();
  const hex = createHash('sha512').update(tgz).digest('hex');
  const sha512 = `sha512-${Buffer.from(hex, 'hex').toString('base64')}`;
  const entry = (source: Source, pin: Pin = { kind: 'none' }, name = 'a'): LockedPackage => ({
    id: 'x',
    name,
    version: '1.0.0+b',
    aliases: [],
    source,
    pin,
    edges: [],
    flags: NO_FLAGS,
    hasInstallScript: undefined,
    patch: undefined,
    bundles: [],
    deprecated: undefined,
    position: undefined,
  });
  const registry: Source = { type: 'registry', url: undefined, namedRegistry: undefined };
  const serve: Handler = (_, response) => void response.end(tgz);

  for (const [what, source, documented, expected, name] of [
    ['the canonical URL where nothing else is said', registry, undefined, '/a/-/a-1.0.0.tgz', 'a'],
    ['of a scoped name', registry, undefined, '/@s/a/-/a-1.0.0.tgz', '@s/a'],
    ["the registry's word", registry, 'HOST/tarballs/a.tgz?x=1', '/tarballs/a.tgz?x=1', 'a'],
    [
      'the public host stands for the configured one',
      registry,
      'https://registry.npmjs.org/a/-/other-1.tgz',
      '/a/-/other-1.tgz',
      'a',
    ],
    ["so does Yarn's name for it", registry, 'https://registry.yarnpkg.com/a/-/other-1.tgz', '/a/-/other-1.tgz', 'a'],
    ['a word that names a foreign host is not followed', registry, 'https://evil.test/a.tgz', '/a/-/a-1.0.0.tgz', 'a'],
    ['a word that is no URL', registry, ':::', '/a/-/a-1.0.0.tgz', 'a'],
    [
      'a locked URL of a registry entry does not count',
      { ...registry, url: 'https://evil.test/a.tgz' },
      undefined,
      '/a/-/a-1.0.0.tgz',
      'a',
    ],
    ['the locked URL of a tarball entry', { type: 'tarball', url: 'HOST/any/b.tgz' }, 'HOST/no', '/any/b.tgz', 'a'],
  ] as const) {
    test(what, async (t) => {
      const { source: evidence, server } = await setUp(t, serve);
      const atHost = (text: string): string => text.replace('HOST/', server.url);
      const locked = source.type === 'tarball' ? { ...source, url: atHost(source.url) } : source;
      const url = documented === undefined ? undefined : atHost(documented);
      const answer = await evidence.tarball({ entry: entry(locked, undefined, name), url, yarnCacheKeys: [] });
      assert.equal(answer.status, 'ok', JSON.stringify(answer));
      assert.deepEqual(
        server.requests.map((request) => request.url),
        [expected],
      );
    });
  }

  test('a tarball entry at a host that nothing configures is refused without a connection', async (t) => {
    const other = await startServer(t, serve);
    const { source } = await setUp(t, serve);
    const answer = await source.tarball({
      entry: entry({ type: 'tarball', url: other.url }),
      url: undefined,
      yarnCacheKeys: [],
    });
    assert.ok(answer.status === 'unavailable' && answer.error === 'ERR_HOST_REFUSED');
    assert.equal(other.sockets(), 0);
  });

  test('entries of other classes have none', async (t) => {
    const { source, server } = await setUp(t, serve);
    const answer = await source.tarball({
      entry: entry({ type: 'workspace', path: 'x' }),
      url: undefined,
      yarnCacheKeys: [],
    });
    assert.equal(answer.status, 'unavailable');
    assert.equal(server.sockets(), 0);
  });

  test('404 is absent, garbage is unreadable, a connection cut short is tried again', async (t) => {
    let count = 0;
    const { source, server } = await setUp(t, (request, response) => {
      if (request.url === '/gone') response.writeHead(404).end();
      else if (request.url === '/garbage') response.end('garbage');
      else if (++count === 1) {
        response.writeHead(200, { 'content-length': tgz.length }).write(tgz.subarray(0, 50));
        setTimeout(() => request.socket.destroy(), 10);
      } else response.end(tgz);
    });
    const at = (name: string): ReturnType<EvidenceSource['tarball']> =>
      source.tarball({ entry: entry(registry), url: `${server.url}${name}`, yarnCacheKeys: [] });
    assert.equal((await at('gone')).status, 'absent');
    const garbage = await at('garbage');
    assert.ok(garbage.status === 'unavailable' && garbage.error === 'ERR_TARBALL_UNREADABLE');
    assert.equal((await at('flaky')).status, 'ok');
    assert.equal(server.requests.length, 4);
  });

  test('facts of the pinned bytes come from the cache, for the Yarn keys that were asked for before', async (t) => {
    const cache = cacheIn(tempDir(t));
    const { source, server } = await setUp(t, serve, undefined, { cache });
    const pinned = entry(registry, { kind: 'integrity', text: sha512, of: 'tarball' });
    const first = await source.tarball({ entry: pinned, url: undefined, yarnCacheKeys: [] });
    const second = await source.tarball({ entry: pinned, url: undefined, yarnCacheKeys: [] });
    assert.deepEqual(second, first);
    assert.equal(server.requests.length, 1);
    const third = await source.tarball({ entry: pinned, url: undefined, yarnCacheKeys: ['10c0'] });
    assert.ok(third.status === 'ok' && third.value.yarnZip.has('10c0'));
    assert.equal(server.requests.length, 2);
    assert.deepEqual(await source.cachedTarball(hex), third.value);
  });

  test('what the cache lacks of what is asked for is read again, and added', async (t) => {
    const cache = cacheIn(tempDir(t));
    const { source, server } = await setUp(t, serve, undefined, { cache });
    const pinned = entry(registry, { kind: 'integrity', text: sha512, of: 'tarball' });
    const ask = async (...extras: readonly TarballExtra[]): Promise<TarballFacts> => {
      const answer = await source.tarball({ entry: pinned, url: undefined, yarnCacheKeys: [], extras });
      assert.ok(answer.status === 'ok');
      return answer.value;
    };
    const least = await ask();
    assert.deepEqual([least.sha1, least.tarSha512, least.list], [undefined, undefined, undefined]);
    assert.ok((await ask('sha1')).sha1 !== undefined);
    assert.equal(server.requests.length, 2);
    assert.ok((await ask('list', 'tarSha512')).list !== undefined);
    assert.equal(server.requests.length, 3);
    assert.ok((await ask('sha1', 'tarSha512', 'list')).sha1 !== undefined);
    assert.deepEqual(await ask(), least, 'what others asked for is not told');
    const all = await source.tarball({ entry: pinned, url: undefined, yarnCacheKeys: [] });
    assert.ok(all.status === 'ok' && all.value.sha1 !== undefined && all.value.list !== undefined);
    assert.equal(server.requests.length, 3);
  });

  test('bytes that another pin asks for are fetched and hashed, and not unpacked where they are known', async (t) => {
    let unpacked = 0;
    const readWhole: WholeReader = (pieces, options) => {
      unpacked += 1;
      return readTarballWhole(pieces, options);
    };
    const { source, server } = await setUp(t, serve, undefined, { cache: cacheIn(tempDir(t)), readWhole });
    const weak = entry(registry, { kind: 'integrity', text: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=', of: 'tarball' });
    const ask = (extras: readonly TarballExtra[]): ReturnType<EvidenceSource['tarball']> =>
      source.tarball({ entry: weak, url: undefined, yarnCacheKeys: [], extras });
    const first = await ask(['sha1']);
    assert.deepEqual(await ask(['sha1']), first);
    assert.deepEqual([server.requests.length, unpacked], [2, 1]);
    const listed = await ask(['sha1', 'list']);
    assert.ok(listed.status === 'ok' && listed.value.list !== undefined);
    assert.deepEqual([server.requests.length, unpacked], [3, 2]);
  });

  test('the bytes of a weak, double or absent pin are read every time', async (t) => {
    const { source, server } = await setUp(t, serve, undefined, { cache: cacheIn(tempDir(t)) });
    const pins: readonly Pin[] = [
      { kind: 'none' },
      { kind: 'integrity', text: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=', of: 'tarball' },
      { kind: 'integrity', text: `${sha512} ${sha512}`, of: 'tarball' },
      { kind: 'integrity', text: sha512, of: 'tar' },
    ];
    for (const pin of [...pins, ...pins])
      await source.tarball({ entry: entry(registry, pin), url: undefined, yarnCacheKeys: [] });
    assert.equal(server.requests.length, 8);
  });
});

describe('the cache of documents', () => {
  const etagged: (state: { body: object; tag: string }) => Handler = (state) => (request, response) => {
    response.setHeader('etag', state.tag);
    if (request.headers['if-none-match'] === state.tag) response.writeHead(304).end();
    else response.end(JSON.stringify(state.body));
  };

  test('asks again with the entity tag, and takes what has changed', async (t) => {
    const state = { body: document('a', '1.0.0', { dist: { integrity: 'old' } }), tag: '"1"' };
    const { source, server } = await setUp(t, etagged(state), undefined, { cache: cacheIn(tempDir(t)) });
    const integrity = async (): Promise<unknown> => {
      const answer = await source.versionDocument(ask('a', '1.0.0'));
      return answer.status === 'ok' ? answer.value.dist.integrity : answer;
    };
    assert.equal(await integrity(), 'old');
    assert.equal(await integrity(), 'old');
    assert.deepEqual(
      server.requests.map(({ headers }) => headers['if-none-match']),
      [undefined, '"1"'],
    );
    Object.assign(state, { body: document('a', '1.0.0', { dist: { integrity: 'new' } }), tag: '"2"' });
    assert.equal(await integrity(), 'new');
    assert.equal(await integrity(), 'new');
  });

  test('a registry that fails is not covered up by an older answer', async (t) => {
    let fails = false;
    const { source } = await setUp(
      t,
      (_, response) => void response.writeHead(fails ? 500 : 200).end(JSON.stringify(document('a', '1.0.0'))),
      undefined,
      { cache: cacheIn(tempDir(t)) },
    );
    assert.equal((await source.versionDocument(ask('a', '1.0.0'))).status, 'ok');
    fails = true;
    assert.equal((await source.versionDocument(ask('a', '1.0.0'))).status, 'unavailable');
  });

  test('does not ask within the time that the registry gave, and not for long after', async (t) => {
    let now = Date.now();
    const cache = cacheIn(tempDir(t), { now: () => now });
    const answers: Readonly<Record<string, unknown>> = {
      '/a/1.0.0': document('a', '1.0.0'),
      '/-/npm/v1/keys': { keys: [] },
    };
    const { source, server } = await setUp(
      t,
      (request, response) => {
        response.setHeader('cache-control', 'public, max-age=60');
        jsonAt(answers)(request, response);
      },
      undefined,
      { cache },
    );
    const askAll = async (): Promise<string[]> => {
      const all = [await source.versionDocument(ask('a', '1.0.0')), await source.attestations(ask('a', '1.0.0'))];
      return all.map(({ status }) => status);
    };
    assert.deepEqual(await askAll(), ['ok', 'absent']);
    assert.deepEqual(await askAll(), ['ok', 'absent']);
    assert.equal(server.requests.length, 2);
    now += 60_000;
    assert.deepEqual(await askAll(), ['ok', 'absent']);
    assert.equal(server.requests.length, 4);
    await source.keys(ask('a', '1.0.0'));
    const config = configOf(server.url);
    const trustedKeys = { file: [], npm: [] };
    const client = new HttpClient({ config, offline: false });
    t.after(() => client.close());
    const nextRun = createNetworkSource({ config, client, cache, offline: false, trustedKeys });
    await nextRun.versionDocument(ask('a', '1.0.0'));
    assert.equal(server.requests.length, 5);
    await nextRun.keys(ask('a', '1.0.0'));
    assert.equal(server.requests.length, 6, 'keys are always asked for');
  });

  test('offline, that there was nothing is an answer too', async (t) => {
    const cache = cacheIn(tempDir(t));
    const online = await setUp(t, { '/a/1.0.0': document('a', '1.0.0') }, undefined, { cache });
    assert.equal((await online.source.attestations(ask('a', '1.0.0'))).status, 'absent');
    const config = configOf(online.server.url);
    const client = new HttpClient({ config, offline: true });
    const offline = createNetworkSource({ config, client, cache, offline: true, trustedKeys: { file: [], npm: [] } });
    assert.equal((await offline.attestations(ask('a', '1.0.0'))).status, 'absent');
  });

  test('offline it answers without a socket, from documents and packuments alike, and says what it lacks', async (t) => {
    const cache = cacheIn(tempDir(t));
    const online = await setUp(
      t,
      { '/a/1.0.0': document('a', '1.0.0'), '/b': { versions: { '1.0.0': document('b', '1.0.0') } } },
      undefined,
      { cache },
    );
    assert.equal((await online.source.versionDocument(ask('a', '1.0.0'))).status, 'ok');
    assert.equal((await online.source.versionDocument(ask('b', '1.0.0'))).status, 'ok');
    const before = online.server.sockets();
    const config = configOf(online.server.url);
    const client = new HttpClient({ config, offline: true });
    const offline = createNetworkSource({ config, client, cache, offline: true, trustedKeys: { file: [], npm: [] } });
    assert.equal((await offline.versionDocument(ask('a', '1.0.0'))).status, 'ok');
    assert.equal((await offline.versionDocument(ask('b', '1.0.0'))).status, 'ok');
    const answers = [
      await offline.versionDocument(ask('c', '1.0.0')),
      await offline.attestations(ask('a', '1.0.0')),
      await offline.keys(ask('a', '1.0.0')),
      await offline.tarball({ entry: { ...lockedA(), pin: { kind: 'none' } }, url: undefined, yarnCacheKeys: [] }),
    ];
    for (const answer of answers)
      assert.ok(answer.status === 'unavailable' && answer.error === 'ERR_OFFLINE', JSON.stringify(answer));
    assert.equal(online.server.sockets(), before);
  });
});

function lockedA(): LockedPackage {
  return {
    id: 'a',
    name: 'a',
    version: '1.0.0',
    aliases: [],
    source: { type: 'registry', url: undefined, namedRegistry: undefined },
    pin: { kind: 'none' },
    edges: [],
    flags: NO_FLAGS,
    hasInstallScript: undefined,
    patch: undefined,
    bundles: [],
    deprecated: undefined,
    position: undefined,
  };
}
