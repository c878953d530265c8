// A real OpenID provider on loopback where one person signs in at once, and a browser that follows redirects.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export interface OpenIdServer {
  readonly issuer: string;
  close(): Promise<void>;
}

export async function openIdServer(email: string, clientId = 'sigstore'): Promise<OpenIdServer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://localhost/auth/callback'],
        grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, deviceFlow: { enabled: true } },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: id, email_verified: true }),
    }),
    cookies: { keys: ['a test'] },
  });
  const callback = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const answer =
      request.url?.startsWith('/interaction/') === true ? signIn(provider, request, response, email) : undefined;
    if (answer === undefined) void callback(request, response);
    else answer.catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  return {
    issuer,
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  };
}

/** Signs the person in and consents, whatever is asked. */
async function signIn(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  email: string,
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: email } });
  }
  const grant = new provider.Grant({ accountId: session?.accountId ?? email, clientId: String(params['client_id']) });
  grant.addOIDCScope('openid email');
  await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}

/** Visits an address as a browser does: follows redirects, keeps cookies, submits the forms that the provider shows. */
export async function visit(address: string, fields: Readonly<Record<string, string>> = {}): Promise<Response> {
  const cookies = new Map<string, string>();
  let request: { url: string; form?: URLSearchParams } = { url: address };
  for (let step = 0; step < 20; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const method = request.form === undefined ? {} : { method: 'POST', body: request.form };
    const response = await fetch(request.url, { ...method, headers: { cookie }, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location !== null) {
      request = { url: new URL(location, request.url).href };
      continue;
    }
    const html = await response.clone().text();
    const action = /<form[^>]*action="([^"]+)"/.exec(html)?.[1];
    if (action === undefined) return response;
    const form = new URLSearchParams();
    for (const [input] of html.matchAll(/<(?:input|button)[^>]*>/g)) {
      const name = /name="([^"]+)"/.exec(input)?.[1];
      if (name !== undefined && name !== 'abort') form.set(name, /value="([^"]*)"/.exec(input)?.[1] ?? '');
    }
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    request = { url: new URL(action.replaceAll('&amp;', '&'), request.url).href, form };
  }
  throw new Error(`too many steps at ${request.url}`);
}
