// Whom lockseal talks to, and what it tells them: whatever lockfile, registry answer and redirect say, no connection is
// made but to what the registry configuration names, and no credential leaves for another place than its own.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import { after, before, describe, mock, test } from 'node:test';
import { createRegistry, createSigstore, type NpmLockfile, type RegistryServer } from '@lockseal/testkit';
import { some } from '../support/thorough.ts';
import { LoopbackVerifier, type Loopback, type LoopbackVerdict } from '../support/loopback-verification.ts';

const box = await createSigstore();
const registry = createRegistry({ sigstore: box });
registry.publish({ name: 'subject', version: '1.0.0' });
registry.publish({ name: '@acme/scoped', version: '1.0.0' });
const verifier = await LoopbackVerifier.create(box);

/** What would answer, if anybody asked: the metadata service of a cloud, a database on this machine, an attacker. */
const forbidden = createServer((_, response) => response.end('secret'));
let server: RegistryServer;
let forbiddenPort = 0;
const dialled: string[] = [];

before(async () => {
  server = await registry.serve();
  await new Promise<void>((resolve) => forbidden.listen(0, '127.0.0.1', resolve));
  forbiddenPort = (forbidden.address() as AddressInfo).port;
  // Every connection of this process begins here, whichever client makes it.
  const connect = Reflect.get(Socket.prototype, 'connect') as (this: Socket, ...args: unknown[]) => Socket;
  mock.method(Socket.prototype, 'connect', function dial(this: Socket, ...args: unknown[]) {
    const [options] = args.flat() as { host?: string; port?: number | string }[];
    dialled.push(`${options?.host}:${options?.port}`);
    return connect.apply(this, args);
  });
});
after(async () => {
  mock.restoreAll();
  forbidden.close();
  await server.close();
});

/** Verifies, and tells which hosts were dialled. */
async function visit(asked: Omit<Loopback, 'url'>): Promise<LoopbackVerdict & { readonly hosts: readonly string[] }> {
  dialled.length = 0;
  const verdict = await verifier.verify({ url: server.url, ...asked });
  return { ...verdict, hosts: [...new Set(dialled)] };
}

function locked(change: (entry: Record<string, unknown>) => void, name = 'subject'): string {
  const project = { name: 'project', version: '1.0.0', dependencies: { [name]: '1.0.0' } };
  const lockfile: NpmLockfile = registry.lockfile('npm-v3', project, { registry: server.url });
  change(lockfile.packages[`node_modules/${name}`] as Record<string, unknown>);
  return JSON.stringify(lockfile);
}

const own = (): string => new URL(server.url).host;
const tarball = '/subject/-/subject-1.0.0.tgz';

/** URLs that lead, or look as if they led, elsewhere. */
function elsewhere(): readonly (readonly [why: string, url: string])[] {
  const port = forbiddenPort;
  return [
    ['the metadata service of clouds', 'http://169.254.169.254/latest/meta-data/'],
    ['the same in IPv6', 'http://[fd00:ec2::254]/latest/meta-data/'],
    ['another port of this machine', `http://127.0.0.1:${port}${tarball}`],
    ['this machine by name', `http://localhost:${port}${tarball}`],
    ['this machine in one number', `http://2130706433:${port}${tarball}`],
    ['this machine in hexadecimal', `http://0x7f.1:${port}${tarball}`],
    ['this machine as nothing', `http://0:${port}${tarball}`],
    ['this machine in IPv6', `http://[::ffff:127.0.0.1]:${port}${tarball}`],
    ['link-local', 'http://[fe80::1]/x.tgz'],
    ['a private network', 'http://10.0.0.1/x.tgz'],
    ['the registry as a user name', `http://${own()}@127.0.0.1:${port}${tarball}`],
    ['the registry as user and password', `http://127.0.0.1:80@127.0.0.1:${port}${tarball}`],
    ['a backslash for a slash', `http:\\\\127.0.0.1:${port}\\@${own()}${tarball}`],
    ['no slashes', `http:127.0.0.1:${port}${tarball}`],
    ['a tab in the scheme', `ht\ttp://127.0.0.1:${port}${tarball}`],
    ['the registry as a subdomain', `http://${own().replace(':', '.')}.evil.example${tarball}`],
    ['a name with a Cyrillic letter', 'https://registry.npmjs.оrg/subject/-/subject-1.0.0.tgz'],
    ['a name in full-width letters', 'https://ｅvil.example/subject/-/subject-1.0.0.tgz'],
    ['the public registry with a dot at its end', 'https://registry.npmjs.org./subject/-/subject-1.0.0.tgz'],
    ['a name that may resolve to anything', `http://registry.internal.example${tarball}`],
    ['another scheme', `https://${own()}${tarball}`],
    ['a file', 'file:///etc/passwd'],
    ['FTP', 'ftp://127.0.0.1/x.tgz'],
    ['data', 'data:application/gzip;base64,H4sIAAAAAAAAAwMAAAAAAAAAAAA='],
  ];
}

describe('URLs of a lockfile', () => {
  test('of the registry itself are asked for, and pass', async () => {
    const { verdict, hosts } = await visit({ lockfile: locked(() => undefined) });
    assert.deepEqual([verdict, hosts], ['good', [own()]]);
  });

  test('wherever they lead, nobody else is asked, and none passes', async () => {
    for (const [why, url] of elsewhere()) {
      const { verdict, hosts, codes } = await visit({ lockfile: locked((entry) => (entry['resolved'] = url)) });
      assert.ok(
        hosts.every((host) => host === own()),
        `${why}: ${url} ${hosts.join(' ')}`,
      );
      assert.notEqual(verdict, 'good', `${why}: ${url} ${codes.join(' ')}`);
    }
  });

  const formats: readonly (readonly [path: string, text: (url: string) => string])[] = [
    [
      'pnpm-lock.yaml',
      (url) =>
        `lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      subject:\n        specifier: ${JSON.stringify(url)}\n        version: ${JSON.stringify(url)}\npackages:\n  ? ${JSON.stringify(`subject@${url}`)}\n  : resolution: {tarball: ${JSON.stringify(url)}}\n    version: 1.0.0\nsnapshots:\n  ? ${JSON.stringify(`subject@${url}`)}\n  : {}\n`,
    ],
    [
      'yarn.lock',
      (url) =>
        `__metadata:\n  version: 8\n  cacheKey: 10c0\n\n"subject@npm:1.0.0":\n  version: 1.0.0\n  resolution: "subject@npm:1.0.0::__archiveUrl=${encodeURIComponent(url)}"\n  checksum: 10c0/${'ab'.repeat(64)}\n`,
    ],
    [
      'yarn.lock',
      (url) => `# yarn lockfile v1\n\nsubject@1.0.0:\n  version "1.0.0"\n  resolved ${JSON.stringify(url)}\n`,
    ],
    [
      'bun.lock',
      (url) =>
        `{"lockfileVersion":1,"workspaces":{"":{"dependencies":{"subject":"1.0.0"}}},"packages":{"subject":["subject@1.0.0",${JSON.stringify(url)},{},""]}}`,
    ],
    [
      'deno.lock',
      (url) =>
        `{"version":"5","specifiers":{"npm:subject@1.0.0":"1.0.0"},"npm":{"subject@1.0.0":{"integrity":"","tarball":${JSON.stringify(url)}}}}`,
    ],
    [
      'vlt-lock.json',
      (url) =>
        `{"lockfileVersion":1,"nodes":{"~npm~subject@1.0.0":[0,"subject",null,${JSON.stringify(url)}]},"edges":{}}`,
    ],
  ];
  for (const [path, text] of formats) {
    test(`nor do they in ${path}`, async () => {
      for (const [why, url] of some(elsewhere(), 5)) {
        const asked = await visit({ path, lockfile: text(url) }).catch((thrown: unknown) => thrown);
        // Some are no URL that the format can hold: its reader says so before anybody is asked.
        if (asked instanceof Error) {
          assert.match(
            'code' in asked ? String(asked.code) : asked.message,
            /^ERR_LOCKFILE_/,
            `${why}: ${asked.stack}`,
          );
          continue;
        }
        const { verdict, hosts } = asked as Awaited<ReturnType<typeof visit>>;
        assert.ok(
          hosts.every((host) => host === own()),
          `${why}: ${url} ${hosts.join(' ')}`,
        );
        assert.notEqual(verdict, 'good', `${why}: ${url}`);
      }
    });
  }
});

describe('URLs of a registry', () => {
  test('in the document of a version lead nowhere else', async () => {
    for (const [why, url] of some(elsewhere(), 5)) {
      const end = registry.fault(
        { route: 'version' },
        {
          type: 'edit',
          edit: (document) => {
            const { dist, ...rest } = document as { dist: object };
            return { ...rest, dist: { ...dist, tarball: url } };
          },
        },
      );
      const { hosts } = await visit({ lockfile: locked(() => undefined) });
      end();
      assert.deepEqual(hosts, [own()], `${why}: ${url}`);
    }
  });

  for (const route of ['version', 'attestations', 'keys', 'tarball'] as const) {
    test(`in a redirect of ${route} lead nowhere else, and none passes`, async () => {
      for (const [why, url] of some(elsewhere(), 5)) {
        if (/[^\u0020-\u007e]/.test(url)) continue; // No header can hold it.
        const end = registry.fault({ route }, { type: 'status', status: 302, headers: { location: url } });
        const { hosts, verdict } = await visit({ lockfile: locked(() => undefined) });
        end();
        assert.deepEqual(hosts, [own()], `${why}: ${url}`);
        if (route !== 'keys') assert.notEqual(verdict, 'good', `${why}: ${url}`);
      }
    });
  }
});

describe('credentials', () => {
  const seen = (): (string | undefined)[] => server.requests.map(({ headers }) => headers.authorization);

  test('of a scope are not shown for packages outside it, nor those of another prefix for the scope', async () => {
    const other = await registry.serve();
    const authorizations = new Map([
      [`//${new URL(server.url).host}`, 'Bearer of-default'],
      [`//${new URL(other.url).host}/acme`, 'Bearer of-a-prefix'],
    ]);
    const before = server.requests.length;
    const project = { name: 'project', version: '1.0.0', dependencies: { '@acme/scoped': '1.0.0' } };
    const lockfile = JSON.stringify(registry.lockfile('npm-v3', project, { registry: other.url }));
    await visit({ lockfile, authorizations, scopes: new Map([['@acme', other.url]]) });
    assert.deepEqual([...new Set(other.requests.map(({ headers }) => headers.authorization))], [undefined]);
    assert.equal(server.requests.length, before, 'the default registry is not asked for a package of the scope');
    await other.close();
  });

  test('are not shown to a mirror, which may serve tarballs', async () => {
    const mirror = await registry.serve();
    const authorizations = new Map([[`//${new URL(server.url).host}`, 'Bearer of-default']]);
    const end = registry.fault({ route: 'tarball' }, { type: 'redirect', to: mirror.url.slice(0, -1) });
    const mirrored = mirror.requests.length;
    await visit({ lockfile: locked(() => undefined), authorizations, mirrors: [mirror.url] });
    end();
    assert.ok(mirror.requests.length > mirrored, 'the mirror was asked');
    assert.ok(mirror.requests.every(({ headers }) => headers.authorization === undefined));
    assert.ok(seen().includes('Bearer of-default'), 'the registry was shown its own');
    await mirror.close();
  });

  test('are in no verdict', async () => {
    const authorizations = new Map([[`//${new URL(server.url).host}`, 'Bearer s3cret']]);
    const end = registry.fault({}, { type: 'status', status: 401 });
    const outcome = await visit({ lockfile: locked(() => undefined), authorizations });
    end();
    assert.doesNotMatch(JSON.stringify(outcome), /s3cret/);
  });
});
