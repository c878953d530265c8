import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { LocksealError } from '@lockseal/core';
import type { RegistryConfig } from '../config/config.ts';
import type { Credentials } from '../config/credentials.ts';
import { Agents } from './agents.ts';
import { boundedBody, discard } from './body.ts';
import { AttemptFailure, failure, fromNodeError, fromStatus } from './failure.ts';
import { maxAgeOf } from './freshness.ts';
import type { HttpAnswer, HttpOptions, HttpRequest } from './types.ts';

const MAX_REDIRECTS = 5;
const DEFAULT_IDLE_MS = 30_000;

/** Connections, and what goes over them. A module of its own because Node's HTTP is not free: most runs ask nobody. */
export class Transport {
  readonly #config: RegistryConfig;
  readonly #options: HttpOptions;
  readonly #agents: Agents;

  constructor(options: HttpOptions) {
    this.#config = options.config;
    this.#options = options;
    this.#agents = new Agents(options.config);
  }

  /** Closes idle connections. */
  close(): void {
    this.#agents.close();
  }

  /** One request with its redirects. @throws LocksealError, or what a socket throws */
  async attempt<T>(request: HttpRequest<T>, signal: AbortSignal): Promise<HttpAnswer<T>> {
    const first = this.#allowed(request.url, request.url);
    let url = first;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      // A redirect must not lend out credentials of a host that the first URL did not name.
      const credentials = url.origin === first.origin ? this.#config.credentialsFor(url.href) : undefined;
      const response = await this.#send(url, request, credentials, signal);
      const location = redirectOf(response);
      if (location === undefined) return await this.#answer(response, request);
      await discard(response);
      url = this.#allowed(URL.parse(location, url.href)?.href ?? location, request.url);
    }
    throw failure('ERR_HTTP', `More than ${MAX_REDIRECTS} redirects`, request.url);
  }

  #allowed(text: string, asked: string): URL {
    const url = URL.parse(text);
    if (url !== null && url.username === '' && url.password === '' && this.#config.allows(url)) return url;
    const where = url === null ? 'an unreadable URL' : url.origin;
    const what =
      text === asked ? `No configuration names ${where}` : `Redirected to ${where}, which no configuration names`;
    throw failure('ERR_HOST_REFUSED', what, asked, `If ${where} belongs to your registry, name it as a mirror.`);
  }

  #send(
    url: URL,
    request: HttpRequest<unknown>,
    credentials: Credentials | undefined,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const authorization = credentials?.authorization();
    const client = (url.protocol === 'https:' ? https : http).request(url, {
      agent: this.#agents.agentFor(url, credentials?.certificate()),
      signal,
      headers: {
        accept: request.accept ?? '*/*',
        'accept-encoding': request.accept === undefined ? 'identity' : 'gzip',
        'user-agent': this.#options.userAgent ?? 'lockseal',
        ...(authorization !== undefined && { authorization }),
        ...(request.etag !== undefined && { 'if-none-match': request.etag }),
      },
    });
    const idleMs = this.#options.idleMs ?? DEFAULT_IDLE_MS;
    let answer: IncomingMessage | undefined;
    client.setTimeout(idleMs, () => {
      const error = failure('ERR_TIMEOUT', `No byte came for ${idleMs} ms`, request.url);
      (answer ?? client).destroy(new AttemptFailure(error, true));
    });
    client.on('response', (response) => {
      answer = response;
      resolve(response);
    });
    client.on('error', reject);
    client.end();
    return promise;
  }

  async #answer<T>(response: IncomingMessage, request: HttpRequest<T>): Promise<HttpAnswer<T>> {
    const status = response.statusCode ?? 0;
    const maxAgeMs = maxAgeOf(response.headers);
    if (status === 200) {
      const value = await this.#read(response, request);
      return { status: 'ok', value, etag: response.headers.etag, maxAgeMs };
    }
    await discard(response);
    if (status === 304 && request.etag !== undefined) return { status: 'not-modified', maxAgeMs };
    if (status === 404 || status === 405 || status === 410) return { status: 'absent', httpStatus: status, maxAgeMs };
    throw fromStatus(status, request.url, response.headers['retry-after']);
  }

  async #read<T>(response: IncomingMessage, request: HttpRequest<T>): Promise<T> {
    const faults: unknown[] = [];
    try {
      return await request.read(watched(boundedBody(response, request.maxBytes, request.url), faults));
    } catch (error) {
      // What the connection failed with outranks what the reader made of a body that was cut short.
      throw faults.length > 0 ? fromNodeError(faults[0], request.url) : asOwn(error);
    } finally {
      response.destroy();
    }
  }
}

async function* watched(body: AsyncIterable<Uint8Array>, faults: unknown[]): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    faults.push(error);
    throw error;
  }
}

function asOwn(error: unknown): AttemptFailure {
  const own =
    error instanceof LocksealError ? error : new LocksealError('ERR_INTERNAL', String(error), { cause: error });
  return new AttemptFailure(own, false);
}

function redirectOf(response: IncomingMessage): string | undefined {
  const isRedirect = [301, 302, 303, 307, 308].includes(response.statusCode ?? 0);
  return isRedirect ? response.headers.location : undefined;
}
