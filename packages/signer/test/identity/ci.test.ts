import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { LocksealError } from '@lockseal/core';
import { checkToken, ciIdentityToken } from '../../src/index.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const CLAIMS = { iss: 'https://issuer.example', sub: 'me', aud: 'sigstore', exp: NOW.getTime() / 1000 + 600 };

function tokenOf(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.c2ln`;
}

describe('a token is looked at before it is sent', () => {
  test('and one that fits names its subject, or the e-mail address', () => {
    assert.deepEqual(checkToken(tokenOf(CLAIMS), 'a test', NOW), { issuer: CLAIMS.iss, subject: 'me' });
    const mail = { ...CLAIMS, aud: ['x', 'sigstore'], email: 'a@b', email_verified: true };
    assert.equal(checkToken(tokenOf(mail), 'a test', NOW).subject, 'a@b');
  });

  const cases: readonly (readonly [why: string, token: string, expected: RegExp])[] = [
    ['nothing', '', /no identity token/],
    ['two parts', 'a.b', /no identity token/],
    ['claims that are no JSON', 'a.b.c', /no identity token/],
    ['no subject', tokenOf({ ...CLAIMS, sub: undefined }), /no identity token/],
    ['another audience', tokenOf({ ...CLAIMS, aud: 'https://github.com/acme' }), /another audience/],
    ['an audience that merely contains ours', tokenOf({ ...CLAIMS, aud: 'sigstore.evil' }), /another audience/],
    ['no audience', tokenOf({ ...CLAIMS, aud: undefined }), /another audience/],
    ['expired', tokenOf({ ...CLAIMS, exp: NOW.getTime() / 1000 }), /expired/],
    ['an address that nobody verified', tokenOf({ ...CLAIMS, email: 'a@b' }), /not verified/],
  ];
  for (const [why, token, expected] of cases) {
    test(`refused: ${why}, and the message does not hold it`, () => {
      assert.throws(
        () => checkToken(token, 'a test', NOW),
        (thrown: unknown) => {
          assert.ok(thrown instanceof LocksealError && thrown.code === 'ERR_IDENTITY');
          assert.match(thrown.message, expected);
          assert.ok(token === '' || !`${thrown.message}${JSON.stringify(thrown.details)}`.includes(token));
          return true;
        },
      );
    });
  }
});

async function serving(
  t: TestContext,
  status: number,
  body: string,
): Promise<{ host: string; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** A directory for PATH with one program that prints its arguments. */
async function program(t: TestContext, name: string): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'lockseal-'));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(path.join(directory, name), '#!/bin/sh\nprintf "%s " "$@"\n');
  await chmod(path.join(directory, name), 0o755);
  return `${directory}:/usr/bin:/bin`;
}

describe('the token of a machine', () => {
  test('is none where no source is there', async () => {
    assert.equal(await ciIdentityToken({ SIGSTORE_ID_TOKEN: '', HOME: '/' }), undefined);
  });

  test('is the one that was set on purpose (GitLab CI, others), whatever else is there', async () => {
    const env = { SIGSTORE_ID_TOKEN: 'a.b.c\n', CIRCLECI: 'true', BUILDKITE: 'true' };
    assert.deepEqual(await ciIdentityToken(env), { token: 'a.b.c', where: 'SIGSTORE_ID_TOKEN' });
  });

  test('is asked of GitHub Actions for our audience', async (t) => {
    const { host, seen } = await serving(t, 200, '{"value":"a.b.c"}');
    const env = {
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://${host}/token?api-version=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret',
    };
    assert.deepEqual(await ciIdentityToken(env), { token: 'a.b.c', where: 'GitHub Actions' });
    assert.deepEqual(
      [seen[0]?.url, seen[0]?.headers.authorization],
      ['/token?api-version=2&audience=sigstore', 'Bearer secret'],
    );
  });

  test('is asked of the metadata server of Google Cloud', async (t) => {
    const { host, seen } = await serving(t, 200, 'a.b.c');
    assert.deepEqual(await ciIdentityToken({ GCE_METADATA_HOST: host }), { token: 'a.b.c', where: 'Google Cloud' });
    assert.match(seen[0]?.url ?? '', /\/default\/identity\?audience=sigstore&format=full$/);
    assert.equal(seen[0]?.headers['metadata-flavor'], 'Google');
  });

  test('is asked of the CircleCI and Buildkite agents', async (t) => {
    const circle = await ciIdentityToken({ CIRCLECI: 'true', PATH: await program(t, 'circleci') });
    assert.equal(circle?.token, 'run oidc get --claims {"aud":"sigstore"}');
    const buildkite = await ciIdentityToken({ BUILDKITE: 'true', PATH: await program(t, 'buildkite-agent') });
    assert.equal(buildkite?.token, 'oidc request-token --audience sigstore');
  });

  const failures: readonly (readonly [why: string, status: number, body: string])[] = [
    ['refuses', 403, 'no'],
    ['answers with something else', 200, '[]'],
    ['answers with no JSON', 200, 'a.b.c'],
    ['answers without end', 200, 'x'.repeat(100_000)],
  ];
  for (const [why, status, body] of failures) {
    test(`is an error where GitHub ${why}: no other source takes its place`, async (t) => {
      const { host } = await serving(t, status, body);
      const env = {
        ACTIONS_ID_TOKEN_REQUEST_URL: `http://${host}/`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 's',
        BUILDKITE: 'true',
      };
      await assert.rejects(ciIdentityToken(env), { code: 'ERR_IDENTITY' });
    });
  }
});
