// `lockseal gate` through the command line: an approval, a gate, and clients over real HTTP.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test, type TestContext } from 'node:test';
import { main } from 'lockseal';
import { openWorkshop, type Workshop } from './approval/support/workshop.ts';

interface Opened {
  readonly event: string;
  readonly url: string;
  readonly proxyUrl: string;
  readonly caFile: string;
  readonly endsAt: string;
  readonly basis: string;
  readonly artifacts: number;
  readonly refusedEntries: readonly { readonly entry: string; readonly reason: string }[];
}

interface Closed {
  readonly event: string;
  readonly served: { readonly tarballs: number; readonly fromStore: number };
  readonly refusals: readonly { readonly code: string; readonly subject: string; readonly path?: readonly string[] }[];
}

interface Running {
  readonly opened: Opened;
  readonly stderr: () => string;
  /** Ends it as an interrupt does. */
  end(): Promise<{ readonly exitCode: number; readonly closed: Closed; readonly stdout: string }>;
}

let workshop: Workshop;

before(async () => {
  workshop = await openWorkshop(['ana'], (box) => {
    box.publish({ name: 'ms', version: '2.0.0' });
    box.publish({ name: 'debug', version: '2.6.9', dependencies: { ms: '2.0.0' } });
    box.publish({ name: 'ms', version: '9.9.9' });
  });
  const project = { name: 'shop', version: '1.0.0', dependencies: { debug: '2.6.9' } };
  await workshop.box.writeProject(workshop.directory, project, { registry: workshop.registry.url });
  assert.equal((await workshop.approve('ana')).exitCode, 0);
});

after(() => workshop.close());

/** Runs the command until it has said that the gate is open. */
async function run(t: TestContext, ...args: readonly string[]): Promise<Running> {
  const interrupt = new AbortController();
  const opening = Promise.withResolvers<Opened>();
  let stdout = '';
  let stderr = '';
  const exit = main(['gate', '--json', '--trusted-root=root.json', ...args], {
    cwd: workshop.directory,
    env: { LOCKSEAL_CACHE_DIR: path.join(workshop.directory, 'cache') },
    home: workshop.directory,
    stdout: {
      write: (text: string) => {
        stdout += text;
        opening.resolve(JSON.parse(text));
      },
    },
    stderr: { write: (text: string) => void (stderr += text) },
    now: () => Date.now(),
    signal: interrupt.signal,
  });
  void exit.then((code) => opening.reject(new Error(`ended with ${code}: ${stdout}${stderr}`)));
  t.after(() => interrupt.abort());
  return {
    opened: await opening.promise,
    stderr: () => stderr,
    end: async () => {
      interrupt.abort();
      const exitCode = await exit;
      return { exitCode, closed: JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''), stdout };
    },
  };
}

describe('lockseal gate', () => {
  test('hands out what was approved, and ends well', async (t) => {
    const gate = await run(t);
    assert.equal(gate.opened.basis, 'approved');
    assert.deepEqual([gate.opened.artifacts, gate.opened.refusedEntries], [2, []]);
    assert.match(await readFile(gate.opened.caFile, 'utf8'), /^-----BEGIN CERTIFICATE-----/);
    const packument = (await (await fetch(`${gate.opened.url}ms`)).json()) as { versions: object };
    assert.deepEqual(Object.keys(packument.versions), ['2.0.0']);
    const tarball = await fetch(`${gate.opened.url}ms/-/ms-2.0.0.tgz`);
    assert.deepEqual(Buffer.from(await tarball.arrayBuffer()), workshop.box.find('ms', '2.0.0')?.tarball);
    const { exitCode, closed } = await gate.end();
    assert.deepEqual([exitCode, closed.served.tarballs, closed.refusals], [0, 1, []]);
    assert.equal(existsSync(gate.opened.caFile), false);
    await assert.rejects(fetch(gate.opened.url));
  });

  test('refuses everything else, says so at once, and ends badly', async (t) => {
    const gate = await run(t);
    assert.equal((await fetch(`${gate.opened.url}ms/9.9.9`)).status, 404);
    assert.match(
      gate.stderr(),
      /^error {2}gate-refused {2}ms@9\.9\.9 \(\. > debug@2\.6\.9 > ms@2\.0\.0\): ms@9\.9\.9 is not approved; the lockfile has 2\.0\.0\n$/m,
    );
    const { exitCode, closed } = await gate.end();
    assert.equal(exitCode, 1);
    assert.deepEqual(
      closed.refusals.map(({ code, subject }) => [code, subject]),
      [['gate-refused', 'ms@9.9.9']],
    );
  });

  test('ends with a finding where the registry serves other bytes, and says who depends on them', async (t) => {
    const restore = workshop.box.fault({ route: 'tarball', name: 'ms' }, { type: 'other-bytes' });
    t.after(restore);
    const gate = await run(t, '--no-cache');
    assert.equal((await fetch(`${gate.opened.url}ms/-/ms-2.0.0.tgz`)).status, 403);
    assert.match(gate.stderr(), /tarball-mismatch {2}ms@2\.0\.0 \(\. > debug@2\.6\.9 > ms@2\.0\.0\)/);
    const { exitCode, closed } = await gate.end();
    assert.equal(exitCode, 1);
    assert.deepEqual(closed.refusals[0]?.path, ['.', 'debug@2.6.9', 'ms@2.0.0']);
  });

  test('leaves the question open where the registry cannot be asked', async (t) => {
    const restore = workshop.box.fault({ route: 'tarball', name: 'ms' }, { type: 'status', status: 403 });
    t.after(restore);
    const gate = await run(t, '--no-cache');
    assert.equal((await fetch(`${gate.opened.url}ms/-/ms-2.0.0.tgz`)).status, 424);
    const { exitCode, closed } = await gate.end();
    assert.deepEqual([exitCode, closed.refusals[0]?.code], [3, 'ERR_AUTH']);
  });

  test('ends by itself', async (t) => {
    const gate = await run(t, '--lifetime=1s');
    while (existsSync(gate.opened.caFile)) await new Promise((resolve) => setTimeout(resolve, 50));
    await assert.rejects(fetch(gate.opened.url));
    assert.equal((await gate.end()).exitCode, 0);
  });

  test('writes its certificate where it is told to, and removes it', async (t) => {
    const gate = await run(t, '--ca-file=authority.pem');
    const file = path.join(workshop.directory, 'authority.pem');
    assert.equal(gate.opened.caFile, file);
    assert.ok(existsSync(file));
    await gate.end();
    assert.equal(existsSync(file), false);
  });

  test('without a cache leaves nothing behind', async (t) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'lockseal-test-'));
    const own = process.env['TMPDIR'];
    t.after(async () => {
      if (own === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = own;
      await rm(folder, { recursive: true });
    });
    process.env['TMPDIR'] = folder;
    const gate = await run(t, '--no-cache');
    await (await fetch(`${gate.opened.url}ms/-/ms-2.0.0.tgz`)).arrayBuffer();
    assert.equal(readdirSync(folder).length, 2);
    await gate.end();
    assert.deepEqual(readdirSync(folder), []);
  });

  test('with --verified-only needs no approval, and says so', async (t) => {
    const gate = await run(t, '--verified-only');
    assert.equal(gate.opened.basis, 'verified');
    assert.equal((await fetch(`${gate.opened.url}ms/-/ms-2.0.0.tgz`)).status, 200);
    assert.equal((await gate.end()).exitCode, 0);
  });

  test("listens at IPv6's wildcard, and is reached by either family, with and without its token", async (t) => {
    if (!Object.values(os.networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))) {
      return assert.rejects(run(t, '--allow-bind=::'), /ERR_GATE/);
    }
    const gate = await run(t, '--allow-bind=::');
    const { port, pathname } = new URL(gate.opened.url);
    assert.equal(new URL(gate.opened.url).hostname, '[::]');
    assert.match(gate.opened.proxyUrl, new RegExp(`^http://lockseal:[^@]+@\\[::\\]:${port}/?$`));
    for (const host of [`[::1]:${port}`, `127.0.0.1:${port}`]) {
      assert.equal((await fetch(`http://${host}/`)).status, 404);
      const packument = (await (await fetch(`http://${host}${pathname}ms`)).json()) as {
        versions: Record<string, { dist: { tarball: string } }>;
      };
      // The address by which this client came: it may know no other.
      const tarball = packument.versions['2.0.0']?.dist.tarball ?? '';
      assert.equal(tarball, `http://${host}${pathname}ms/-/ms-2.0.0.tgz`);
      assert.equal((await fetch(tarball)).status, 200);
    }
    const { exitCode, closed } = await gate.end();
    assert.deepEqual([exitCode, closed.served.tarballs], [0, 2]);
  });

  test('keeps the token of the registry to itself', async (t) => {
    const gate = await run(t);
    await fetch(`${gate.opened.url}left-pad`);
    const { stdout } = await gate.end();
    const token = new URL(gate.opened.url).pathname.slice(1, -1);
    assert.equal(stdout.split('\n').slice(1).join('').includes(token), false);
    assert.equal(gate.stderr().includes(token), false);
  });
});

test('lockseal gate tells people where it is, until when, and at what it listens', async () => {
  const interrupt = new AbortController();
  let stdout = '';
  const exitCode = await main(
    ['gate', '--trusted-root=root.json', '--allow-bind=0.0.0.0', '--lifetime=PT1H', '--no-cache'],
    {
      cwd: workshop.directory,
      env: {},
      home: workshop.directory,
      stdout: {
        write: (text: string) => {
          stdout += text;
          interrupt.abort();
        },
      },
      stderr: { write: () => true },
      now: () => Date.now(),
      signal: interrupt.signal,
    },
  );
  assert.equal(exitCode, 0);
  const shown = stdout
    .replace(/until {6}\S+/, 'until      TIME')
    // Before the ports: a token may begin with digits.
    .replaceAll(/[\w-]{43}/g, 'TOKEN')
    .replaceAll(/:\d+/g, ':PORT')
    .replace(/authority {2}\S+/, 'authority  FILE');
  assert.equal(
    shown,
    `gate open for package-lock.json (approved)
  registry   http://0.0.0.0:PORT/TOKEN/
  proxy      http://lockseal:TOKEN@0.0.0.0:PORT
  authority  FILE
  until      TIME
  serves     2 artifacts
  allowed    it listens at 0.0.0.0: whoever has the URL can use it
gate closed: 0 tarballs (0 from the store), 0 bytes; 0 refusals
`,
  );
});

describe('lockseal gate does not open', () => {
  test('for a lockfile that nobody approved', async (t) => {
    const text = await workshop.read('package-lock.json');
    t.after(() => workshop.write('package-lock.json', text));
    await workshop.write('package-lock.json', `${text}\n`);
    const { exitCode, stdout } = await workshop.run('gate', '--trusted-root=root.json');
    assert.equal(exitCode, 1);
    assert.match(stdout, /^not approved {2}package-lock\.json\n {2}error {2}approval-other-lockfile/);
  });

  test('with --verified-only where the policy objects', async (t) => {
    const restore = workshop.box.fault({ route: 'version', name: 'ms' }, { type: 'wrong-digest' });
    t.after(restore);
    const { exitCode } = await workshop.run('gate', '--trusted-root=root.json', '--verified-only', '--no-cache');
    assert.equal(exitCode, 1);
  });

  const wrong: readonly (readonly [why: string, args: readonly string[], message: RegExp])[] = [
    ['options about verifying without --verified-only', ['--tarballs'], /--tarballs is about verifying/],
    ['a base without --verified-only', ['--base=main'], /--base is about verifying/],
    [
      'options about approvals with --verified-only',
      ['--verified-only', '--baseline=x'],
      /--baseline says something of approvals/,
    ],
    ['a lifetime in no unit', ['--lifetime=30'], /--lifetime does not take "30"/],
    ['no lifetime', ['--lifetime=0s'], /--lifetime does not take "0s"/],
    ['a lifetime beyond its certificate', ['--lifetime=25h'], /--lifetime does not take "25h"/],
    ['a port that there is not', ['--port=65536'], /--port does not take "65536"/],
    ['a host name to listen at', ['--allow-bind=localhost'], /--allow-bind takes an address/],
    ['an option of enforce that is about something else', ['--artifact=x'], /Unknown argument: artifact/],
  ];
  for (const [why, args, message] of wrong) {
    test(`with ${why}`, async () => {
      const { exitCode, stderr } = await workshop.run('gate', '--trusted-root=root.json', ...args);
      assert.equal(exitCode, 2);
      assert.match(stderr, message);
    });
  }

  test('at an address that this machine does not have', async () => {
    const { exitCode, stderr } = await workshop.run('gate', '--trusted-root=root.json', '--allow-bind=192.0.2.1');
    assert.equal(exitCode, 3);
    assert.match(stderr, /ERR_GATE/);
  });
});
