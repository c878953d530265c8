// `lockseal approve` against a certificate authority that means ill: what the command line makes of it, what is left on
// disk, and who has heard the identity token.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test, type TestContext } from 'node:test';
import { createSigstore } from '@lockseal/testkit';
import { openWorkshop, REPOSITORY, type Workshop } from '../approval/support/workshop.ts';
import { runCli, type CliRun } from '../support/run-cli.ts';

interface Listener {
  readonly url: string;
  /** How often it was asked. */
  readonly asked: () => number;
}

async function listen(
  t: TestContext,
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<Listener> {
  let asked = 0;
  const server = http.createServer((request, response) => {
    asked += 1;
    request.resume().on('end', () => answer(response, request));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

describe('approving with an identity', () => {
  let workshop: Workshop;
  let token: string;

  before(async () => {
    workshop = await openWorkshop(['ana'], (box) => box.publish({ name: 'ms', version: '2.1.3' }));
    await workshop.box.writeProject(
      workshop.directory,
      { name: 'shop', dependencies: { ms: '2.1.3' } },
      {
        registry: workshop.registry.url,
      },
    );
    const server = await (await createSigstore()).serve();
    token = server.emailToken('ana@example.com');
    await server.close();
    await workshop.write('token', token);
  });
  after(() => workshop.close());

  async function approve(
    authority: string,
    signal?: AbortSignal,
    env: Readonly<Record<string, string>> = {},
  ): Promise<CliRun> {
    const service = {
      url: authority,
      majorApiVersion: 1,
      validFor: { start: '2021-01-01T00:00:00Z' },
      operator: 'test',
    };
    const mediaType = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';
    await workshop.write('signing.json', JSON.stringify({ mediaType, caUrls: [service] }));
    const args = ['approve', '--yes', '--no-cache', '--trusted-root=root.json', `--repository=${REPOSITORY}`];
    const keyless = ['--keyless', '--identity-token=token', '--signing-config=signing.json'];
    return runCli([...args, ...keyless], { cwd: workshop.directory, env, ...(signal !== undefined && { signal }) });
  }

  function assertNothingSigned({ exitCode, stdout, stderr }: CliRun, code: string): void {
    assert.notEqual(exitCode, 0);
    assert.match(stderr, new RegExp(code));
    assert.ok(!`${stdout}${stderr}`.includes(token.slice(0, 20)), 'the token is shown to nobody');
    assert.equal(fs.existsSync(workshop.approvals), false);
  }

  test('that redirects: refused by its URL, and the token reaches nobody else', async (t) => {
    const elsewhere = await listen(t, (response) => response.end('{}'));
    const authority = await listen(t, (response) => response.writeHead(307, { location: elsewhere.url }).end());
    const run = await approve(authority.url);
    assertNothingSigned(run, 'ERR_SIGNING');
    assert.ok(run.stderr.includes(`${authority.url}/api/v2/signingCert gave no certificate`), run.stderr);
    assert.deepEqual([authority.asked(), elsewhere.asked()], [1, 0]);
  });

  test('that never answers: an interrupt ends it', async (t) => {
    const interrupt = new AbortController();
    const authority = await listen(t, () => interrupt.abort());
    assertNothingSigned(await approve(authority.url, interrupt.signal), 'ERR_INTERRUPTED');
    assert.equal(authority.asked(), 1);
  });

  test('is asked through the proxy of the environment', async (t) => {
    const proxy = await listen(t, (response) => response.writeHead(403).end('not from here'));
    const authority = await listen(t, (response) => response.end('{}'));
    const run = await approve(authority.url, undefined, {
      HTTP_PROXY: proxy.url,
      NO_PROXY: new URL(workshop.registry.url).host,
    });
    assertNothingSigned(run, 'status 403: not from here');
    assert.deepEqual([proxy.asked() > 0, authority.asked()], [true, 0]);
  });
});
