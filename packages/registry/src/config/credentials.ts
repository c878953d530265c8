import { inspect } from 'node:util';

/** What one configuration layer says for one registry URL prefix. */
export interface CredentialParts {
  /** Value of the authorization header: `Bearer …` or `Basic …`. */
  readonly authorization?: string | undefined;
  /** PEM files for mutual TLS. */
  readonly certfile?: string | undefined;
  readonly keyfile?: string | undefined;
}

/** Credentials for one URL. They have no enumerable member and print as `[redacted]`, so that no log can leak them. */
export class Credentials {
  readonly #authorization: string | undefined;
  readonly #certificate: ClientCertificate | undefined;

  constructor(authorization: string | undefined, certificate: ClientCertificate | undefined) {
    this.#authorization = authorization;
    this.#certificate = certificate;
  }

  /** Value of the authorization header. */
  authorization(): string | undefined {
    return this.#authorization;
  }

  certificate(): ClientCertificate | undefined {
    return this.#certificate;
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}

/** PEM text of a client certificate and its private key. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

export function bearer(token: string): string {
  return `Bearer ${token}`;
}

/** From `user:password` in plain text. */
export function basic(userAndPassword: string): string {
  return `Basic ${Buffer.from(userAndPassword, 'utf8').toString('base64')}`;
}

/**
 * The key under which credentials for a URL are filed: `//host[:port]/path`, without a trailing slash.
 * npm calls it the "nerf dart"; `//host/path/:_authToken` and `//host/path:_authToken` mean the same.
 */
export function credentialKey(url: string): string | undefined {
  const parsed = URL.parse(url.startsWith('//') ? `https:${url}` : url);
  return parsed === null ? undefined : `//${parsed.host}${parsed.pathname}`.replace(/\/+$/, '');
}

/** The keys that may hold credentials for this URL, longest first: each whole-segment prefix of its path. */
export function* credentialKeysFor(url: URL): Generator<string> {
  let path = url.pathname.replace(/\/+$/, '');
  while (true) {
    yield `//${url.host}${path}`;
    if (path === '') return;
    path = path.slice(0, path.lastIndexOf('/'));
  }
}
