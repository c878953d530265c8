import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { browserIdentityToken, deviceIdentityToken } from '../../src/index.ts';
import { openIdServer, visit, type OpenIdServer } from '../support/openid-provider.ts';

const EMAIL = 'ana@example.com';

async function serving(t: TestContext): Promise<OpenIdServer> {
  const server = await openIdServer(EMAIL);
  t.after(() => server.close());
  return server;
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

describe('signing in with a browser', () => {
  test('gives a token with a verified e-mail address, by code, PKCE, state and nonce', async (t) => {
    const { issuer } = await serving(t);
    let seen: URLSearchParams | undefined;
    const token = await browserIdentityToken({
      issuer,
      clientId: 'sigstore',
      signal: AbortSignal.timeout(10_000),
      openBrowser: (url) => {
        seen = new URL(url).searchParams;
        void visit(url);
      },
    });
    const { iss, aud, email, email_verified: verified, nonce } = claimsOf(token);
    assert.deepEqual([iss, aud, email, verified], [issuer, 'sigstore', EMAIL, true]);
    assert.equal(nonce, seen?.get('nonce'));
    assert.deepEqual([seen?.get('code_challenge_method'), seen?.get('response_type')], ['S256', 'code']);
    assert.match(seen?.get('redirect_uri') ?? '', /^http:\/\/localhost:\d+\/auth\/callback$/);
  });

  const redirected = (url: string, change: (answer: URL) => void): void => {
    const answer = new URL(new URL(url).searchParams.get('redirect_uri') ?? '');
    answer.searchParams.set('state', new URL(url).searchParams.get('state') ?? '');
    answer.searchParams.set('code', 'stolen');
    change(answer);
    void fetch(answer);
  };
  const cases: readonly (readonly [why: string, openBrowser: (url: string) => void])[] = [
    [
      'the answer has another state: somebody else began it',
      (url) => redirected(url, (answer) => answer.searchParams.set('state', 'x')),
    ],
    ['the answer has no state', (url) => redirected(url, (answer) => answer.searchParams.delete('state'))],
    [
      'the code is not of this sign-in',
      (url) => redirected(url, (answer) => answer.searchParams.set('iss', new URL(url).origin)),
    ],
    [
      'the provider answers with an error',
      (url) => redirected(url, (answer) => answer.searchParams.set('error', 'access_denied')),
    ],
  ];
  for (const [why, openBrowser] of cases) {
    test(`fails where ${why}`, async (t) => {
      const { issuer } = await serving(t);
      const signal = AbortSignal.timeout(10_000);
      await assert.rejects(browserIdentityToken({ issuer, clientId: 'sigstore', signal, openBrowser }), {
        code: 'ERR_IDENTITY',
      });
    });
  }

  test('ends when nobody signs in', async (t) => {
    const { issuer } = await serving(t);
    const options = { issuer, clientId: 'sigstore', signal: AbortSignal.timeout(300), openBrowser: () => undefined };
    await assert.rejects(browserIdentityToken(options), { code: 'ERR_IDENTITY' });
  });

  test('is not begun at a provider that anybody on the way could answer for', async () => {
    const options = {
      issuer: 'http://login.example.com',
      clientId: 'x',
      signal: AbortSignal.timeout(1000),
      openBrowser: () => undefined,
    };
    await assert.rejects(browserIdentityToken(options), { code: 'ERR_CONFIG' });
  });
});

describe('signing in on another device', () => {
  test('gives a token once the code was typed', async (t) => {
    const { issuer } = await serving(t);
    const token = await deviceIdentityToken({
      issuer,
      clientId: 'sigstore',
      signal: AbortSignal.timeout(20_000),
      showCode: (where, code) => void visit(where, { user_code: code, confirm: 'yes' }),
    });
    assert.equal(claimsOf(token)['email'], EMAIL);
  });

  test('ends when nobody types it', async (t) => {
    const { issuer } = await serving(t);
    const options = { issuer, clientId: 'sigstore', signal: AbortSignal.timeout(300), showCode: () => undefined };
    await assert.rejects(deviceIdentityToken(options), { code: 'ERR_IDENTITY' });
  });
});
