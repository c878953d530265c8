import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocksealError } from '@lockseal/core';
import type { NetworkSettings, RegistryConfig } from '../config/config.ts';
import type { Credentials } from '../config/credentials.ts';
import { Agents } from './agents.ts';
import { boundedBody, discard } from './body.ts';
import { AttemptFailure, failure, fromNodeError, fromStatus } from './failure.ts';
import { maxAgeOf } from './freshness.ts';
import { Limiter } from './limiter.ts';
import type { HttpAnswer, HttpOptions, HttpRequest } from './types.ts';

const MAX_REDIRECTS = 5;
const DEFAULT_IDLE_MS = 30_000;
const DEFAULT_MAX_RETRY_AFTER_MS = 60_000;

/**
 * GET requests to configured hosts only. Credentials go to the URL prefix that they are filed under, and to no other
 * origin after a redirect; every hop of a redirect is held to the configured hosts. Answers are bounded in size and
 * time; passing faults (reset, 408, 429, 5xx) are tried again after a growing, jittered wait or the server's own.
 */
export class HttpClient {
  readonly #config: RegistryConfig;
  readonly #options: HttpOptions;
  readonly #agents: Agents;
  readonly #limiter: Limiter;
  /** Origins to which no connection could be made, not even by trying again; what follows is tried once. */
  readonly #unreachable = new Set<string>();

  constructor(options: HttpOptions) {
    this.#config = options.config;
    this.#options = options;
    this.#agents = new Agents(options.config);
    this.#limiter = new Limiter(options.config.network.concurrency);
  }

  /** @throws LocksealError with a network code; or whatever `request.read` throws */
  async get<T>(request: HttpRequest<T>): Promise<HttpAnswer<T>> {
    if (this.#options.offline) throw failure('ERR_OFFLINE', 'Not fetched, because of --offline', request.url);
    return this.#limiter.run(() => this.#withRetries(request));
  }

  /** Closes idle connections. */
  close(): void {
    this.#agents.close();
  }

  async #withRetries<T>(request: HttpRequest<T>): Promise<HttpAnswer<T>> {
    const { network } = this.#config;
    const deadline = AbortSignal.timeout(network.timeoutMs);
    const signals = this.#options.signal === undefined ? [deadline] : [deadline, this.#options.signal];
    const signal = AbortSignal.any(signals);
    for (let attempt = 0; ; attempt++) {
      try {
        signal.throwIfAborted();
        const answer = await this.#attempt(request, signal);
        this.#unreachable.delete(originOf(request.url));
        return answer;
      } catch (error) {
        if (deadline.aborted)
          throw failure('ERR_TIMEOUT', `No complete answer in ${network.timeoutMs} ms`, request.url);
        if (signal.aborted) throw failure('ERR_INTERRUPTED', 'Interrupted', request.url);
        const failed = fromNodeError(error, request.url);
        const wait = this.#waitBefore(attempt + 1, failed, request.url);
        if (wait === undefined) throw failed.error;
        await sleep(wait, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Milliseconds until the next attempt; undefined: none will be made. */
  #waitBefore(attempt: number, failed: AttemptFailure, url: string): number | undefined {
    const { network } = this.#config;
    const isUnreachable = failed.error.code === 'ERR_NETWORK' && this.#unreachable.has(originOf(url));
    if (!failed.isTransient || attempt > network.retries || isUnreachable) {
      if (failed.error.code === 'ERR_NETWORK') this.#unreachable.add(originOf(url));
      return undefined;
    }
    const longest = this.#options.maxRetryAfterMs ?? DEFAULT_MAX_RETRY_AFTER_MS;
    if (failed.retryAfterMs !== undefined) return failed.retryAfterMs > longest ? undefined : failed.retryAfterMs;
    return backoff(attempt, network, this.#options.random ?? Math.random);
  }

  /** One request with its redirects. */
  async #attempt<T>(request: HttpRequest<T>, signal: AbortSignal): Promise<HttpAnswer<T>> {
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

/** Exponential, with full jitter in its upper half. */
function backoff(attempt: number, network: NetworkSettings, random: () => number): number {
  const wait = Math.min(network.retryMaxMs, network.retryMinMs * network.retryFactor ** (attempt - 1));
  return wait / 2 + (wait / 2) * random();
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? url;
}
