import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LocksealError } from '@lockseal/core';
import type * as openid from 'openid-client';

/** The OpenID provider of the public-good Sigstore instance. */
export const PUBLIC_GOOD_ISSUER = 'https://oauth2.sigstore.dev/auth';
export const PUBLIC_GOOD_CLIENT = 'sigstore';

const SCOPE = 'openid email';
const CALLBACK_PATH = '/auth/callback';

export interface SignInOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** Ends the wait: the person went away, or the run was interrupted. */
  readonly signal: AbortSignal;
}

export interface BrowserOptions extends SignInOptions {
  /** Shows the address to the person, and opens it where that can be done. */
  readonly openBrowser: (url: string) => void | Promise<void>;
}

export interface DeviceOptions extends SignInOptions {
  /** Tells the person where to type which code, on any device. */
  readonly showCode: (where: string, code: string) => void;
}

type Library = typeof openid;

/**
 * A person's identity token by the authorisation-code flow: PKCE, state and nonce, with a redirect to a port of this
 * machine that is open for this one answer (RFC 8252, RFC 7636).
 * @throws LocksealError ERR_IDENTITY
 */
export async function browserIdentityToken(options: BrowserOptions): Promise<string> {
  const { library, config } = await discover(options);
  const codeVerifier = library.randomPKCECodeVerifier();
  const state = library.randomState();
  const nonce = library.randomNonce();
  const answer = await listenForAnswer(options.signal);
  try {
    const url = library.buildAuthorizationUrl(config, {
      redirect_uri: answer.redirectUri,
      scope: SCOPE,
      code_challenge: await library.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    await options.openBrowser(url.href);
    const checks = {
      pkceCodeVerifier: codeVerifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    };
    const tokens = await library.authorizationCodeGrant(config, await answer.received, checks);
    return requireIdToken(tokens.id_token);
  } catch (thrown) {
    throw failed(thrown);
  } finally {
    await answer.close();
  }
}

/**
 * A person's identity token by the device flow, for machines without a browser (RFC 8628).
 * @throws LocksealError ERR_IDENTITY
 */
export async function deviceIdentityToken(options: DeviceOptions): Promise<string> {
  const { library, config } = await discover(options);
  try {
    const device = await library.initiateDeviceAuthorization(config, { scope: SCOPE });
    options.showCode(device.verification_uri_complete ?? device.verification_uri, device.user_code);
    const tokens = await library.pollDeviceAuthorizationGrant(config, device, {}, { signal: options.signal });
    return requireIdToken(tokens.id_token);
  } catch (thrown) {
    throw failed(thrown);
  }
}

async function discover({
  issuer,
  clientId,
}: SignInOptions): Promise<{ library: Library; config: openid.Configuration }> {
  const library = await import('openid-client');
  const url = parseIssuer(issuer);
  // A provider on this very machine may speak plain HTTP: there is no network between.
  const execute = [library.enableNonRepudiationChecks, ...(isLoopback(url) ? [library.allowInsecureRequests] : [])];
  const config = await library
    .discovery(url, clientId, undefined, library.None(), { execute })
    .catch((thrown: unknown) => {
      throw failed(thrown);
    });
  return { library, config };
}

function parseIssuer(issuer: string): URL {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (url !== undefined && (url.protocol === 'https:' || isLoopback(url))) return url;
  throw new LocksealError('ERR_CONFIG', 'The OpenID issuer is no https URL.', { expected: 'https://…', found: issuer });
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
}

interface Answer {
  readonly redirectUri: string;
  /** The address to which the provider sent the browser. */
  readonly received: Promise<URL>;
  close(): Promise<void>;
}

async function listenForAnswer(signal: AbortSignal): Promise<Answer> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, 'localhost', resolve);
  });
  const redirectUri = `http://localhost:${(server.address() as AddressInfo).port}${CALLBACK_PATH}`;
  const received = waitForAnswer(server, redirectUri, signal);
  // Whoever waits for it hears of it; nobody may be waiting yet.
  received.catch(() => undefined);
  return {
    redirectUri,
    received,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function waitForAnswer(server: Server, redirectUri: string, signal: AbortSignal): Promise<URL> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Error('nobody signed in'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const url = new URL(request.url ?? '/', redirectUri);
      const isAnswer = request.method === 'GET' && url.pathname === CALLBACK_PATH;
      response.writeHead(isAnswer ? 200 : 404, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
      response.end(isAnswer ? 'Signed in. You can close this window and go back to the terminal.\n' : 'Not found.\n');
      if (isAnswer) resolve(url);
    });
  });
}

function requireIdToken(token: string | undefined): string {
  if (token !== undefined) return token;
  throw new LocksealError('ERR_IDENTITY', 'The OpenID provider gave no identity token.');
}

function failed(thrown: unknown): LocksealError {
  if (thrown instanceof LocksealError) return thrown;
  const found = thrown instanceof Error ? thrown.message : String(thrown);
  return new LocksealError('ERR_IDENTITY', 'Signing in did not give an identity token.', {
    found,
    hint: 'Run it again and finish signing in, or give --identity-token.',
    cause: thrown,
  });
}
